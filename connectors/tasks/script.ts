import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { milliseconds } from '../../core/duration.ts';
import { TerminalError, TransientError } from '../../core/errors.ts';
import { runFenced, type Exit } from '../process/fenced.ts';
import { documentOf, variablesOf } from './input.ts';
import { parseOutput } from './output.ts';
import { RESULT_LIMIT, type TaskResult } from '../../core/tasks.ts';
import type { TaskInput } from './port.ts';

const FENCE = join(import.meta.dirname, '..', 'process', 'fence.sh');

/** What a program's exit code asks for; 75 is `EX_TEMPFAIL` of sysexits.h, 99 what Airflow's BashOperator calls skipped. */
const TRY_AGAIN = 75;
const SKIP = 99;
/** What a shell says of a program that is there but cannot be run, and of one that is not there. */
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

const LINE_LIMIT = 4_000; // characters of a line that are kept
const TAIL = 20; // lines that a failure shows

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
  const timedOut = AbortSignal.timeout(milliseconds(script.timeout));
  const tail: string[] = [];
  const takeLine = (line: string) => {
    const text = script.masked(line);
    const kept = text.length > LINE_LIMIT ? `${text.slice(0, LINE_LIMIT)} …` : text;
    if (tail.push(kept) > TAIL) tail.shift();
    onLine(kept);
  };
  try {
    await writeFile(files.input, JSON.stringify(documentOf(input)));
    const exit = await runFenced(
      {
        program: 'sh',
        arguments: [FENCE, ...script.script],
        folder: script.folder,
        environment: {
          ...variablesOf(input),
          SLUICE_INPUT: files.input,
          SLUICE_OUTPUT: files.output,
          ...script.environment,
        },
        onLine: takeLine,
        onErrorLine: takeLine,
      },
      AbortSignal.any([signal, timedOut]),
    );
    signal.throwIfAborted();
    if (timedOut.aborted) {
      throw new TerminalError(
        `${script.subject} took longer than its timeout of ${script.timeout} and was stopped.${lastLines(tail)}\nGive it more time ('timeout'), or less to do.`,
      );
    }
    if (exit.code === SKIP) return { skipped: tail.at(-1) ?? 'it ended with exit code 99' };
    if (exit.code !== 0) throw failureOf(script, exit, tail);
    return { output: await readOutput(script, files.output) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function failureOf({ subject, script, folder }: Script, exit: Exit, tail: readonly string[]): Error {
  const [program = ''] = script;
  const last = lastLines(tail);
  if (exit.notStarted !== undefined)
    return new TerminalError(
      `${subject} could not be started in ${folder}: ${exit.notStarted}. Look whether that folder is there.`,
    );
  if (exit.signal !== null) {
    return new TransientError(
      `${subject} was ended by ${exit.signal}, perhaps for want of memory.${last}\nIt is tried again; if that goes on, look at the machine's memory.`,
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
  return new TerminalError(
    `${subject} failed with exit code ${String(exit.code)}.${last}\nCorrect it, then rerun.`,
  );
}

async function readOutput({ subject }: Script, file: string): Promise<unknown> {
  const size = await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
  if (size === 0) return null;
  if (size > RESULT_LIMIT) {
    throw new TerminalError(
      `${subject} gave ${size} bytes; a result is ${RESULT_LIMIT} at most. Write data to the lake or the warehouse, and give where it is.`,
    );
  }
  return parseOutput(subject, await readFile(file, 'utf8'));
}

function lastLines(tail: readonly string[]): string {
  return tail.length ? `\nIts last lines:\n${tail.join('\n')}` : '';
}
