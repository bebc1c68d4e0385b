import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const providerVersion = '5.100.0';
const layout = 'registry.terraform.io';

/** The version of the `terraform` on PATH, or undefined. */
export function terraformVersion() {
  try {
    return JSON.parse(
      execFileSync('terraform', ['version', '-json'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    ).terraform_version;
  } catch {
    return undefined;
  }
}

/** The first folder of the usual ones that holds the provider unpacked or zipped, as `terraform providers mirror` lays it out. */
export function providerMirror(env = process.env) {
  const candidates = [
    env.TF_PLUGIN_MIRROR,
    '/usr/share/terraform/plugins',
    '/usr/local/share/terraform/plugins',
    join(homedir(), '.terraform.d/plugins'),
    ...below('/opt'),
  ];
  return candidates.find((folder) => folder && holdsProvider(folder));
}

function below(folder) {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

function holdsProvider(folder) {
  const provider = join(folder, layout, 'hashicorp/aws');
  return (
    existsSync(join(provider, providerVersion)) ||
    below(provider).some((file) => file.includes(`_${providerVersion}_`) && file.endsWith('.zip'))
  );
}

/**
 * Settings for Terraform that depend on nothing else on the machine: a configuration of the user's own stays, when the file is there;
 * else the mirror, when there is one; else the public registry with a cache.
 */
export function terraformEnvironment(cacheFolder, env = process.env) {
  const settings = { CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };
  if (env.TF_CLI_CONFIG_FILE && existsSync(env.TF_CLI_CONFIG_FILE)) {
    return { settings, source: `as ${env.TF_CLI_CONFIG_FILE} says` };
  }
  const mirror = providerMirror(env);
  const file = join(cacheFolder, 'terraform.rc');
  writeFileSync(
    file,
    mirror
      ? `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`
      : `plugin_cache_dir = ${JSON.stringify(cacheFolder)}\n`,
  );
  return {
    settings: { ...settings, TF_CLI_CONFIG_FILE: file },
    source: mirror ? `from ${mirror}` : 'from the public registry',
  };
}
