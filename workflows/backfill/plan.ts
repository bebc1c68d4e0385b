import type { BackfillOutline, BackfillPlan, PlannedRun } from '../../core/backfill.ts';
import type { Outcome } from '../../core/run.ts';

/** What a backfill runs. */
export interface Plan {
  readonly outline: BackfillOutline;
  /** What the next execution goes on with. */
  readonly handedOn: PlanState;
  /** The `n`-th run, counted from 0. */
  run(n: number): Promise<PlannedRun>;
  /** Records how the `n`-th run ended, and how many have by now. */
  ended(n: number, end: EndedRun): Promise<void>;
  /** Waits until all ends are recorded. */
  settled(): Promise<void>;
}

export interface EndedRun {
  readonly outcome: Exclude<Outcome, 'running'>;
  readonly error: string | null;
  readonly succeeded: number;
  readonly failed: number;
}

/** What one execution hands to the next of its plan. */
export interface PlanState {
  readonly outline?: BackfillOutline;
  /** Of a backfill that began before plans were in the ledger. */
  readonly plan?: PlanInHistory;
}

/** A plan with every interval, as histories hold them that began before plans were in the ledger. */
export type PlanInHistory = Pick<
  BackfillPlan,
  'request' | 'range' | 'runs' | 'intervalTables' | 'onceTables'
>;
