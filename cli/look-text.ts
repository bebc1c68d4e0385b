import type { Look } from '../connectors/ledger/port.ts';
import { count } from './output.ts';

/** What the last look at the place of a pipeline has found that files start, or why it failed. */
export function lookText({ lookedAt, unclaimed, batches, problem }: Look): string {
  const at = `${lookedAt.slice(0, 16).replace('T', ' ')}Z`;
  const waiting = `${count(batches)} ${batches === 1 ? 'batch waits' : 'batches wait'} for a run`;
  return problem === null
    ? `files: last look ${at}; ${waiting}, ${count(unclaimed)} new ${unclaimed === 1 ? 'file is' : 'files are'} not claimed yet`
    : `files: the last look, ${at}, failed: ${problem}\n       ${waiting}`;
}
