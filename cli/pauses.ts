import { thenCleanUp } from '../core/clean-up.ts';
import { pauses, type Pauses } from '../operations/pauses.ts';
import type { Profile } from '../profiles/profile.ts';

const PATIENCE_MS = 3_000;

/** Which pipelines are paused, for a command that otherwise needs no Temporal; undefined where it does not answer soon. */
export async function pausesNow({ temporal }: Profile): Promise<Pauses | undefined> {
  const { Client, Connection } = await import('@temporalio/client'); // which takes longer to load than the rest of the command
  try {
    const connection = await Connection.connect({ address: temporal.address, connectTimeout: PATIENCE_MS });
    const client = new Client({ connection, namespace: temporal.namespace });
    return await thenCleanUp(
      () => pauses(client, PATIENCE_MS),
      () => connection.close(),
    );
  } catch {
    return undefined;
  }
}
