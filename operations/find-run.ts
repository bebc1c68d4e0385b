import type { RunRecord } from '../connectors/ledger/port.ts';
import { TerminalError } from '../core/errors.ts';
import type { Session } from './session.ts';

/** The newest run with this run or workflow id. @throws {TerminalError} when there is none */
export async function newestRun({ ledger }: Pick<Session, 'ledger'>, id: string): Promise<RunRecord> {
  const [run] = await ledger.runs({ id, limit: 1 });
  if (run) return run;
  throw new TerminalError(`There is no run '${id}'. 'sluice runs' lists the ids.`);
}
