import { CancelledFailure } from '@temporalio/common';
import type { Context } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { StepLog } from '../activities/connectors.ts';
import { beating } from '../activities/heartbeat.ts';
import { listenTo, type StepLines } from '../activities/step-lines.ts';
import { inWords, milliseconds } from '../core/duration.ts';
import type { ResolvedTask } from '../core/tasks.ts';
import { PipelineError, TerminalError } from '../core/errors.ts';
import { inStrings } from '../core/masks.ts';
import { isOverdue, isUsedUp, type Patience } from '../core/patience.ts';
import { countsOf, endOf, type RunRef } from '../core/run.ts';
import { toFailure, wordsOf, type Tried } from './failures.ts';
import { joinsWork, type Joins } from './joins.ts';
import { StepMetrics } from './metrics.ts';
import { stepOf, type StepCall } from './step-of.ts';

const LOG_EVERY_MS = 2_000; // what a step says is seen by others so soon

/** Work that is done anew by every attempt. */
const COUNTED = ['runTask', 'runElement'];

/**
 * Wraps every activity: it heartbeats, failures become Temporal's, and an activity that is a step of a run (its name is a step's, its
 * first argument the run) is written to the ledger, the log and the metrics.
 */
export class StepRecorder implements ActivityInboundCallsInterceptor {
  readonly #context: Context;
  readonly #steps: StepLog;
  readonly #log: Logger;
  readonly #metrics: StepMetrics;
  readonly #masked: (text: string) => string;
  readonly #joins: Joins;
  readonly #lines: StepLines;

  /**
   * @param masked takes the profile's secrets out of a text, wherever its words come from
   * @param joins of the profile's Spark; without it, containers alone
   */
  constructor(
    context: Context,
    steps: StepLog,
    log: Logger,
    masked: (text: string) => string = (text) => text,
    joins: Joins = joinsWork(undefined),
  ) {
    this.#context = context;
    this.#steps = steps;
    this.#log = log;
    this.#masked = masked;
    this.#joins = joins;
    this.#lines = listenTo(context, masked);
    this.#metrics = new StepMetrics(context.metricMeter);
  }

  async execute(
    input: ActivityExecuteInput,
    next: Next<ActivityInboundCallsInterceptor, 'execute'>,
  ): Promise<unknown> {
    const call = stepOf(this.#context.info.activityType, input.args);
    const tried = isRun(input.args[0]) ? this.#tried(input.args[0], input.args) : undefined;
    try {
      const work = () => {
        if (tried) this.#mustHaveTime(tried, input.args);
        return beating(this.#context, async () => {
          const result = await next(input);
          return this.#isOfAuthor ? inStrings(result, this.#masked) : result;
        });
      };
      if (call) return await this.#record(call, work);
      return await work().finally(() => this.#addLines(input.args));
    } catch (error) {
      throw toFailure(error, tried, this.#masked);
    }
  }

  /** Undefined for an activity whose own options bound its attempts. */
  #tried({ patience }: RunRef, args: readonly unknown[]): Tried | undefined {
    if (!patience) return undefined;
    const { activityType, attempt, scheduledTimestampMs } = this.#context.info;
    const joined = this.#joined(args);
    const isCounted = COUNTED.includes(activityType) && !joined;
    const elapsedMs = Date.now() - scheduledTimestampMs;
    // Attempts that failed by themselves, and the pauses behind them, are nobody's absence.
    const ownMs = joined?.retry ? ownTime(joined, patience) : 0;
    return { patience, attempt, elapsedMs, ownMs, isCounted };
  }

  /** What the pipeline's author wrote: it is not done more often than was asked for, and may give anything. */
  get #isOfAuthor(): boolean {
    return [...COUNTED, 'lookFor'].includes(this.#context.info.activityType);
  }

  /** The task whose work is elsewhere: an attempt joins that of the one before. */
  #joined(args: readonly unknown[]): Joinable | undefined {
    return args.filter(isTask).find(({ does }) => this.#joins(does));
  }

  #mustHaveTime({ patience, attempt, isCounted }: Tried, args: readonly unknown[]): void {
    const { scheduledTimestampMs, currentAttemptScheduledTimestampMs } = this.#context.info;
    const joined = this.#joined(args);
    // What goes on elsewhere while workers come and go has its own time beside that of patience.
    const ownMs = joined ? ownTime(joined, patience) : 0;
    const elapsedMs = currentAttemptScheduledTimestampMs - scheduledTimestampMs;
    const isOver = isCounted ? isUsedUp : isOverdue;
    if (!isOver(patience, { attempt, elapsedMs, ownMs })) return;
    throw new TerminalError(
      `${attempt - 1} attempts were begun in ${inWords(elapsedMs)}, and the last of them ended without a word: its worker died or lost Temporal. ` +
        `Look at the worker's log and its machine's memory, then rerun.`,
    );
  }

  /** What an element's task has written goes to the log of the step, of which the run has one attempt. */
  async #addLines([run, task]: readonly unknown[]): Promise<void> {
    if (this.#context.info.activityType !== 'runElement') return;
    const lines = this.#lines.news();
    const { name } = task as { readonly name: string };
    if (lines) await this.#steps.addToLog((run as RunRef).runId, 'task', name, 1, lines);
  }

  async #record({ step, run, table }: StepCall, work: () => Promise<unknown>): Promise<unknown> {
    const { attempt } = this.#context.info;
    const log = this.#log.child({
      pipeline: run.pipeline,
      workflowId: run.workflowId,
      run: run.runId,
      interval: run.interval.start,
      step,
      table,
      attempt,
    });
    const began = performance.now();
    await this.#steps.startStep(run.runId, step, table, attempt);
    log.debug('step started');
    const lines = this.#lines;
    const putDown = async () => {
      const news = lines.news();
      if (news) await this.#steps.writeLog(run.runId, step, table, attempt, news);
    };
    const timer = setInterval(() => void putDown(), LOG_EVERY_MS);
    try {
      const result = await work().finally(() => {
        clearInterval(timer);
        return putDown();
      });
      const { rows, bytes } = countsOf(result);
      await this.#steps.finishStep(run.runId, step, table, attempt, endOf(step, result));
      const seconds = (performance.now() - began) / 1000;
      this.#metrics.done({ pipeline: run.pipeline, step, table }, { seconds, rows, bytes });
      log.info({ rows, bytes, seconds: Number(seconds.toFixed(3)) }, 'step done');
      return result;
    } catch (error) {
      const outcome =
        error instanceof CancelledFailure || this.#context.cancellationSignal.aborted
          ? 'cancelled'
          : 'failed';
      const words = this.#masked(wordsOf(error));
      log.error({ outcome, error: words }, 'step failed');
      this.#metrics.failed({ pipeline: run.pipeline, step, table }, outcome);
      const detail = error instanceof PipelineError ? error.detail : undefined;
      const end = { error: words, outcome, detail } as const;
      await this.#steps.finishStep(run.runId, step, table, attempt, end);
      throw error;
    }
  }
}

type Joinable = Pick<ResolvedTask, 'does' | 'timeout' | 'retry'>;

/** The longest that a task may be at work, pauses after failures of its own included. */
function ownTime({ timeout, retry }: Joinable, { attempts }: Patience): number {
  return retry ? attempts * (milliseconds(timeout) + milliseconds(retry.after)) : milliseconds(timeout);
}

function isTask(argument: unknown): argument is Joinable {
  return typeof argument === 'object' && argument !== null && 'does' in argument && 'timeout' in argument;
}

function isRun(argument: unknown): argument is RunRef {
  return typeof argument === 'object' && argument !== null && 'runId' in argument;
}
