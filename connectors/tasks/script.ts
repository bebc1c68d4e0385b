import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withTimeLimit } from '../../core/abort.ts';
import { thenCleanUp } from '../../core/clean-up.ts';
import { milliseconds } from '../../core/duration.ts';
import { OwnFailure, TerminalError, TransientError } from '../../core/errors.ts';
import { runFenced, type Exit } from '../process/fenced.ts';
import { NOT_EXECUTABLE, NOT_FOUND, signalOf, SKIP, TRY_AGAIN } from '../process/exit-codes.ts';
import { documentOf, runVariablesOf, workersOwn } from './input.ts';
import { TaskLog } from './log.ts';
import { missingOf } from './missing.ts';
import { parseOutput, tookTooLong, tooLarge } from './output.ts';
import { RESULT_LIMIT, type TaskResult } from '../../core/tasks.ts';
import type { TaskInput } from './port.ts';

const FENCE = join(import.meta.dirname, '..', 'process', 'fence.sh');

export interface Script {
  /** `olist's task 'score'`, for messages. */
  readonly subject: string;
  readonly script: readonly string[];
  readonly timeout: string;
  /** Where it works: the project's `tasks/`. */
  readonly folder: string;
  /** What it may see beside its input: secrets of the profile. */
  readonly environment: Readonly<Record<string, string>>;
  /** Takes secrets out of what it writes. */
  readonly masked: (text: string) => string;
}

/** Runs a program to its end: input and output are files that it finds by `SLUICE_INPUT` and `SLUICE_OUTPUT`. */
export async function runScript(
  script: Script,
  input: TaskInput,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<TaskResult> {
  signal.throwIfAborted();
  const folder = await mkdtemp(join(tmpdir(), 'sluice-task-'));
  const files = { input: join(folder, 'input.json'), output: join(folder, 'output.json') };
  const log = new TaskLog(script.masked, onLine);
  return thenCleanUp(
    async () => {
      await writeFile(files.input, JSON.stringify(documentOf(input)));
      const program = {
        program: 'sh',
        arguments: [FENCE, ...script.script],
        folder: script.folder,
        environment: {
          ...workersOwn(),
          ...runVariablesOf(input),
          SLUICE_INPUT: files.input,
          SLUICE_OUTPUT: files.output,
          ...script.environment,
        },
        onLine: log.take,
        onErrorLine: log.take,
      };
      const { exit, isLate } = await withTimeLimit(
        milliseconds(script.timeout),
        signal,
        async (stop, limit) => ({ exit: await runFenced(program, stop), isLate: limit.aborted }),
      ).finally(() => log.end());
      signal.throwIfAborted();
      if (isLate) throw tookTooLong(script.subject, script.timeout, log.lastLines);
      if (exit.code === SKIP) return { skipped: log.lastLine ?? 'it ended with exit code 99' };
      if (exit.code !== 0) throw failureOf(script, exit, log.lastLines);
      return { output: await readOutput(script, files.output) };
    },
    () => rm(folder, { recursive: true, force: true }),
  );
}

function failureOf({ subject, script, folder }: Script, exit: Exit, last: string): Error {
  const [program = ''] = script;
  if (exit.notStarted !== undefined)
    return new TerminalError(
      `${subject} could not be started in ${folder}: ${exit.notStarted}. Look whether that folder is there.`,
    );
  const signal = exit.signal ?? signalOf(exit.code);
  if (signal !== undefined) {
    const code = exit.signal === null ? ` (exit code ${String(exit.code)})` : '';
    return new TransientError(
      `${subject} was ended by ${signal}${code}, perhaps for want of memory.${last}\nIt is tried again; if that goes on, look at the machine's memory.`,
    );
  }
  // A shell says the same of what it was to start.
  const isThere = missingOf({ script }, folder, true) === undefined;
  if (isThere && (exit.code === NOT_FOUND || exit.code === NOT_EXECUTABLE)) {
    const why = exit.code === NOT_FOUND ? 'was not found' : 'may not be run';
    return new OwnFailure(
      `${subject} failed with exit code ${exit.code}: a program that '${program}' starts ${why}.${last}\nInstall it on the worker, or correct 'script'; it is started in ${folder}.`,
    );
  }
  if (exit.code === NOT_FOUND)
    return new TerminalError(
      `${subject} cannot be run: '${program}' was not found.${last}\nInstall it on the worker, or correct 'script'; it is started in ${folder}.`,
    );
  if (exit.code === NOT_EXECUTABLE)
    return new TerminalError(
      `${subject} cannot be run: '${program}' is no program, or may not be run.${last}\nMake it executable (chmod +x), or name its interpreter first.`,
    );
  if (exit.code === TRY_AGAIN)
    return new TransientError(`${subject} asked to be tried again (exit code ${TRY_AGAIN}).${last}`);
  return new OwnFailure(
    `${subject} failed with exit code ${String(exit.code)}.${last}\nCorrect it, then rerun.`,
  );
}

async function readOutput({ subject }: Script, file: string): Promise<unknown> {
  const size = await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
  if (size === 0) return null;
  if (size > RESULT_LIMIT) throw tooLarge(subject, size);
  return parseOutput(subject, await readFile(file, 'utf8'), 'the file $SLUICE_OUTPUT');
}
