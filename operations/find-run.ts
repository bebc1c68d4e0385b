import type { Ledger, RunRecord } from '../connectors/ledger/port.ts';
import { TerminalError } from '../core/errors.ts';
import type { Session } from './session.ts';

/**
 * The newest run with this run or workflow id; with `#2` behind a workflow id the second of those that had it, counted from the first.
 * @throws {TerminalError} when there is none
 */
export async function newestRun({ ledger }: Pick<Session, 'ledger'>, id: string): Promise<RunRecord> {
  const [, workflowId, number] = /^(.+)#([1-9]\d*)$/.exec(id) ?? [];
  const runs = await ledger.runs(workflowId === undefined ? { id, limit: 1 } : { id: workflowId });
  const run = number === undefined ? runs[0] : runs.at(-Number(number));
  if (run) return run;
  if (runs.length) throw new TerminalError(`${workflowId} has had ${runs.length} runs, and no ${id}.`);
  throw new TerminalError(`There is no run '${id}'. 'sluice runs' lists the ids.`);
}

/** What tells runs of one workflow id apart, by run id: `#1` is the first that had it, whatever its interval. */
export async function numbersOf(
  ledger: Ledger,
  runs: readonly RunRecord[],
): Promise<ReadonlyMap<string, string>> {
  const ids = new Set(runs.map(({ workflowId }) => workflowId));
  const all = await Promise.all([...ids].map((id) => ledger.runs({ id })));
  return new Map(
    all.flatMap((had) => had.map(({ runId }, index) => [runId, `#${had.length - index}`] as const)),
  );
}
