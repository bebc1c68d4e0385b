import type { PoolPlace } from '../../core/pools.ts';
import type { RunRef } from '../../core/run.ts';

export interface PlaceRequest extends PoolPlace {
  /** Places that the pool has. */
  readonly size: number;
  readonly run: Pick<RunRef, 'runId' | 'workflowId' | 'pipeline'>;
  /** The workflow that is to be told when it is given the place. */
  readonly waitsIn: string;
}

/** Who was given the place that somebody has left. */
export interface NextInLine extends Pick<PoolPlace, 'pool' | 'step'> {
  readonly waitsIn: string;
}

/** A step that holds a place in a pool, or waits for one. */
export interface PlaceRecord extends PoolPlace {
  readonly runId: string;
  readonly workflowId: string;
  readonly pipeline: string;
  readonly askedAt: string;
  /** Null while it waits. */
  readonly takenAt: string | null;
}

export type PlaceAnswer =
  | { readonly taken: true }
  | {
      readonly taken: false;
      readonly holders: readonly PlaceRecord[];
      /** Waiting steps that come first. */
      readonly ahead: number;
      /** Those of them that have not asked for 10 seconds: their runs may have been ended from outside. */
      readonly silent: readonly PlaceRecord[];
    };

/** The part of the ledger that knows who has places in pools. */
export interface Places {
  /**
   * Takes a place in a pool for a step, or a place in the line for one: by priority, then by when it was first asked for. Who waits
   * asks again every few seconds; whoever has not for 30 has left the line. A step that has its place is given it again.
   */
  takePlace(request: PlaceRequest): Promise<PlaceAnswer>;
  /**
   * Gives up the place of a step, or its place in the line. A place that becomes free is given to the first in line.
   * @returns who has it now, and is to be told
   */
  leavePool(
    place: Pick<PlaceRequest, 'pool' | 'step' | 'size'> & { readonly runId: string },
  ): Promise<NextInLine | undefined>;
  /** Gives up a place of a run that can say nothing itself, or its place in the line; nobody is given it. May be repeated. */
  losePlace(place: Pick<PlaceRecord, 'pool' | 'runId' | 'step'>): Promise<void>;
  /** Who holds places, and who waits, in their order. */
  places(): Promise<PlaceRecord[]>;
}
