import { covers, overlap, without } from '../../core/coverage.ts';
import { TerminalError } from '../../core/errors.ts';
import { modeOf, modesThatCover } from '../../core/extract-modes.ts';
import { exactText, intervalText, type DataInterval } from '../../core/interval.ts';
import type { Manifest } from '../../core/manifest.ts';
import { IntervalTaken } from './errors.ts';
import type { LoadRequest } from './port.ts';

/** Another load of the same table. */
export interface OtherLoad {
  readonly loadId: string;
  readonly interval: DataInterval;
  readonly mode: string;
  /** Of files: those that it has brought without a row. */
  readonly emptied?: readonly string[];
}

/** What a load has to do with the others of its table. */
export interface Ground {
  /** Ids of those with a greater id: newest first. */
  readonly newer: readonly string[];
  /** The newer load that leaves this one nothing to write. */
  readonly taken: string | undefined;
  /** Of a write by interval: the parts of the interval that no newer load holds. */
  readonly own: readonly DataInterval[];
  /** Whether newer loads hold parts of the interval. */
  readonly shared: boolean;
  /** Of snapshots that are appended: the older loads of the same interval, which this one stands in for. */
  readonly replaced: readonly string[];
  /** Of snapshots that are appended: a load of an interval that shares a part of this one's. */
  readonly crossing: OtherLoad | undefined;
  /** Of files: those that a newer load has left without a row, so that no row of the target tells of it. */
  readonly emptied: readonly string[];
}

/** Whether a load's rows take the place of those whose cursor lies in its interval, whichever load has brought them. */
export function writesByInterval({
  table,
  manifest,
}: {
  readonly table: Pick<LoadRequest['table'], 'write'>;
  readonly manifest: Pick<Manifest, 'mode'>;
}): boolean {
  return (
    table.write === 'replace-interval' || (table.write === 'append' && modeOf(manifest).covers === 'interval')
  );
}

/**
 * Whether keys count beside the interval: a row whose cursor has moved out of one interval into another is to be there once. Then rows of
 * older loads go whose keys come again, wherever they lie, and a row is left out whose key a newer load has brought.
 */
export function keysMove({
  table,
}: {
  readonly table: Pick<LoadRequest['table'], 'write' | 'primaryKey'>;
}): boolean {
  return table.write === 'replace-interval' && table.primaryKey.length > 0;
}

/** Whether a load that was applied is of a mode that covers this. */
function covering(what: 'interval' | 'all', { mode }: OtherLoad): boolean {
  return modesThatCover(what).includes(mode);
}

/** @param others all other loads of the table, in any order */
export function groundOf(request: LoadRequest, others: readonly OtherLoad[]): Ground {
  const { table, manifest } = request;
  const { interval, loadId } = manifest;
  const newer = others
    .filter((other) => other.loadId > loadId)
    .sort((a, b) => (a.loadId < b.loadId ? 1 : -1));
  const common = {
    newer: newer.map((other) => other.loadId),
    own: [interval],
    shared: false,
    replaced: [],
    crossing: undefined,
    emptied: [...new Set(newer.flatMap(({ emptied = [] }) => emptied))].filter((name) =>
      manifest.replaces?.includes(name),
    ),
  };
  if (table.write === 'replace') return { ...common, taken: common.newer[0] };
  if (writesByInterval(request)) {
    const holders = newer.filter((other) => covering('interval', other) && overlap(other.interval, interval));
    const own = without(
      [interval],
      holders.map((other) => other.interval),
    );
    const taken = own.length ? undefined : holders[0]?.loadId;
    return { ...common, own, shared: holders.length > 0, taken };
  }
  if (table.write === 'append' && modeOf(manifest).covers === 'all') {
    const snapshots = others.filter((other) => covering('all', other) && overlap(other.interval, interval));
    const isOlder = (other: OtherLoad) => other.loadId < loadId;
    const around = snapshots.filter((other) => !isOlder(other) && covers(other.interval, interval));
    // What the source looked like then cannot be read again: a snapshot for a longer time takes no place of those for parts of it.
    const same = snapshots.filter(
      (other) => isOlder(other) && covers(interval, other.interval) && covers(other.interval, interval),
    );
    return {
      ...common,
      taken: around
        .map((other) => other.loadId)
        .sort()
        .at(-1),
      replaced: same.map((other) => other.loadId),
      crossing: snapshots.find((other) => !around.includes(other) && !same.includes(other)),
    };
  }
  const same = newer.find(
    (other) => other.interval.start === interval.start && other.interval.end === interval.end,
  );
  return { ...common, taken: same?.loadId };
}

/**
 * @param again the load was applied before: it was found to have ground then
 * @throws {IntervalTaken | TerminalError} when the load has nothing to write, or would leave rows twice
 */
export function mustHaveGround(
  { manifest }: LoadRequest,
  label: string,
  ground: Ground,
  again: boolean,
): void {
  const { loadId, interval } = manifest;
  if (ground.taken !== undefined) throw new IntervalTaken(label, interval, loadId, ground.taken);
  if (again || !ground.crossing) return;
  throw new TerminalError(
    `${label}: load ${loadId} is a snapshot for ${intervalText(interval)}, and load ${ground.crossing.loadId} one for ${intervalText(ground.crossing.interval)}: ` +
      `they overlap, and a snapshot cannot be cut, so rows would stand for the same time twice. Nothing was changed: what is kept for ${exactText(ground.crossing.interval)} stays, ` +
      `as the source cannot tell again what it was. Leave the table out ('--table' names the others), or take those rows out by hand and run this again.`,
  );
}
