import type { Connection, RowDataPacket } from 'mysql2/promise';
import { TerminalError } from '../../../core/errors.ts';
import { toInstant, type Instant } from '../../../core/interval.ts';
import { localBound } from '../../../core/local-time.ts';
import type { Reach } from '../../../core/manifest.ts';
import { outOfRange } from './conditions.ts';
import type { Cursor } from '../named-columns.ts';
import { clockOf, HIDDEN, inFlight, untilEnded, type Clock } from './in-flight.ts';
import { identifier } from './sql.ts';

/** How far an incremental extraction may read: no transaction can still commit a row with a cursor before it. */
export interface Horizon {
  /** As text of the cursor's type. Null: nothing may be read yet. Undefined: everything, since the lookback reads again. */
  readonly upTo: string | null | undefined;
  readonly reach: Reach;
}

/** How long an extraction waits by itself; then it fails, and is tried again for as long as the pipeline tries. */
const PATIENCE_MS = { counter: 10_000, interval: 30_000 };
/** A statement takes its time before its transaction is shown. */
const REPORTING_LAG_MS = 1000;

/**
 * Finds the horizon; must be called before the rows are read. A statement writes its own start (`NOW()`) or later, so for a time the
 * horizon is the start of the oldest transaction in flight, cut to the second; for a counter it is the greatest value that is
 * committed now, once every transaction in flight has ended.
 * @param lookback milliseconds
 * @throws {TerminalError} on a replica, and where transactions are hidden, unless there is a lookback
 * @throws {Unreachable} where a counter's transactions go on
 */
export async function findHorizon(
  client: Connection,
  from: string,
  cursor: Cursor,
  table: string,
  { lookback, replica }: { readonly lookback: number; readonly replica: boolean },
): Promise<Horizon> {
  const clock = await clockOf(client);
  const now = { upTo: instantOf(clock.now - lookback) };
  const flying = replica ? undefined : await inFlight(client);
  if (cursor.kind === 'time' && lookback && !flying) return { upTo: undefined, reach: now };
  if (!flying) {
    const why = replica
      ? 'the source is a replica, which does not show the transactions in flight where it replicates from. Extract from there'
      : HIDDEN;
    throw new TerminalError(
      `Table ${table}: ${why}, or use a time as cursor with a lookback longer than the longest transaction; else rows that commit late could be missed.`,
    );
  }
  if (cursor.kind === 'counter') {
    const stray = outOfRange(cursor);
    const [rows] = await client.query<RowDataPacket[]>(
      `SELECT CAST(MAX(${identifier(cursor.column)}) AS CHAR) AS greatest FROM ${from}${stray === undefined ? '' : ` WHERE NOT (${stray})`}`,
    );
    const otherwise =
      'transactions that may write to it go on; run again when they have ended, or choose a time as cursor';
    await untilEnded(client, flying, table, otherwise, PATIENCE_MS.counter);
    return {
      upTo: (rows[0]?.['greatest'] as string | null | undefined) ?? null,
      reach: { upTo: instantOf(clock.now) },
    };
  }
  const [oldest] = flying;
  const moment = Math.min(clock.now, oldest?.start ?? Infinity) - REPORTING_LAG_MS;
  return {
    upTo: earliest(cursor, moment, clock),
    reach: {
      upTo: instantOf(moment),
      ...(oldest && { heldBy: `the open transaction of ${oldest.session}` }),
    },
  };
}

/**
 * Waits until every transaction has ended that began before the interval did; an interval that has not ended yet cannot be complete.
 * @returns what should be looked at, if anything @throws {Unreachable} one goes on
 */
export async function untilWritten(
  client: Connection,
  table: string,
  end: Instant,
  replica: boolean,
  tell: (waitingFor: string) => void,
): Promise<string | undefined> {
  const { now } = await clockOf(client);
  if (replica || now < Date.parse(end)) return undefined;
  const flying = await inFlight(client);
  if (!flying)
    return `was read without a look at transactions that may still bring rows of the interval: ${HIDDEN}`;
  const open = flying.filter(({ start }) => start - REPORTING_LAG_MS < Date.parse(end));
  const [first] = open;
  if (!first) return undefined;
  const what = `a transaction that began before ${end} has not ended (${first.session}), and may still bring rows of the interval; end it, or wait: it is tried again`;
  tell(what);
  await untilEnded(client, open, table, what, PATIENCE_MS.interval);
  return undefined;
}

/** What is written may be in the table's zone, UTC or the server's own: the earliest counts. */
function earliest({ type, zone }: Cursor, moment: number, { offset }: Clock): string {
  const utc = localBound(instantOf(moment), 'UTC');
  if (type === 'timestamp') return `${utc}+00`;
  const walls = [
    utc,
    localBound(instantOf(moment), zone),
    localBound(instantOf(moment + offset), 'UTC'),
  ].sort();
  const wall = walls[0] ?? utc;
  return type === 'date' ? wall.slice(0, 10) : wall;
}

function instantOf(moment: number): Instant {
  return toInstant(new Date(Math.floor(moment / 1000) * 1000));
}
