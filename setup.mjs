// Installs into the project folder what is missing: packages, the Python environment, Temporal; and compiles. Plain Node, no dependency.
// Quick when nothing is missing. Prints what it does; a thing that cannot be had is named with the way to get it.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { once, pythonEnvironment, read, ROOT, run, say, TOOLS, works } from './setup-steps.mjs';

const TEMPORAL_VERSION = '1.5.1';
const [major, minor] = process.versions.node.split('.').map(Number);

try {
  if (major < 20 || (major === 20 && minor < 19))
    throw new Error(`Node ${process.versions.node} is too old. Install Node 20.19 or newer.`);
  mkdirSync(join(TOOLS, 'bin'), { recursive: true });
  if (isCheckout()) packages();
  pythonEnvironment({
    name: 'python',
    requirements: 'dbt/requirements.txt',
    program: 'dbt',
    what: "dbt and DuckDB's extensions",
    before: 14,
  });
  temporal();
  await (await import('./build.mjs')).compiled('cli/main.ts');
} catch (error) {
  console.error(`setup: ${error.message}`);
  process.exitCode = 1;
}

/** Else npm has installed it with its packages. */
function isCheckout() {
  return !ROOT.split(sep).includes('node_modules');
}

function packages() {
  // Native packages are built for one version of Node's binary interface.
  const inputs = [read('package-lock.json'), process.versions.modules];
  once('packages', inputs, join(ROOT, 'node_modules'), () => {
    say('installing npm packages');
    run(
      'npm',
      ['ci', '--no-fund', '--no-audit', '--loglevel=error'],
      'npm ci failed. Check the network, then try again.',
    );
  });
}

function temporal() {
  const target = join(TOOLS, 'bin', 'temporal');
  if (works(target, '--version') || works('temporal', '--version')) return;
  if (download(target) || build(target)) return;
  throw new Error(
    `The Temporal CLI cannot be obtained: the download failed and there is no working Go. Install it by hand (macOS: brew install temporal; ` +
      `else https://docs.temporal.io/cli/setup-cli) so that 'temporal' is on PATH, then try again.`,
  );
}

function download(target) {
  const platform = { darwin: 'darwin', linux: 'linux' }[process.platform];
  const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch];
  if (!platform || !arch) return false;
  say(`downloading the Temporal CLI ${TEMPORAL_VERSION}`);
  const url = `https://temporal.download/cli/archive/v${TEMPORAL_VERSION}?platform=${platform}&arch=${arch}`;
  const script = `curl -fsSL --connect-timeout 10 --max-time 300 "$0" | tar -xz -C "$1" temporal`;
  const got = spawnSync('bash', ['-o', 'pipefail', '-c', script, url, join(TOOLS, 'bin')], {
    stdio: 'ignore',
  });
  return got.status === 0 && works(target, '--version');
}

function build(target) {
  if (!works('go', 'version')) return false;
  say(
    `building the Temporal CLI ${TEMPORAL_VERSION} with Go, since it cannot be downloaded (about 4 minutes)`,
  );
  const env = { ...process.env, CGO_ENABLED: '0', GOBIN: join(TOOLS, 'bin') };
  const built = spawnSync('go', ['install', `github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_VERSION}`], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (built.status !== 0) console.error(String(built.stderr).split('\n').slice(-5).join('\n'));
  return built.status === 0 && works(target, '--version');
}
