import { CancelledFailure } from '@temporalio/common';
import type { Context } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import { PipelineError } from '../core/errors.ts';
import type { Happening } from '../core/lineage/open-lineage.ts';
import { countsOf, type Outcome, type RunRef, type Step, type TransformStepResult } from '../core/run.ts';
import { stepOf } from './step-of.ts';
import { wordsOf } from './failures.ts';

type End = NonNullable<Happening['end']>;

/** Sees every activity, and tells of those that open or close a run, or are a step of one. */
export class LineageRecorder implements ActivityInboundCallsInterceptor {
  readonly #context: Context;
  readonly #tell: (happening: Happening) => void;
  readonly #masked: (text: string) => string;

  constructor(context: Context, tell: (happening: Happening) => void, masked: (text: string) => string) {
    this.#context = context;
    this.#tell = tell;
    this.#masked = masked;
  }

  async execute(
    input: ActivityExecuteInput,
    next: Next<ActivityInboundCallsInterceptor, 'execute'>,
  ): Promise<unknown> {
    const { activityType, attempt } = this.#context.info;
    const call = stepOf(activityType, input.args);
    const step = call && { kind: call.step, subject: call.table, attempt };
    if (call && step) this.#say({ runId: call.run.runId, step });
    try {
      const result = await next(input);
      if (call && step) this.#say({ runId: call.run.runId, step, end: done(result, step.kind) });
      else this.#sayOfRun(activityType, input.args, result);
      return result;
    } catch (error) {
      if (call && step) this.#say({ runId: call.run.runId, step, end: this.#failed(error) });
      throw error;
    }
  }

  #sayOfRun(activity: string, args: readonly unknown[], result: unknown): void {
    switch (activity) {
      case 'openRun': {
        const { run, heldBy } = (result ?? {}) as { run?: RunRef; heldBy?: unknown };
        if (run && heldBy === null) this.#say({ runId: run.runId });
        return;
      }
      case 'closeRun': {
        const [runId, outcome, error] = args as [string, Exclude<Outcome, 'running'>, string | null];
        return this.#say({ runId, end: { outcome, error: error === null ? null : this.#masked(error) } });
      }
      case 'beginStep': {
        const [runId, kind, subject] = args as [string, Step, string | null];
        return this.#say({ runId, step: { kind, subject, attempt: 1 } });
      }
      case 'endStep': {
        const [runId, kind, subject, end] = args as [string, Step, string | null, object];
        const error =
          'error' in end
            ? ({ outcome: 'failed', error: this.#masked(String(end.error)) } as const)
            : undefined;
        return this.#say({
          runId,
          step: { kind, subject, attempt: 1 },
          end: error ?? { outcome: 'succeeded' },
        });
      }
    }
  }

  #failed(error: unknown): End {
    const isCancelled = error instanceof CancelledFailure || this.#context.cancellationSignal.aborted;
    const detail =
      error instanceof PipelineError
        ? (error.detail as { nodes?: readonly FailedNode[] } | undefined)
        : undefined;
    return {
      outcome: isCancelled ? 'cancelled' : 'failed',
      error: this.#masked(wordsOf(error)),
      ...(detail?.nodes && { nodes: detail.nodes.flatMap(toNode) }),
    };
  }

  #say(happening: Omit<Happening, 'at'>): void {
    this.#tell({ ...happening, at: new Date().toISOString() });
  }
}

interface FailedNode {
  readonly id: string;
  readonly status: string;
  readonly seconds: number;
}

/** One that was skipped has not happened. */
function toNode({ id, status, seconds }: FailedNode): NonNullable<End['nodes']> {
  if (status === 'skipped') return [];
  const outcome = status === 'success' || status === 'warn' ? 'succeeded' : 'failed';
  return [{ id, outcome, milliseconds: Math.round(seconds * 1_000) }];
}

function done(result: unknown, kind: Step): End {
  const { rows } = countsOf(result);
  const { milliseconds } = (result ?? {}) as Partial<TransformStepResult>;
  if (kind !== 'transform' || !milliseconds) return { outcome: 'succeeded', rows };
  const nodes = Object.entries(milliseconds).map(([id, ms]) => ({
    id,
    outcome: 'succeeded' as const,
    milliseconds: ms,
  }));
  return { outcome: 'succeeded', nodes };
}
