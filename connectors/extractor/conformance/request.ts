import { randomBytes } from 'node:crypto';
import type { ResolvedTable } from '../../../core/pipeline.ts';
import { aTable as aSnapshot } from '../../../core/table-fixture.ts';
import type { ExtractAllRequest } from '../port.ts';

const DAY = { start: '2018-08-01T00:00:00Z', end: '2018-08-02T00:00:00Z' };

/** A table of its own name and without a key, unless its fields say otherwise. */
export function aTable(fields: Partial<ResolvedTable> = {}): ResolvedTable {
  return aSnapshot({ from: fields.name ?? 'orders', primaryKey: [], ...fields });
}

export function aRequest(
  tables: readonly ResolvedTable[],
  token = randomBytes(6).toString('hex'),
): ExtractAllRequest {
  return {
    pipeline: 'shop',
    interval: DAY,
    token,
    tables: tables.map((table) => ({
      table,
      mark: undefined,
      loadId: `20180802t000500000-${randomBytes(4).toString('hex')}`,
    })),
  };
}
