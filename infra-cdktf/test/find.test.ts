import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { providerMirror, providerVersion, terraformEnvironment } from '../terraform/find.mjs';

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'sluice-find-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
};
const provider = 'registry.terraform.io/hashicorp/aws';

describe('the search for the provider', () => {
  it('takes a mirror that is named and holds the version', () => {
    const mirror = folder();
    mkdirSync(join(mirror, provider, providerVersion, 'linux_amd64'), { recursive: true });
    expect(providerMirror({ TF_PLUGIN_MIRROR: mirror })).toBe(mirror);
  });

  it('takes a packed mirror too', () => {
    const mirror = folder();
    mkdirSync(join(mirror, provider), { recursive: true });
    writeFileSync(join(mirror, provider, `terraform-provider-aws_${providerVersion}_linux_amd64.zip`), '');
    expect(providerMirror({ TF_PLUGIN_MIRROR: mirror })).toBe(mirror);
  });

  it('passes over a mirror with another version', () => {
    const mirror = folder();
    mkdirSync(join(mirror, provider, '5.0.0'), { recursive: true });
    expect(providerMirror({ TF_PLUGIN_MIRROR: mirror })).not.toBe(mirror);
  });

  it("leaves the user's own configuration alone when the file is there", () => {
    const file = join(folder(), 'rc');
    writeFileSync(file, '');
    expect(terraformEnvironment(folder(), { TF_CLI_CONFIG_FILE: file }).settings).not.toHaveProperty(
      'TF_CLI_CONFIG_FILE',
    );
  });

  it("writes a configuration of its own when the user's is missing", () => {
    const mirror = folder();
    mkdirSync(join(mirror, provider, providerVersion), { recursive: true });
    const { settings } = terraformEnvironment(folder(), {
      TF_CLI_CONFIG_FILE: '/nowhere/rc',
      TF_PLUGIN_MIRROR: mirror,
    });
    expect(readFileSync(settings.TF_CLI_CONFIG_FILE ?? '', 'utf8')).toContain(mirror);
  });
});
