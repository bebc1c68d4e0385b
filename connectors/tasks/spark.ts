import { milliseconds } from '../../core/duration.ts';
import { TerminalError, TransientError } from '../../core/errors.ts';
import type { TaskResult } from '../../core/tasks.ts';
import type { SparkRunner } from '../jobs/port.ts';
import { documentOf } from './input.ts';
import { TaskLog } from './log.ts';
import { parseOutput, tookTooLong, tooLarge } from './output.ts';
import type { TaskInput } from './port.ts';
import { tokenOf } from './token.ts';

export interface SparkCall {
  /** `olist's task 'prepare'`, for messages. */
  readonly subject: string;
  readonly name: string;
  readonly job: string;
  readonly timeout: string;
  /** Secrets of the profile. */
  readonly environment: Readonly<Record<string, string>>;
  /** Takes secrets out of what it writes. */
  readonly masked: (text: string) => string;
}

/** Runs a Spark job of the project to its end. */
export async function runSpark(
  call: SparkCall,
  runner: SparkRunner,
  input: TaskInput,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<TaskResult> {
  const { subject, name, job, timeout, environment, masked } = call;
  const { run } = input;
  const log = new TaskLog(masked, onLine);
  let seen = '';
  const outcome = await runner
    .run(
      {
        subject,
        token: tokenOf(input, name),
        owner: run.runId,
        name: [run.pipeline, name].join('-').replaceAll('_', '-'),
        job,
        arguments: {
          '--pipeline': run.pipeline,
          '--interval-start': run.interval.start,
          '--interval-end': run.interval.end,
        },
        environment,
        input: JSON.stringify(documentOf(input)),
        timeoutMs: milliseconds(timeout),
      },
      signal,
      ({ jobRunId, state }) => {
        const text = `job run ${jobRunId}: ${state}`;
        if (text !== seen) onLine((seen = text));
      },
      log.take,
    )
    .finally(() => log.end());
  if (outcome.ending === 'timed out') throw tookTooLong(subject, timeout, log.lastLines);
  const message = masked(outcome.message ?? 'nobody says why');
  if (outcome.ending === 'killed')
    throw new TransientError(`${subject} was ended from outside: ${message}\nIt is tried again.`);
  if (!outcome.succeeded) throw new TerminalError(`${subject} failed: ${message}\nCorrect it, then rerun.`);
  const { output } = outcome;
  if (output === null) return { output: null };
  if (output.text === null) throw tooLarge(subject, output.bytes);
  return { output: parseOutput(subject, output.text, "'--output-uri'") };
}
