import { thenCleanUp } from '../core/clean-up.ts';
import { pauses, type Pauses } from '../operations/pauses.ts';
import type { Profile } from '../profiles/profile.ts';
import { connect } from './session.ts';

const PATIENCE_MS = 3_000;

/** Which pipelines are paused, for a command that otherwise needs no Temporal; undefined where it does not answer soon. */
export async function pausesNow(profile: Profile): Promise<Pauses | undefined> {
  try {
    const connection = await connect(profile, PATIENCE_MS);
    const { Client } = await import('@temporalio/client');
    const client = new Client({ connection, namespace: profile.temporal.namespace });
    return await thenCleanUp(
      () => pauses(client, PATIENCE_MS),
      () => connection.close(),
    );
  } catch {
    return undefined;
  }
}
