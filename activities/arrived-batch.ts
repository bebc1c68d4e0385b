import type { ClaimedFile } from '../core/arrived-file.ts';
import { isOfFiles } from '../core/extract-modes.ts';
import type { ResolvedTable } from '../core/pipeline.ts';
import type { RunRef } from '../core/run.ts';
import type { Ledger } from '../connectors/ledger/port.ts';

/** The files that a run's interval stands for; undefined for a table that is not of files. */
export async function arrivedBatch(
  ledger: Pick<Ledger, 'claimed'>,
  { pipeline, interval }: Pick<RunRef, 'pipeline' | 'interval'>,
  { extract }: Pick<ResolvedTable, 'extract'>,
): Promise<readonly ClaimedFile[] | undefined> {
  return isOfFiles(extract) ? ledger.claimed(pipeline, interval) : undefined;
}
