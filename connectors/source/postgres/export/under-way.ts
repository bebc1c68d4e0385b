import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from 'pg';
import { TransientError } from '../../../../core/errors.ts';
import { APPLICATION } from '../../../postgres/address.ts';

const PATIENCE = 30_000; // milliseconds
const POLL = 50;

/** Begins every statement of an export, so that others find it in `pg_stat_activity`: a session goes on when who asked has died. */
export function markOf(token: string): string {
  return `/* export ${token} */`;
}

/** Ends the exports of a token, and waits until their sessions have. @throws {TransientError} one does not */
export async function endExports(client: Client, token: string): Promise<void> {
  const values = [APPLICATION, markOf(token)];
  await client.query(`SELECT pg_terminate_backend(pid) ${UNDER_WAY}`, values);
  const until = Date.now() + PATIENCE;
  for (;;) {
    const { rows } = await client.query<{ pid: number }>(`SELECT pid ${UNDER_WAY}`, values);
    const [first] = rows;
    if (!first) return;
    if (Date.now() > until)
      throw new TransientError(
        `An export that an earlier attempt asked for does not end (pid ${first.pid}, waited ${PATIENCE / 1000} s). End it by pg_terminate_backend(${first.pid}), or wait: it is tried again.`,
      );
    await wait(POLL);
  }
}

const UNDER_WAY = `FROM pg_catalog.pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND application_name = $1 AND left(query, length($2)) = $2`;
