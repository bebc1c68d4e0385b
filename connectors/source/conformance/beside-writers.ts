import { expect } from 'vitest';
import { toInstant, type DataInterval } from '../../../core/interval.ts';
import type { ResolvedTable } from '../../../core/pipeline.ts';
import type { Source } from '../port.ts';
import { extractAll, markAt, type Extraction } from './suite.ts';

/** What a table's rows are told apart by, smallest first. */
export function ids(extraction: Extraction): number[] {
  return extraction.data.map((row) => Number(row['id'])).sort((a, b) => a - b);
}

/** An interval that ends in a second from now. */
export function justEnded(): DataInterval {
  return {
    start: toInstant(new Date(Date.now() - 3_600_000)),
    end: toInstant(new Date(Date.now() + 1_000)),
  };
}

export async function untilOver({ end }: DataInterval): Promise<void> {
  await expect.poll(() => Date.now(), { timeout: 5_000 }).toBeGreaterThanOrEqual(Date.parse(end));
}

/**
 * Extracts what is new again and again while somebody writes, and once more when that is over and `settled`.
 * @returns the ids that an appended table has brought, each as often as it came, and those of a merged one
 */
export async function readWhile(
  source: Source,
  { appended, merged }: Readonly<Record<'appended' | 'merged', ResolvedTable>>,
  writing: Promise<unknown>,
  settled: () => Promise<unknown>,
): Promise<{ readonly appended: readonly number[]; readonly merged: ReadonlySet<number> }> {
  const found = { appended: [] as number[], merged: new Set<number>() };
  let marks: { appended: string | null; merged: string | null } = { appended: null, merged: null };
  const read = async () => {
    const one = await extractAll(source, appended, { mark: markAt(marks.appended) });
    found.appended.push(...ids(one));
    const other = await extractAll(source, merged, { mark: markAt(marks.merged) });
    for (const id of ids(other)) found.merged.add(id);
    marks = {
      appended: one.highWaterMark ?? marks.appended,
      merged: other.highWaterMark ?? marks.merged,
    };
  };
  const writer: { ended?: true } = {};
  const ended = writing.finally(() => (writer.ended = true));
  while (!writer.ended) await read();
  await ended;
  await settled();
  await read();
  return { appended: found.appended.sort((a, b) => a - b), merged: found.merged };
}
