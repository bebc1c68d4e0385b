import { describe, expect, it } from 'vitest';
import { TerminalError, TransientError } from '../../core/errors.ts';
import type { ProjectWork, ResolvedTask } from '../../core/tasks.ts';
import type {
  ContainerJob,
  ContainerOutcome,
  ContainerRunner,
  SparkOutcome,
  SparkRunner,
  SparkTaskJob,
} from '../jobs/port.ts';
import { anInput, aTask, SECRET } from './fixture.ts';
import { ProjectTasks } from './project.ts';

const LIMIT = 65_536;
const SCORE: ProjectWork = {
  container: { image: 'us/score:1', command: ['python', 'score.py'], memory: '512 MiB' },
};
const ENTRY: ProjectWork = { container: { image: 'us/score:1' } };
const PREPARE: ProjectWork = { spark: 'prepare' };

type Told = Partial<ContainerOutcome> & Partial<SparkOutcome>;
interface Elsewhere {
  readonly lines?: readonly string[];
  readonly jobs?: (ContainerJob | SparkTaskJob)[];
  readonly retry?: ResolvedTask['retry'];
  readonly attempt?: number;
}

/** Does a task by a runner that says at once how it ended. */
async function run(
  does: ProjectWork,
  told: Told,
  { lines = [], jobs = [], retry, attempt = 1 }: Elsewhere = {},
) {
  const outcome = {
    jobRunId: 'j1',
    succeeded: false,
    message: null,
    seconds: 1,
    ending: 'exited',
    exitCode: null,
    output: null,
    ...told,
  } as const;
  const runner: ContainerRunner & SparkRunner = {
    run(job: ContainerJob | SparkTaskJob, _signal, onProgress, onLine) {
      jobs.push(job);
      onProgress?.({ jobRunId: 'j1', state: 'started' });
      for (const line of lines) onLine?.(line);
      return Promise.resolve(outcome);
    },
    release: () => Promise.resolve(),
  };
  const written: string[] = [];
  const tasks = new ProjectTasks({
    folder: '/nowhere',
    environments: { task: { TOKEN: SECRET } },
    containers: runner,
    spark: runner,
  });
  const never = new AbortController().signal;
  const { run, ...rest } = anInput();
  const patience = { attempts: 3, retryFor: '30 minutes' } as const;
  const input = { ...rest, run: { ...run, patience }, attempt };
  const result = await tasks
    .run({ ...aTask(does, '5 minutes'), retry }, input, never, (line) => written.push(line))
    .catch((error: unknown) => error);
  return { result, written };
}

const LINES = ['looking', `no stock of ${SECRET}`];
const LAST = '\nIts last lines:\nlooking\nno stock of ***';
const TOO_LONG = `shop's task 'task' took longer than its timeout of 5 minutes and was stopped.${LAST}\nGive it more time ('timeout'), or less to do.`;

describe('work that is done elsewhere fails in one clear way', () => {
  it.each<[string, ProjectWork, Told, typeof TerminalError, string]>([
    [
      'a container that fails',
      SCORE,
      { exitCode: 3 },
      TerminalError,
      `shop's task 'task' failed with exit code 3.${LAST}\nCorrect it, then rerun.`,
    ],
    [
      'a container that asks to be tried again',
      SCORE,
      { exitCode: 75 },
      TransientError,
      `shop's task 'task' asked to be tried again (exit code 75).${LAST}`,
    ],
    [
      'a container that takes too long',
      SCORE,
      { ending: 'timed out', exitCode: 143 },
      TerminalError,
      TOO_LONG,
    ],
    [
      'a container that takes too much memory',
      SCORE,
      { ending: 'out of memory', exitCode: 137 },
      TerminalError,
      `shop's task 'task' ran out of its memory of 512 MiB and was killed (exit code 137).${LAST}\nGive it more ('container.memory'), or less to do.`,
    ],
    [
      'a container without a bound that takes too much memory',
      ENTRY,
      { ending: 'out of memory', exitCode: 137 },
      TerminalError,
      `shop's task 'task' ran out of the memory there is and was killed (exit code 137).${LAST}\nGive it more ('container.memory'), or less to do.`,
    ],
    [
      'a container that somebody killed',
      SCORE,
      { ending: 'killed', exitCode: 137 },
      TransientError,
      `shop's task 'task' was ended by SIGKILL (exit code 137): somebody has stopped its container, its machine went down, or has no memory left.${LAST}\nIt is tried again.`,
    ],
    [
      'a container whose service says that it was killed, and not how',
      SCORE,
      { ending: 'killed' },
      TransientError,
      `shop's task 'task' was ended by a signal: somebody has stopped its container, its machine went down, or has no memory left.${LAST}\nIt is tried again.`,
    ],
    [
      'a container with a program that is not there',
      SCORE,
      { exitCode: 127 },
      TerminalError,
      `shop's task 'task' failed with exit code 127: 'python', or a program that it starts, is not in image us/score:1.${LAST}\nCorrect 'command', or the image.`,
    ],
    [
      'a container with a program that may not be run',
      SCORE,
      { exitCode: 126 },
      TerminalError,
      `shop's task 'task' failed with exit code 126: 'python', or a program that it starts, may not be run in image us/score:1.${LAST}\nCorrect 'command', or the image.`,
    ],
    [
      'a container whose image says what is run, which is not there',
      ENTRY,
      { exitCode: 127 },
      TerminalError,
      `shop's task 'task' failed with exit code 127: what the image starts, or a program that it starts, is not in image us/score:1.${LAST}\nCorrect 'command', or the image.`,
    ],
    [
      'a container that was never begun',
      SCORE,
      { message: 'no place' },
      TerminalError,
      `shop's task 'task' could not be started: no place.${LAST}\nCorrect 'container', then rerun.`,
    ],
    [
      'a container that gives no JSON',
      SCORE,
      { succeeded: true, exitCode: 0, output: { bytes: 1, text: '{' } },
      TerminalError,
      `shop's task 'task' gave something that is no JSON: Expected property name or '}'. Write JSON to the file $SLUICE_OUTPUT, or nothing.`,
    ],
    [
      'a container that gives too much',
      SCORE,
      { succeeded: true, exitCode: 0, output: { bytes: LIMIT + 1, text: null } },
      TerminalError,
      `shop's task 'task' gave 65537 bytes; a result is 65536 at most. Write data to the lake or the warehouse, and give where it is.`,
    ],
    [
      'a Spark job that fails',
      PREPARE,
      { message: `Spark job 'prepare' ended with exit code 1\nEnd of its log:\nno ${SECRET}` },
      TerminalError,
      `shop's task 'task' failed: Spark job 'prepare' ended with exit code 1\nEnd of its log:\nno ***\nCorrect it, then rerun.`,
    ],
    ['a Spark job that takes too long', PREPARE, { ending: 'timed out' }, TerminalError, TOO_LONG],
    [
      'a Spark job that somebody killed',
      PREPARE,
      { ending: 'killed', message: `Glue job 'prepare' ended as STOPPED with ${SECRET}` },
      TransientError,
      `shop's task 'task' was ended from outside: Glue job 'prepare' ended as STOPPED with ***\nIt is tried again.`,
    ],
    [
      'a Spark job that takes too much memory',
      PREPARE,
      { ending: 'out of memory', message: 'its machine was full' },
      TerminalError,
      `shop's task 'task' failed: its machine was full\nCorrect it, then rerun.`,
    ],
    [
      'a Spark job that nobody says why it failed of',
      PREPARE,
      {},
      TerminalError,
      `shop's task 'task' failed: nobody says why\nCorrect it, then rerun.`,
    ],
    [
      'a Spark job that gives no JSON',
      PREPARE,
      { succeeded: true, output: { bytes: 1, text: '{' } },
      TerminalError,
      `shop's task 'task' gave something that is no JSON: Expected property name or '}'. Write JSON to '--output-uri', or nothing.`,
    ],
    [
      'a Spark job that gives too much',
      PREPARE,
      { succeeded: true, output: { bytes: LIMIT + 1, text: null } },
      TerminalError,
      `shop's task 'task' gave 65537 bytes; a result is 65536 at most. Write data to the lake or the warehouse, and give where it is.`,
    ],
  ])('%s', async (_, does, told, kind, message) => {
    const { result } = await run(does, told, { lines: LINES });
    expect(result).toBeInstanceOf(kind);
    expect((result as Error).message).toBe(message);
    expect(result instanceof TransientError).toBe(kind === TransientError);
  });
});

describe('work that is done elsewhere', () => {
  it('has what follows skipped by exit code 99 of a container', async () => {
    expect((await run(SCORE, { exitCode: 99 }, { lines: ['no new files'] })).result).toEqual({
      skipped: 'no new files',
    });
    expect((await run(SCORE, { exitCode: 99 })).result).toEqual({ skipped: 'it ended with exit code 99' });
    // One that was stopped for its time has skipped nothing.
    expect((await run(SCORE, { exitCode: 99, ending: 'timed out' })).result).toBeInstanceOf(TerminalError);
  });

  it('is run again where it is found failed, if its task asks for that, until its attempts are used up', async () => {
    const asked = async (retry: ResolvedTask['retry'], attempt: number) => {
      const jobs: ContainerJob[] = [];
      await run(SCORE, { exitCode: 3 }, { jobs: jobs, retry, attempt });
      return jobs[0]?.retriesFailures;
    };
    const retry = { after: '1 minute' } as const;
    expect(await asked(undefined, 1)).toBe(false);
    expect(await asked(retry, 1)).toBe(true);
    expect(await asked(retry, 3)).toBe(true);
    expect(await asked(retry, 4)).toBe(false);
  });

  it.each([SCORE, PREPARE])('gives what it leaves, or nothing', async (does) => {
    const succeeded = { succeeded: true, exitCode: 0 };
    expect((await run(does, succeeded)).result).toEqual({ output: null });
    const output = { bytes: 10, text: '{"rows":3}' };
    expect((await run(does, { ...succeeded, output })).result).toEqual({ output: { rows: 3 } });
  });

  it.each([SCORE, PREPARE])(
    'may write without end: its log is bounded, its lines are cut and masked',
    async (does) => {
      const lines = [
        `key ${SECRET}`,
        'x'.repeat(9_000),
        ...Array.from({ length: 20_000 }, (_, i) => `line ${i}`),
      ];
      const { written } = await run(does, { succeeded: true, exitCode: 0 }, { lines });
      expect(written.slice(1, 3)).toEqual(['key ***', `${'x'.repeat(4_000)} …`]);
      expect(written).toHaveLength(1 + 1_200);
      expect(written.at(-200)).toBe('… 18803 lines left out: more came than a log can take …');
      expect(written.at(-1)).toBe('line 19999');
    },
  );

  it('is told by token and owner which step of which run it is, and its secrets are in no argument', async () => {
    const jobs: (ContainerJob | SparkTaskJob)[] = [];
    await run(SCORE, { succeeded: true }, { jobs });
    await run(PREPARE, { succeeded: true }, { jobs });
    for (const job of jobs)
      expect(job).toMatchObject({
        subject: "shop's task 'task'",
        token: 'r1/task',
        owner: 'r1',
        name: 'shop-task',
        timeoutMs: 300_000,
        environment: { TOKEN: SECRET },
      });
    expect(jobs[0]).toMatchObject({ memory: 512 * 1024 ** 2, command: ['python', 'score.py'] });
    expect(jobs[1]).toMatchObject({
      job: 'prepare',
      arguments: {
        '--pipeline': 'shop',
        '--interval-start': '2024-03-01T00:00:00Z',
        '--interval-end': '2024-03-02T00:00:00Z',
      },
    });
  });
});
