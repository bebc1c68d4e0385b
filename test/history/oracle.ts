/** A row of a source as it was found to be since a moment; moments are small numbers here. */
export interface Change {
  readonly key: number;
  readonly at: number;
  /** Rises with every reading; of a log, the place in it. */
  readonly place: number;
  readonly a: number;
  readonly b: string | null;
  readonly deleted: boolean;
}

export interface State {
  readonly a: number | null;
  readonly b: string | null;
  readonly deleted: boolean;
}

export const MOMENTS = Array.from({ length: 16 }, (_, at) => at - 1);

/** What a polled key was at a moment, by looking at every change: the latest until then, else the earliest of all, not deleted yet. */
export function polledState(changes: readonly Change[], moment: number): State | undefined {
  const [first] = [...changes].sort((one, other) => one.at - other.at || other.place - one.place);
  if (!first) return undefined;
  let last: Change | undefined;
  for (const change of changes)
    if (
      change.at <= moment &&
      (!last || change.at > last.at || (change.at === last.at && change.place > last.place))
    )
      last = change;
  const { a, b, deleted } = last ?? { ...first, deleted: false };
  return { a, b, deleted };
}

/** A change as a log tells it: `b` is not sent where it is the one before; nothing is, of what is deleted; `T` is of every key. */
export interface Logged {
  readonly key: number;
  readonly op: 'I' | 'U' | 'D' | 'T' | 'R';
  readonly clock: number;
  readonly place: number;
  readonly a: number;
  readonly b: string | null;
  readonly unsent: boolean;
}

/** The states of a key one after the other, each since when, by doing what the log says. */
export function loggedStates(log: readonly Logged[], key: number): (State & { readonly at: number })[] {
  const states: (State & { readonly at: number })[] = [];
  let now: State | undefined;
  let clock = -Infinity;
  for (const change of [...log].sort((one, other) => one.place - other.place)) {
    if (change.op !== 'T' && change.key !== key) continue;
    const gone = change.op === 'D' || change.op === 'T';
    if (gone && !now) continue;
    now = gone
      ? { a: now?.a ?? null, b: now?.b ?? null, deleted: true }
      : { a: change.a, b: change.unsent ? (now?.b ?? null) : change.b, deleted: false };
    clock = Math.max(clock, change.clock);
    states.push({ ...now, at: clock });
  }
  return states;
}

export function loggedState(log: readonly Logged[], key: number, moment: number): State | undefined {
  const states = loggedStates(log, key);
  const first = states[0];
  if (!first) return undefined;
  const { a, b, deleted } =
    states.findLast(({ at }) => at <= moment) ?? states.findLast(({ at }) => at === first.at) ?? first;
  return { a, b, deleted };
}
