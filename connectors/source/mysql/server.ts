import type { Connection, RowDataPacket } from 'mysql2/promise';
import { TerminalError } from '../../../core/errors.ts';

export interface Server {
  /** It may not be written to: what it shows comes from another, some time later. */
  readonly replica: boolean;
}

/** @throws {TerminalError} where a statement would see rows that are not committed */
export async function serverOf(client: Connection): Promise<Server> {
  const [rows] = await client.query<RowDataPacket[]>(
    `SHOW GLOBAL VARIABLES WHERE Variable_name IN ('transaction_isolation', 'tx_isolation', 'read_only')`,
  );
  const values = new Map(rows.map((row) => [String(row['Variable_name']), String(row['Value'])]));
  const isolation = values.get('transaction_isolation') ?? values.get('tx_isolation');
  if (isolation === 'READ-UNCOMMITTED')
    throw new TerminalError(
      `The server's transaction_isolation is READ-UNCOMMITTED: rows that are taken back would be extracted. Set it to REPEATABLE-READ or READ-COMMITTED.`,
    );
  return { replica: !['OFF', '0', undefined].includes(values.get('read_only')) };
}
