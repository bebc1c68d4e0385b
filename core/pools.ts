/** The pool that a source connection is. */
export function poolOfConnection(connection: string): string {
  return `${CONNECTION}${connection}`;
}

export function isOfConnection(pool: string): boolean {
  return pool.startsWith(CONNECTION);
}

const CONNECTION = 'source:'; // no name of a pool in a profile has a colon

/** What a step needs before it begins. */
export interface PoolPlace {
  readonly pool: string;
  /** Of the step; one that is done for each of a list has one for each: `score[17]`. */
  readonly step: string;
  /** Of the pipeline: the greater comes first. */
  readonly priority: number;
}

/** The signal by which the workflow that waits for a place is told that it has it. */
export function placeSignal({ pool, step }: Pick<PoolPlace, 'pool' | 'step'>): string {
  return `place in ${pool} for ${step}`;
}
