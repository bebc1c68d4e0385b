import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { tsImport } from 'tsx/esm/api';
import { orAborted, withTimeLimit } from '../../core/abort.ts';
import { milliseconds } from '../../core/duration.ts';
import { OwnFailure, PipelineError, TerminalError, TransientError, messageOf } from '../../core/errors.ts';
import { documentOf, type TaskDocument } from './input.ts';
import { TaskLog } from './log.ts';
import { RESULT_LIMIT, type TaskResult } from '../../core/tasks.ts';
import { tooLarge } from './output.ts';
import type { TaskInput } from './port.ts';

/** What a function task is given. */
export interface TaskContext extends TaskDocument {
  /** Writes a line to the step's log, or several; with what a log can take (docs/tasks.md) as lines of a script. */
  readonly log: (line: string) => void;
}

/** The default export of `tasks/<name>.ts`. What it gives must be JSON; a thrown `TransientError` is tried again, any other is not; with `retry` any other is, but a `TerminalError`. */
export type TaskFunction = (context: TaskContext, signal: AbortSignal) => unknown;

export interface FunctionCall {
  /** `olist's task 'tell'`, for messages. */
  readonly subject: string;
  readonly name: string;
  readonly timeout: string;
  /** The project's `tasks/`. */
  readonly folder: string;
  /** Takes secrets out of what it writes. */
  readonly masked: (text: string) => string;
}

/** Calls a function of the project in this process. It is told by the signal to stop; one that does not listen is left alone, and no more heard. */
export async function callFunction(
  call: FunctionCall,
  input: TaskInput,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<TaskResult> {
  const { subject, timeout, masked } = call;
  const work = await load(call);
  const written = new TaskLog(masked, onLine);
  let isHeard = true;
  const log = (line: string) => {
    if (isHeard) for (const each of linesOf(line)) written.take(each);
  };
  const over = () => {
    isHeard = false;
    written.end();
  };
  const clock = { isOver: false };
  try {
    const result = await withTimeLimit(milliseconds(timeout), signal, async (stop, limit) => {
      stop.throwIfAborted();
      const working = Promise.resolve(work({ ...documentOf(input), log }, stop));
      return orAborted(working, stop).finally(() => (clock.isOver = limit.aborted));
    });
    over();
    return { output: checked(subject, result) };
  } catch (error) {
    over();
    signal.throwIfAborted();
    throw failureOf(call, error, clock.isOver, written.lastLines);
  }
}

function failureOf(
  { subject, timeout, masked }: FunctionCall,
  error: unknown,
  isLate: boolean,
  last: string,
): Error {
  if (isLate)
    return new OwnFailure(
      `${subject} took longer than its timeout of ${timeout}.${last}\nGive it more time ('timeout'), or less to do.`,
    );
  if (error instanceof PipelineError) return error;
  const said = masked(messageOf(error));
  // A project's own copy of the engine's classes, loaded beside those of this process.
  if (error instanceof Error && error.name === 'TransientError')
    return new TransientError(`${subject} asked to be tried again: ${said}${last}\nIt is tried again.`, {
      cause: error,
    });
  if (error instanceof Error && error.name === 'TerminalError')
    return new TerminalError(`${subject} failed: ${said}${last}\nCorrect it, then rerun.`, { cause: error });
  return new OwnFailure(`${subject} failed: ${said}${last}\nCorrect it, then rerun.`, { cause: error });
}

/** What is not TypeScript may give anything. */
function linesOf(said: unknown): string[] {
  return String(said).split(/\r?\n/);
}

/** Where a function lies; undefined where there is none of its name. */
export function functionFile(folder: string, name: string): string | undefined {
  return ['.ts', '.js', '.mjs']
    .map((ending) => join(folder, `${name}${ending}`))
    .find((each) => existsSync(each));
}

const loaded = new Map<string, Promise<unknown>>();

/** @throws {TerminalError} there is no such file, it cannot be loaded, or it gives no function */
async function load({ subject, name, folder }: FunctionCall): Promise<TaskFunction> {
  const file = functionFile(folder, name);
  if (file === undefined)
    throw new TerminalError(
      `${subject}: there is no ${join(folder, `${name}.ts`)}. Write it, or correct 'run'.`,
    );
  // A file that has changed is loaded again; one that has not stays as it is.
  const version = `${file}?${statSync(file).mtimeMs}`;
  const module =
    loaded.get(version) ?? (tsImport(pathToFileURL(file).href, import.meta.url) as Promise<unknown>);
  loaded.set(version, module);
  let given: unknown;
  try {
    given = await module;
  } catch (error) {
    loaded.delete(version);
    throw new TerminalError(
      `${subject}: ${file} cannot be loaded: ${messageOf(error)}. Correct it, then rerun.`,
      { cause: error },
    );
  }
  const work = defaultOf(defaultOf(given));
  if (typeof work === 'function') return work as TaskFunction;
  throw new TerminalError(
    `${subject}: ${file} gives no function. Write 'export default async (context, signal) => …'.`,
  );
}

/** The default export; of a module that is no ES module it lies one deeper. */
function defaultOf(module: unknown): unknown {
  return typeof module === 'object' && module !== null && 'default' in module ? module.default : module;
}

/** Gives undefined for what JSON has no word for, which its type does not say. */
const toJson = JSON.stringify as (value: unknown) => string | undefined;

/** What a function gave as JSON would keep it. */
function checked(subject: string, result: unknown): unknown {
  if (result === undefined) return null;
  let text: string | undefined;
  try {
    text = toJson(result);
  } catch (error) {
    throw new TerminalError(
      `${subject} gave something that JSON cannot hold: ${messageOf(error)}. Give plain values.`,
      { cause: error },
    );
  }
  if (text === undefined)
    throw new TerminalError(`${subject} gave a ${typeof result}, which JSON cannot hold. Give plain values.`);
  const size = Buffer.byteLength(text);
  if (size > RESULT_LIMIT) throw tooLarge(subject, size);
  return JSON.parse(text) as unknown;
}
