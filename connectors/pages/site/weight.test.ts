import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toDataset } from '../../../core/dashboards/dataset.ts';
import type { DataDefinition } from '../../../core/dashboards/definition.ts';
import { tooHeavy } from './weight.ts';

const IDS = Array.from({ length: 45_000 }, (_, n) => createHash('md5').update(String(n)).digest('hex'));
const rows = IDS.map((id, n) => ({ id, state: `S${n % 27}`, orders: String(n % 90) }));
const weighed = (dimensions: DataDefinition['dimensions']) => {
  const definition: DataDefinition = { mart: 'm', dimensions, measures: { orders: { sum: 'orders' } } };
  return tooHeavy({
    data: { sold: { numbers: toDataset(definition, { columns: [], rows }), receipt: null } },
    selects: {},
  });
};

describe('a page', () => {
  it('whose data weigh more than open at once is told of, with what weighs most and what to do', () => {
    expect(weighed({ state: {}, id: {} })).toMatch(
      /weigh \d{3,4} KB \(gzip\), more than the 700 KB.* dimension 'id' of 'sold', with 45000 values in 45000 rows: \d{3} KB.*'short'/,
    );
  });

  it('is not told of where ids travel by their beginnings', () => {
    expect(weighed({ state: {}, id: { short: true } })).toBeUndefined();
  });
});
