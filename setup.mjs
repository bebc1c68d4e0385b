// Installs into the project folder what is missing: packages, the Python environment, Temporal. Plain Node, no dependency.
// Quick when nothing is missing. Prints what it does; a thing that cannot be had is named with the way to get it.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = import.meta.dirname;
const TOOLS = join(ROOT, '.tools');
const TEMPORAL_VERSION = '1.5.1';
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19))
  fail(`Node ${process.versions.node} is too old. Install Node 20.19 or newer.`);
mkdirSync(TOOLS, { recursive: true });
packages();
python();
temporal();

function packages() {
  once('packages', [read('package-lock.json')], join(ROOT, 'node_modules'), () => {
    say('installing npm packages');
    run(
      'npm',
      ['ci', '--no-fund', '--no-audit', '--loglevel=error'],
      'npm ci failed. Check the network, then try again.',
    );
  });
}

function python() {
  const home = join(TOOLS, 'python');
  once('python', [read('dbt/requirements.txt')], join(home, 'bin', 'dbt'), () => {
    const candidates = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
    const found = candidates.find(
      (name) =>
        spawnSync(name, [
          '-c',
          'import sys, venv; sys.exit(sys.version_info < (3, 10) or sys.version_info >= (3, 14))',
        ]).status === 0,
    );
    if (!found)
      fail(
        'No Python 3.10 to 3.13 with venv on PATH. Install one (Debian: apt-get install python3-venv; macOS: brew install python@3.12).',
      );
    say(`installing dbt and DuckDB's extensions with ${found}`);
    rmSync(home, { recursive: true, force: true });
    run(
      found,
      ['-m', 'venv', home],
      `${found} cannot make a virtual environment. On Debian: apt-get install python3-venv.`,
    );
    run(
      join(home, 'bin', 'python'),
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', 'dbt/requirements.txt'],
      'pip install failed. Check the network, then try again.',
    );
  });
}

function temporal() {
  const target = join(TOOLS, 'bin', 'temporal');
  if (works(target) || works('temporal')) return;
  mkdirSync(join(TOOLS, 'bin'), { recursive: true });
  if (download(target) || build(target)) return;
  fail(
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
  return got.status === 0 && works(target);
}

function build(target) {
  if (spawnSync('go', ['version']).status !== 0) return false;
  say(
    `building the Temporal CLI ${TEMPORAL_VERSION} with Go, since it cannot be downloaded (about 4 minutes)`,
  );
  const env = { ...process.env, CGO_ENABLED: '0', GOBIN: join(TOOLS, 'bin') };
  const built = spawnSync('go', ['install', `github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_VERSION}`], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (built.status !== 0) console.error(String(built.stderr).split('\n').slice(-5).join('\n'));
  return built.status === 0 && works(target);
}

function works(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** Does the work unless it was done for these inputs before, and what it made is still there. */
function once(name, inputs, product, work) {
  const stamp = join(TOOLS, `${name}.stamp`);
  const digest = createHash('sha256')
    .update(inputs.join('\0'))
    .update(process.versions.modules)
    .digest('hex');
  if (existsSync(product) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  work();
  writeFileSync(`${stamp}.new`, digest);
  renameSync(`${stamp}.new`, stamp);
}

function read(path) {
  return readFileSync(join(ROOT, path), 'utf8');
}

function run(command, args, message) {
  try {
    execFileSync(command, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  } catch {
    fail(message);
  }
}

function say(what) {
  console.error(`setup: ${what} …`);
}

function fail(message) {
  console.error(`setup: ${message}`);
  process.exit(1);
}
