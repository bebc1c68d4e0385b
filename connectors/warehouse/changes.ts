import { TerminalError } from '../../core/errors.ts';
import { MarkMoved } from './errors.ts';
import type { Footing } from './marks.ts';
import type { LoadRequest } from './port.ts';

/**
 * What the mark of a stream of changes stands on: the rows that its loads have left, all of them and no other. Anything else was changed
 * by somebody else, and what changes to come would be merged with cannot be told any more.
 * @param rows of the target; undefined where there is none @param expected what the loads since it was read whole have left
 */
export function footingOfChanges(rows: number | undefined, expected: number): Footing {
  if (rows === undefined) return 'gone';
  if (rows === expected) return 'firm';
  return rows === 0 ? 'gone' : 'shaken';
}

/** Places in the log come first in marks of changes, as texts of fixed width. */
const PLACE = 17;

/**
 * Changes must begin exactly where the table stands, or hold it whole as of a place that it does not stand behind. Places are compared
 * with those of loads begun later alone: a source that was set back, or is another server, is read whole at a smaller one.
 * @throws {MarkMoved} another run came between, or the table was changed by hand
 * @throws {TerminalError} whole tables are only appended to nothing
 */
export function mustFollow(
  { table, manifest }: LoadRequest,
  label: string,
  standing: { readonly mark: string | null; readonly hasRows: boolean; readonly isNewest: boolean },
): void {
  const { loadId, highWaterMark } = manifest;
  const { mark, hasRows, isNewest } = standing;
  const since = manifest.since ?? null;
  if (highWaterMark === null)
    throw new TerminalError(`Load ${loadId} of ${label} says not where it stands. Extract the table again.`);
  if (since !== null) {
    if (mark !== since) throw new MarkMoved(label, loadId);
    return;
  }
  if (!isNewest && mark !== null && mark.slice(0, PLACE) > highWaterMark.slice(0, PLACE))
    throw new MarkMoved(label, loadId);
  if (table.write !== 'append' || !hasRows) return;
  throw new TerminalError(
    `${label}: load ${loadId} holds the table from its beginning, but rows are there already, and 'append' would bring them a second time. ` +
      `Drop ${label} in the warehouse and run again, or use 'merge'.`,
  );
}

/** A value that the source did not send, because it had not changed, is not in the target either. */
export function nothingToFill(label: string, loadId: string, rows: number): TerminalError {
  return new TerminalError(
    `${label}: load ${loadId} leaves values out that have not changed, and ${rows} of its rows are not in the target. ` +
      `Nothing was changed; drop ${label} in the warehouse and run again: it is read anew.`,
  );
}
