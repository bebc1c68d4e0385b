import type { ArrivedFile } from '../../core/arrived-file.ts';
import type { DataInterval, Instant } from '../../core/interval.ts';

export interface ClaimRequest {
  readonly pipeline: string;
  readonly place: string;
  /** All that stand there. */
  readonly files: readonly ArrivedFile[];
  /** How long a file must have stood still, in milliseconds; 0: not at all. */
  readonly settleMs: number;
  /** Files of a batch. */
  readonly batch: number;
}

export interface Claims {
  readonly claimed: number;
  /** New files that have not stood still for long enough, or whose version of before is not done with. */
  readonly waiting: number;
}

export interface WaitingBatches {
  /** That no run has taken, oldest first. */
  readonly batches: readonly DataInterval[];
  /** Runs that files have started, and that are under way. */
  readonly running: number;
}

/** The last look at a pipeline's place. */
export interface Look {
  readonly lookedAt: Instant;
  /** New files that are not claimed yet: they settle, or a version before is being run. */
  readonly unclaimed: number;
  /** Batches that no run has taken by now. */
  readonly batches: number;
  /** Why it failed; null where it did not. */
  readonly problem: string | null;
}
