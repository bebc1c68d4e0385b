import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { thenCleanUp } from '../../../core/clean-up.ts';
import { Unreachable } from '../../../core/errors.ts';

/** An open transaction of another session. */
export interface InFlight {
  readonly transaction: string;
  /** Milliseconds since 1970, cut to whole seconds, by the server's clock. */
  readonly start: number;
  /** Who, for people. */
  readonly session: string;
}

export const HIDDEN = `the connection's user may not see transactions in flight: GRANT PROCESS ON *.* to it`;

/** Longer than what the server keeps its list for, and never the same, so that those who ask at once get out of step. */
const pause = () => delay(120 + 400 * Math.random());
const FRESH_MS = 30_000;
const REFUSED = 1227; // ER_SPECIFIC_ACCESS_DENIED_ERROR

/** The server's clock, and how far its own wall clock is from UTC, in milliseconds. */
export interface Clock {
  readonly now: number;
  readonly offset: number;
}

export async function clockOf(client: Connection): Promise<Clock> {
  const { now, wall } = await inZone(
    client,
    '@@GLOBAL.time_zone',
    `SELECT CAST(UTC_TIMESTAMP(3) AS CHAR) AS now, CAST(NOW() AS CHAR) AS wall`,
  ).then(([row]) => ({ now: utc(row?.['now']), wall: utc(row?.['wall']) }));
  return { now, offset: Math.round((wall - now) / 60_000) * 60_000 };
}

/**
 * The transactions that may still write, oldest first; undefined where the user may not see them. Those of InnoDB alone: other
 * engines have none. The server makes its list anew only where nobody has read it for 0.1 s, so one that is asked often shows what was:
 * a list counts that shows the very question, which is asked in a transaction for that.
 * @throws {Unreachable} others ask so often that there is none
 * @see https://dev.mysql.com/doc/refman/8.4/en/innodb-information-schema-internal-data.html
 */
export async function inFlight(client: Connection): Promise<readonly InFlight[] | undefined> {
  try {
    for (const end = performance.now() + FRESH_MS; performance.now() < end; await pause()) {
      const question = randomUUID();
      // The start is shown in the zone of the server's machine, whatever the session's is.
      const rows = await inZone(client, `'SYSTEM'`, `SELECT /* sluice ${question} */ ${IN_FLIGHT}`);
      if (rows.some((row) => row['own'] && String(row['asked']).includes(question)))
        return rows.flatMap((row) => (row['own'] ? [] : [shown(row)]));
    }
  } catch (error) {
    if (error instanceof Error && 'errno' in error && error.errno === REFUSED) return undefined;
    throw error;
  }
  throw new Unreachable(
    `The server's list of open transactions is not renewed: other programs read information_schema.INNODB_TRX more often than every 0.1 s, or it does not show this session's own transaction.`,
  );
}

function shown(row: RowDataPacket): InFlight {
  const since = Number(row['age']);
  // Set back by an hour, the clock shows a start in the future.
  const age = since < 0 ? since + 3600 : since;
  return {
    transaction: String(row['transaction']),
    start: utc(row['now']) - age * 1000,
    session: `connection ${row['thread']}, user ${row['user'] ?? 'unknown'}`,
  };
}

/** Waits until these transactions have ended. @throws {Unreachable} when they go on */
export async function untilEnded(
  client: Connection,
  those: readonly InFlight[],
  table: string,
  otherwise: string,
  patienceMs: number,
): Promise<void> {
  const ids = new Set(those.map(({ transaction }) => transaction));
  for (const end = performance.now() + patienceMs; ids.size; await pause()) {
    const left = (await inFlight(client)) ?? [];
    if (!left.some(({ transaction }) => ids.has(transaction))) return;
    if (performance.now() >= end)
      throw new Unreachable(`Table ${table} cannot be read yet: after ${patienceMs / 1000} s, ${otherwise}.`);
  }
}

async function inZone(client: Connection, zone: string, query: string): Promise<RowDataPacket[]> {
  await client.query(`SET SESSION time_zone = ${zone}`);
  await client.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
  return thenCleanUp(
    async () => {
      return (await client.query<RowDataPacket[]>(query))[0];
    },
    async () => {
      await client.query('COMMIT');
      await client.query(`SET SESSION time_zone = '+00:00'`);
    },
  );
}

function utc(text: unknown): number {
  return Date.parse(`${String(text).replace(' ', 'T')}Z`);
}

const IN_FLIGHT = `
  t.trx_mysql_thread_id = CONNECTION_ID() AS own, t.trx_query AS asked,
  CONCAT(t.trx_mysql_thread_id, ' ', t.trx_started) AS transaction, t.trx_mysql_thread_id AS thread, p.USER AS user,
  TIMESTAMPDIFF(SECOND, t.trx_started, NOW()) AS age, CAST(UTC_TIMESTAMP() AS CHAR) AS now
FROM information_schema.INNODB_TRX t LEFT JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id
WHERE t.trx_mysql_thread_id = CONNECTION_ID()
  OR t.trx_is_read_only = 0 AND COALESCE(t.trx_query, '') NOT LIKE 'SELECT /* sluice %'
ORDER BY t.trx_started`;
