// The tests of the Spark jobs: pytest on a local Spark, where aws-local/setup.mjs has installed one.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const python = join(ROOT, '.tools', 'spark', 'bin', 'python');

if (!existsSync(python)) {
  console.log(
    "SKIPPED: the tests of the Spark jobs, because Spark is not installed. 'node aws-local/setup.mjs' installs it.",
  );
  console.log('0 passed, 0 failed, 1 skipped');
  process.exit(0);
}
const { stdout, status } = spawnSync(python, ['-m', 'pytest', '-q', 'tests'], {
  cwd: join(ROOT, 'spark'),
  encoding: 'utf8',
});
console.log(stdout);
const number = (word) => Number(new RegExp(`(\\d+) ${word}`).exec(stdout)?.[1] ?? 0);
const failed = number('failed') + number('error');
console.log(`${number('passed')} passed, ${failed || (status ? 1 : 0)} failed, ${number('skipped')} skipped`);
process.exit(status ?? 1);
