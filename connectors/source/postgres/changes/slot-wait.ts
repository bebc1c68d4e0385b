import type { Client } from 'pg';
import { Unreachable } from '../../../../core/errors.ts';

/** A slot can only be made when all transactions that are open have ended. How long they are waited for, and told of. Milliseconds. */
const PATIENCE = 120_000;
const FIRST_LOOK = 1000;
const LOOK = 5000;

/**
 * Waits for the making of a slot, which waits for every transaction that is open.
 * @param client watches meanwhile @param maker makes the slot by `work`
 * @throws {Unreachable} one goes on for too long, naming its session; the making is cancelled then
 */
export async function untilDone<T>(
  client: Client,
  maker: Client,
  work: Promise<T>,
  tell: (waitingFor: string) => void,
): Promise<T> {
  const settled = work.then(
    () => true,
    () => true,
  );
  const started = performance.now();
  for (let pause = FIRST_LOOK; ; pause = LOOK) {
    if (await Promise.race([settled, elapsed(pause)])) return work;
    const { rows } = await client.query<{ session: string }>(OLDEST, [processOf(maker), processOf(client)]);
    const blocker = rows[0]?.session ?? 'a transaction that is open';
    tell(`${blocker} has to end before changes can be followed`);
    if (performance.now() - started < PATIENCE) continue;
    await client.query('SELECT pg_cancel_backend($1)', [processOf(maker)]);
    await settled;
    throw new Unreachable(
      `A stream of changes can only begin when the transactions that are open have ended, and after ${PATIENCE / 1000} s ${blocker} has not. ` +
        `End it, or wait: it is tried again.`,
    );
  }
}

/** @returns false */
function elapsed(milliseconds: number): Promise<boolean> {
  return new Promise((resolve) => setTimeout(() => resolve(false), milliseconds).unref());
}

export function processOf(client: Client): number {
  return 'processID' in client && typeof client.processID === 'number' ? client.processID : 0;
}

const OLDEST = `
SELECT format('process %s (user %s, %s, open since %s)', pid, usename, coalesce(nullif(application_name, ''), 'no application name'),
  to_char(xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')) AS session
FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid NOT IN ($1, $2)
UNION ALL
SELECT format('the prepared transaction %s', gid) FROM pg_prepared_xacts
LIMIT 1`;
