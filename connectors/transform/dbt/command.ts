import { resolve } from 'node:path';
import type { TransformRequest } from '../port.ts';

interface Build {
  readonly request: TransformRequest;
  readonly projectDir: string;
  readonly targetPath: string;
  readonly target: string;
  /** Absent: as the output of profiles.yml says. */
  readonly threads: number | undefined;
  /** The folder with the run_results.json that a resume goes on from. */
  readonly resumeFrom: string | undefined;
}

/** `dbt build` as an argument list: https://docs.getdbt.com/reference/global-configs/about-global-configs */
export function buildArguments(build: Build): readonly string[] {
  const { request, projectDir, targetPath, target, threads, resumeFrom } = build;
  return [
    ...commandArguments('build', { projectDir, targetPath, target }),
    ...(threads === undefined ? [] : ['--threads', String(threads)]),
    ...(resumeFrom === undefined
      ? [
          ...['--select', ...request.select.split(/\s+/).filter(Boolean)],
          // A test that also reads models of somebody else is theirs: it runs where those are built.
          ...['--indirect-selection', 'buildable'],
        ]
      : [
          ...['--select', 'result:error', 'result:fail', 'result:skipped'],
          // Exactly these nodes: not the tests of every model among them, which may have passed.
          ...['--indirect-selection', 'empty', '--state', resolve(resumeFrom)],
        ]),
  ];
}

/** Of any command of dbt, as far as they are the same. */
export function commandArguments(
  command: 'build' | 'parse',
  { projectDir, targetPath, target }: Pick<Build, 'projectDir' | 'targetPath' | 'target'>,
): readonly string[] {
  return [
    ...[
      '--log-format',
      'json',
      '--log-level-file',
      'none',
      '--no-use-colors',
      '--no-send-anonymous-usage-stats',
    ],
    command,
    ...['--project-dir', resolve(projectDir), '--profiles-dir', resolve(projectDir), '--target', target],
    ...['--target-path', resolve(targetPath), '--log-path', resolve(targetPath, 'logs')],
  ];
}

/** What of the worker's own environment dbt needs: programs, a home, temporary files, texts. */
const inherited = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ'] as const;

/** The child's whole environment; credentials of the worker stay behind. */
export function childEnvironment(
  handedOver: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const environment: Record<string, string> = {};
  for (const name of inherited) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  for (const [name, value] of Object.entries(variables)) {
    environment[`SLUICE_VAR_${name.toUpperCase()}`] = value;
  }
  return { ...environment, ...handedOver };
}
