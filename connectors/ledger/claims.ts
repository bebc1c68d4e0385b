import type { ArrivedFile } from '../../core/arrived-file.ts';
import type { DataInterval } from '../../core/interval.ts';

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
