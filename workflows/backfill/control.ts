import {
  CancellationScope,
  defineQuery,
  defineUpdate,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import type { BackfillOutline } from '../../core/backfill.ts';
import type { Outcome } from '../../core/run.ts';

export interface BackfillProgress {
  readonly total: number;
  readonly started: number;
  readonly succeeded: number;
  readonly failed: number;
  /** The newest, at most 20, each error cut: the ledger has them all. */
  readonly lastFailures: readonly FailedInterval[];
  readonly running: readonly string[];
  readonly paused: boolean;
  readonly cancelled: boolean;
  readonly concurrency: number;
}

export interface FailedInterval {
  readonly interval: string;
  readonly error: string;
}

/** Progress as executions handed it on before the ledger had the intervals: every failure is in it. */
export type ProgressInHistory = Omit<BackfillProgress, 'failed' | 'lastFailures'> & {
  readonly failed: readonly FailedInterval[];
};

export const progress = defineQuery<BackfillProgress>('progress');
export const pause = defineUpdate<BackfillProgress>('pause');
export const resume = defineUpdate<BackfillProgress>('resume');
export const setConcurrency = defineUpdate<BackfillProgress, [number]>('setConcurrency');
export const cancel = defineUpdate<BackfillProgress>('cancel');

const MAX_CONCURRENCY = 50; // as in core/run-input.ts, backfillInput
const KEPT_FAILURES = 20;
const KEPT_ERROR = 500; // characters

/** A backfill's state, and the doors through which people change it while it runs. */
export class BackfillControl {
  readonly #total: number;
  readonly #scope = new CancellationScope();
  #started: number;
  #succeeded: number;
  #failed: number;
  #lastFailures: readonly FailedInterval[];
  #running = new Set<string>();
  #paused: boolean;
  #concurrency: number;
  #cancelled = false;

  constructor({ total, request }: BackfillOutline, before?: BackfillProgress | ProgressInHistory) {
    this.#total = total;
    this.#started = before?.started ?? 0;
    this.#succeeded = before?.succeeded ?? 0;
    const failures = before && ('lastFailures' in before ? before.lastFailures : before.failed);
    this.#lastFailures = (failures ?? []).slice(-KEPT_FAILURES);
    this.#failed = typeof before?.failed === 'number' ? before.failed : (failures ?? []).length;
    this.#paused = before?.paused ?? false;
    this.#concurrency = before?.concurrency ?? request.concurrency;
    setHandler(progress, () => this.progress);
    setHandler(pause, () => this.#change(() => (this.#paused = true)), {
      description: 'Start no further intervals',
    });
    setHandler(resume, () => this.#change(() => (this.#paused = false)), {
      description: 'Go on after pause',
    });
    setHandler(cancel, () => this.#change(() => this.#cancel()), {
      description: 'End the running intervals and start no more',
    });
    setHandler(setConcurrency, (runs) => this.#change(() => (this.#concurrency = runs)), {
      description: `Intervals at the same time, 1 to ${MAX_CONCURRENCY}`,
      validator: (runs) => {
        if (!Number.isInteger(runs) || runs < 1 || runs > MAX_CONCURRENCY) {
          throw new Error(
            `setConcurrency takes a whole number from 1 to ${MAX_CONCURRENCY}, not ${String(runs)}.`,
          );
        }
      },
    });
  }

  get progress(): BackfillProgress {
    return {
      total: this.#total,
      started: this.#started,
      succeeded: this.#succeeded,
      failed: this.#failed,
      lastFailures: this.#lastFailures,
      running: [...this.#running],
      paused: this.#paused,
      cancelled: this.#cancelled,
      concurrency: this.#concurrency,
    };
  }

  /** Child runs live in this scope: the `cancel` update ends them. */
  get scope(): CancellationScope {
    return this.#scope;
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  /** `running` while there are intervals left to start. */
  get outcome(): Outcome {
    if (this.#cancelled) return 'cancelled';
    if (this.left > 0) return 'running';
    return this.#failed > 0 ? 'failed' : 'succeeded';
  }

  get left(): number {
    return this.#total - this.#started;
  }

  get mayStart(): boolean {
    return !this.#paused && !this.#cancelled && this.left > 0 && this.#running.size < this.#concurrency;
  }

  get busy(): boolean {
    return this.#running.size > 0;
  }

  began(workflowId: string): void {
    this.#started += 1;
    this.#change(() => this.#running.add(workflowId));
  }

  ended(workflowId: string, interval: string, error: string | undefined): void {
    this.#running.delete(workflowId);
    this.#change(() => {
      if (error === undefined) this.#succeeded += 1;
      else this.#fail({ interval, error: error.slice(0, KEPT_ERROR) });
    });
  }

  /** A run that the cancellation of the backfill has ended: neither done nor failed. */
  dropped(workflowId: string): void {
    this.#change(() => this.#running.delete(workflowId));
  }

  #fail(failure: FailedInterval): void {
    this.#failed += 1;
    this.#lastFailures = [...this.#lastFailures, failure].slice(-KEPT_FAILURES);
  }

  #cancel(): void {
    this.#cancelled = true;
    this.#scope.cancel();
  }

  #change(act: () => unknown): BackfillProgress {
    act();
    setCurrentDetails(progressText(this.progress));
    return this.progress;
  }
}

/** Markdown for the Web UI. */
export function progressText(state: BackfillProgress): string {
  const { total, succeeded, failed, lastFailures, running, paused, cancelled, concurrency } = state;
  return [
    `**${succeeded + failed} of ${total}** intervals done${failed ? `, ${failed} failed` : ''}${cancelled ? ', cancelled' : paused ? ', paused' : ''} (${concurrency} at a time)`,
    '',
    ...running.map((id) => `- … ${id}`),
    ...lastFailures.slice(-10).map(({ interval, error }) => `- ✗ ${interval}: ${error.split('\n')[0] ?? ''}`),
  ].join('\n');
}
