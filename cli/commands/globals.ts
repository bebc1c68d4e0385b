import { InvalidArgumentError, type Command } from 'commander';
import { isDuration, milliseconds } from '../../core/duration.ts';
import { InvalidInput } from '../../core/errors.ts';
import { Output } from '../output.ts';
import type { GlobalOptions } from '../session.ts';

export interface Invocation<Options> {
  readonly options: Options & GlobalOptions;
  readonly output: Output;
}

/** A command's own options beside those that every command has. */
export function invocation<Options>(command: Command): Invocation<Options> {
  const options = command.optsWithGlobals<Options & GlobalOptions>();
  return { options, output: new Output(options.json) };
}

/** The words under `--help` that show the command in use. */
export function example(...lines: string[]): string {
  return `\nExample:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
}

/** For options that may be given several times. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** For options that say how many. */
export function wholeNumber(value: string): number {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It must be a whole number from 1.');
}

/** Milliseconds of an option that is a duration. @throws {InvalidInput} naming the option */
export function durationOf(flag: string, text: string): number {
  if (isDuration(text)) return milliseconds(text);
  throw new InvalidInput('The command line', [
    `${flag}: '${text}' is not like '15 minutes', '2 hours' or '1 day'.`,
  ]);
}
