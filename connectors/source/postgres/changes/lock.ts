import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from 'pg';
import { Unreachable } from '../../../../core/errors.ts';

/** A slot has one reader at a time: how long the next one waits in an attempt, and how often it looks. Milliseconds. */
const PATIENCE = 20 * 60_000;
const LOOK = 250;
const TELL_AFTER = 5000;

/** Takes the stream for this session, until `release` or its end. @throws {Unreachable} another one has it for too long */
export async function acquire(
  client: Client,
  stream: string,
  tell: (waitingFor: string) => void,
): Promise<void> {
  for (const started = performance.now(); ;) {
    const { rows } = await client.query<{ got: boolean }>(`SELECT pg_try_advisory_lock(${KEY}) AS got`, [
      stream,
    ]);
    if (rows[0]?.got) return;
    const waited = performance.now() - started;
    if (waited > PATIENCE) {
      throw new Unreachable(
        `The stream of changes ${stream} has been read by another session for ${PATIENCE / 60_000} minutes. See pg_stat_activity on the source; it is tried again.`,
      );
    }
    if (waited > TELL_AFTER) tell(`another reader of the stream ${stream}`);
    await wait(LOOK);
  }
}

export async function release(client: Client, stream: string): Promise<void> {
  await client.query(`SELECT pg_advisory_unlock(${KEY})`, [stream]);
}

const KEY = `hashtext('sluice: changes'), hashtext($1)`;
