import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { accepted, type Accepted } from '../policy/accepted.ts';
import { plainFolder, writePlain } from './plain.ts';

/**
 * `tsx terraform/checkers.ts`: has checkov and tfsec read what the mocked apply left. Prints a line of JSON per tool, like `main.ts`; a
 * finding that `policy/accepted.ts` does not explain fails, and so does an explanation that nothing needs.
 */
interface Found {
  readonly check: string;
  readonly resource: string;
  readonly environment: string;
}

interface Checker {
  readonly args: readonly string[];
  readonly read: (output: string) => readonly Found[];
}

const checkers: Readonly<Record<Accepted['tool'], Checker>> = {
  checkov: {
    args: [
      '-d',
      plainFolder,
      '--framework',
      'terraform',
      '--compact',
      '--quiet',
      '--skip-download',
      '-o',
      'json',
    ],
    read: (output) => {
      const report = JSON.parse(output) as {
        results: { failed_checks: { check_id: string; resource: string; file_path: string }[] };
        summary: { parsing_errors: number; passed: number };
      };
      if (report.summary.parsing_errors > 0) throw new Error('checkov could not read every file');
      if (report.summary.passed === 0) throw new Error('checkov checked nothing');
      return report.results.failed_checks.map(({ check_id, resource, file_path }) => ({
        check: check_id,
        resource,
        environment: basename(dirname(file_path)),
      }));
    },
  },
  tfsec: {
    args: [plainFolder, '--no-colour', '--format', 'json', '--force-all-dirs'],
    read: (output) => {
      const { results } = JSON.parse(output) as {
        results: { long_id: string; resource: string; location: { filename: string } }[] | null;
      };
      return (results ?? []).map(({ long_id, resource, location }) => ({
        check: long_id,
        resource,
        environment: basename(dirname(location.filename)),
      }));
    },
  },
};

const explains = (reason: Accepted, { check, resource, environment }: Found): boolean =>
  reason.check === check &&
  (reason.resources?.test(resource) ?? true) &&
  (reason.environments?.includes(environment) ?? true);

/** What is wrong with a tool's findings, beside how many there are. */
function judged(tool: Accepted['tool'], found: readonly Found[]): { total: number; problems: string[] } {
  const reasons = accepted.filter((each) => each.tool === tool);
  const open = found.filter((each) => !reasons.some((reason) => explains(reason, each)));
  const idle = reasons.filter((reason) => !found.some((each) => explains(reason, each)));
  return {
    total: found.length,
    problems: [
      ...open.map(({ check, resource, environment }) => `${environment}: ${check} on ${resource}`),
      ...idle.map(({ check }) => `policy/accepted.ts explains ${check}, which is not found`),
    ],
  };
}

function run(tool: Accepted['tool']): void {
  const step = `${tool} over what was applied`;
  const version = spawnSync(tool, ['--version'], { encoding: 'utf8' });
  if (version.status !== 0)
    return say(step, {
      ok: false,
      unavailable: true,
      detail: `${tool} is neither on PATH nor could it be installed`,
    });
  const passed = join('node_modules/.cache/terraform', `${tool}-${print(version.stdout)}`);
  if (existsSync(passed)) return say(step, { ok: true, detail: readFileSync(passed, 'utf8') });
  const { stdout, stderr } = spawnSync(tool, [...checkers[tool].args], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  try {
    const { total, problems } = judged(tool, checkers[tool].read(stdout));
    const detail = `${total} findings, ${problems.length} of them unexplained`;
    say(step, { ok: problems.length === 0, detail: problems.length === 0 ? detail : problems.join('\n') });
    if (problems.length === 0) writeFileSync(passed, detail);
  } catch (error) {
    say(step, { ok: false, detail: `${String(error)}\n${stderr.slice(-2000)}` });
  }
}

/** Of all that decides the outcome. */
function print(version: string): string {
  const files = readdirSync(plainFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  const hash = createHash('sha256').update(version);
  for (const file of [...files, 'policy/accepted.ts', 'terraform/checkers.ts'])
    hash.update(readFileSync(file));
  return hash.digest('hex');
}

function say(step: string, result: object): void {
  console.log(JSON.stringify({ step, ...result }));
}

mkdirSync('node_modules/.cache/terraform', { recursive: true });
writePlain();
for (const tool of ['checkov', 'tfsec'] as const) run(tool);
