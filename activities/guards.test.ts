import { expect, it } from 'vitest';
import { unplacedIn } from './guards.ts';

const graph = {
  nodes: [{ id: 'model.p.sales', schema: 'shop', name: 'sales', from: [] }],
  checks: [
    { id: 'test.p.unique', name: 'unique sales.id', on: ['model.p.sales'] },
    { id: 'test.p.of_nothing', name: 'of nothing', on: [] },
  ],
};

it('what failed and looks at nothing that is known counts against everything', () => {
  const failed = (...ids: string[]) =>
    unplacedIn(graph, new Map([...ids.map((id) => [id, 'failed'] as const), ['test.p.gone', 'passed']])).map(
      ({ id, outcome }) => [id, outcome],
    );
  expect(failed('model.p.sales', 'test.p.unique')).toEqual([]);
  expect(failed('test.p.renamed', 'test.p.of_nothing')).toEqual([
    ['test.p.renamed', 'failed'],
    ['test.p.of_nothing', 'failed'],
  ]);
});
