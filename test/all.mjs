// Everything that verifies the project, fast checks first; goes on after a failure and ends with one line over all suites.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const bin = (name) => join(ROOT, 'node_modules', '.bin', name);
const totals = { passed: 0, failed: 0, skipped: 0 };
const notes = [];

install();
await checks([
  ['lint', bin('eslint'), ['.']],
  ['types', bin('tsc'), ['-p', '.']],
  ["types of the pages' scripts", bin('tsc'), ['-p', 'web/browser']],
  ['imports', bin('depcruise'), ['.', '--config', '.dependency-cruiser.cjs', '--output-type', 'err']],
  ['format', bin('prettier'), ['--check', '.', '--log-level', 'warn']],
  ['dead code', bin('knip'), []],
  ['pipelines', process.execPath, ['bin/sluice', 'validate']],
]);
vitest();
suite('infrastructure', 'infra-cdktf/test.mjs');
suite('Spark jobs', 'spark/test.mjs');

for (const note of notes) console.log(note);
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed ? 1 : 0);

/** What the AWS path and the pages need to be tested; where it cannot be had, its tests say so and are skipped. */
function install() {
  const { status } = spawnSync(process.execPath, ['aws-local/setup.mjs'], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0)
    notes.push('!!! PARTS OF THE AWS PATH WERE NOT TESTED: their tools could not be installed, see the top.');
  const browser = spawnSync(process.execPath, ['setup-browser.mjs'], { cwd: ROOT, stdio: 'inherit' });
  if (browser.status !== 0)
    notes.push('!!! THE PAGES WERE NOT TESTED IN A BROWSER: none could be had, see the top.');
}

/** Commands that pass or fail as a whole, two at a time. What each has to say comes at once, when it has ended. */
async function checks(commands) {
  const waiting = [...commands];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await check(...next);
  };
  await Promise.all([worker(), worker()]);
}

async function check(name, command, args) {
  const began = Date.now();
  const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(chunk));
  const status = await new Promise((resolve) => {
    child.once('error', (error) => {
      said.push(Buffer.from(`${error.message}\n`));
      resolve(1);
    });
    child.once('close', resolve);
  });
  process.stdout.write(Buffer.concat(said));
  count(name, status === 0 ? { passed: 1 } : { failed: 1 }, began);
}

function vitest() {
  const began = Date.now();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-results-'));
  const file = join(folder, 'vitest.json');
  spawnSync(bin('vitest'), ['run', '--reporter=default', '--reporter=json', `--outputFile=${file}`], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (!existsSync(file)) return count('vitest', { failed: 1 }, began);
  const results = JSON.parse(readFileSync(file, 'utf8'));
  rmSync(folder, { recursive: true });
  const skipped = results.numPendingTests + results.numTodoTests;
  // A file that cannot even be loaded has no tests to count: it is a failure of its own.
  const broken = results.testResults.filter(
    (each) => each.status === 'failed' && !each.assertionResults.some((test) => test.status === 'failed'),
  );
  for (const { name, assertionResults } of results.testResults) {
    const isLeft = ({ status }) => status === 'pending' || status === 'skipped';
    // A suite that is skipped as a whole says why in its title; one line for it is enough.
    const isWhole = (suite) =>
      suite && assertionResults.filter(({ ancestorTitles: [first] }) => first === suite).every(isLeft);
    const titles = assertionResults
      .filter(isLeft)
      .map(({ ancestorTitles: [suite], fullName }) => (isWhole(suite) ? suite : fullName));
    for (const title of new Set(titles)) notes.push(`SKIPPED ${name.slice(ROOT.length + 1)}: ${title}`);
  }
  count(
    'vitest',
    { passed: results.numPassedTests, failed: results.numFailedTests + broken.length, skipped },
    began,
  );
}

/** A part with packages of its own, whose script ends with a line like ours. */
function suite(name, script) {
  if (!existsSync(join(ROOT, script))) return;
  const began = Date.now();
  const { stdout, status } = spawnSync(process.execPath, [script], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  process.stdout.write(stdout);
  const [passed, failed, skipped] = (/(\d+) passed, (\d+) failed, (\d+) skipped\s*$/.exec(stdout) ?? [])
    .slice(1)
    .map(Number);
  count(
    name,
    passed === undefined ? { failed: 1 } : { passed, failed: failed || (status ? 1 : 0), skipped },
    began,
  );
}

function count(name, { passed = 0, failed = 0, skipped = 0 }, began) {
  totals.passed += passed;
  totals.failed += failed;
  totals.skipped += skipped;
  const seconds = ((Date.now() - began) / 1000).toFixed(0);
  console.log(
    `--- ${name}: ${failed ? 'FAILED' : 'ok'}, ${passed} passed, ${failed} failed, ${skipped} skipped, ${seconds} s`,
  );
}
