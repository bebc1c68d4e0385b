import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toDataset } from '../../../core/dashboards/dataset.ts';
import type { DataDefinition } from '../../../core/dashboards/definition.ts';
import { resolveDashboard } from '../../../core/dashboards/resolve.ts';
import { tooHeavy } from './weight.ts';

const IDS = Array.from({ length: 45_000 }, (_, n) => createHash('md5').update(String(n)).digest('hex'));
const rows = IDS.map((id, n) => ({ id, state: `S${n % 27}`, orders: String(n % 90) }));
const dashboard = resolveDashboard({
  name: 'shop',
  title: 'Shop',
  description: 'a shop',
  pipeline: 'shop',
  data: {},
  panels: [{ kind: 'select', title: 'Ids', select: 'select id from shop.m' }],
});
const weighed = (dimensions: DataDefinition['dimensions'], given: readonly object[] = rows) => {
  const definition: DataDefinition = { mart: 'm', dimensions, measures: { orders: { sum: 'orders' } } };
  const numbers = toDataset(definition, { columns: [], rows: given as Record<string, unknown>[] });
  return tooHeavy({ dashboard, data: { sold: { numbers, receipt: null } }, selects: {} });
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

  it('is told of sums and of selects of its own where those weigh most, and not to cut a dimension', () => {
    const random = IDS.flatMap((id) =>
      [0, 4, 8, 12, 16].map((at) => String(parseInt(id.slice(at, at + 9), 16) % 1e9)),
    );
    expect(
      weighed(
        { n: {} },
        random.map((orders, n) => ({ n: n % 1000, orders })),
      ),
    ).toMatch(/The most is sum 'orders' of 'sold', in 225000 rows: \d{4} KB\. .*'scale'/);
    const numbers = { columns: [{ name: 'id', numeric: false }], rows: IDS.map((id) => [id]) };
    expect(tooHeavy({ dashboard, data: {}, selects: { 0: { numbers, receipt: null } } })).toMatch(
      /The most is the select of panel 'Ids', of 45000 rows: \d{3} KB\. Let it give fewer rows/,
    );
  });
});
