import { z } from 'zod';
import type { PostgresLedger } from '../../connectors/ledger/postgres/ledger.ts';
import { duration, type DurationText } from '../../core/duration.ts';
import { database, port } from '../fields.ts';

export const ledger = z.strictObject({
  ...database,
  port: port.default(5432),
  /** Attempts of steps, with the ends of their logs, go so long after their run has ended; runs and steps stay. */
  keepAttempts: duration.default('90 days' satisfies DurationText),
});

/** @param newPassword asked where the password is refused */
export async function openLedger(
  settings: z.infer<typeof ledger>,
  newPassword?: () => Promise<string>,
): Promise<PostgresLedger> {
  const { PostgresLedger } = await import('../../connectors/ledger/postgres/ledger.ts');
  return new PostgresLedger({ ...settings, ...(newPassword && { newPassword }) });
}
