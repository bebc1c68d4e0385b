import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { howToGet, TOOLS } from '../services/tools.ts';

const python = join(TOOLS, 'sqlfluff', 'bin', 'python');

/** Says loudly that statements go unparsed; undefined where sqlfluff is there. */
export const missing = existsSync(python) ? undefined : `NOT TESTED: ${howToGet('sqlfluff')}`;

/** What sqlfluff's redshift dialect finds wrong with statements, as `problem: statement`. */
export function unparsable(statements: readonly string[]): string[] {
  const { stdout, stderr } = spawnSync(python, [join(import.meta.dirname, 'parse.py')], {
    input: JSON.stringify(statements),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  let problems: unknown;
  try {
    problems = JSON.parse(stdout);
  } catch {
    throw new Error(`sqlfluff failed: ${stderr.slice(-2000)}`);
  }
  return (problems as (string | null)[]).flatMap((problem, at) =>
    problem === null ? [] : [`${problem}: ${statements[at] ?? ''}`],
  );
}
