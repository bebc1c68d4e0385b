import { CancelledFailure } from '@temporalio/common';
import type { Context } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import type { Logger } from 'pino';
import { messageOf } from '../core/errors.ts';
import { STEPS, type RunRef, type Step } from '../core/run.ts';
import type { Ledger } from '../connectors/ledger/port.ts';
import { toFailure } from './failures.ts';
import { StepMetrics } from './metrics.ts';

interface StepCall {
  readonly step: Step;
  readonly run: RunRef;
  readonly table: string | null;
}

/**
 * Wraps every activity: failures become Temporal's, and an activity that is a step of a run (its name is a step's, its
 * first argument the run) is written to the ledger, the log and the metrics.
 */
export class StepRecorder implements ActivityInboundCallsInterceptor {
  readonly #context: Context;
  readonly #ledger: Ledger;
  readonly #log: Logger;
  readonly #metrics: StepMetrics;

  constructor(context: Context, ledger: Ledger, log: Logger) {
    this.#context = context;
    this.#ledger = ledger;
    this.#log = log;
    this.#metrics = new StepMetrics(context.metricMeter);
  }

  async execute(
    input: ActivityExecuteInput,
    next: Next<ActivityInboundCallsInterceptor, 'execute'>,
  ): Promise<unknown> {
    const call = this.#stepOf(input);
    try {
      return call ? await this.#record(call, () => next(input)) : await next(input);
    } catch (error) {
      throw toFailure(error);
    }
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
    await this.#ledger.startStep(run.runId, step, table, attempt);
    log.debug('step started');
    try {
      const result = await work();
      const { rows, bytes } = countsOf(result);
      await this.#ledger.finishStep(run.runId, step, table, attempt, { result: result ?? null, rows, bytes });
      const seconds = (performance.now() - began) / 1000;
      this.#metrics.done({ pipeline: run.pipeline, step, table }, { seconds, rows, bytes });
      log.info({ rows, bytes, seconds: Number(seconds.toFixed(3)) }, 'step done');
      return result;
    } catch (error) {
      const outcome =
        error instanceof CancelledFailure || this.#context.cancellationSignal.aborted
          ? 'cancelled'
          : 'failed';
      log.error({ outcome, error: messageOf(error) }, 'step failed');
      this.#metrics.failed({ pipeline: run.pipeline, step, table }, outcome);
      // The step's own failure is what counts, should the ledger be away as well.
      await this.#ledger
        .finishStep(run.runId, step, table, attempt, { error: messageOf(error), outcome })
        .catch((away: unknown) => {
          log.error({ error: messageOf(away) }, 'step failure not recorded');
        });
      throw error;
    }
  }

  #stepOf({ args }: ActivityExecuteInput): StepCall | undefined {
    const step = STEPS.find((name) => name === this.#context.info.activityType);
    if (!step) return undefined;
    const table = args.find(
      (arg): arg is { name: string; domain: string } =>
        typeof arg === 'object' && arg !== null && 'domain' in arg,
    );
    return { step, run: args[0] as RunRef, table: table?.name ?? null };
  }
}

function countsOf(result: unknown): { rows: number | null; bytes: number | null } {
  const { rows, bytes } = (result ?? {}) as { rows?: number; bytes?: number };
  return { rows: rows ?? null, bytes: bytes ?? null };
}
