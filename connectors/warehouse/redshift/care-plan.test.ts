import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { figuresOf, newLayout, stepsFor, type Figures } from './care-plan.ts';

const LIMITS = { unsorted: 5, deleted: 5, stale: 10, skew: 1.4 };
const TIDY: Figures = {
  schema: 'raw_shop',
  table: 'orders',
  id: 1,
  dist: 'AUTO(ALL)',
  sort: 'at',
  unsorted: 0,
  stale: 0,
  deleted: 0,
  skew: null,
};
const does = (figures: Partial<Figures>) =>
  stepsFor({ ...TIDY, ...figures }, LIMITS).map((step) => [step.does, step.why, step.sql.join('; ')]);

describe('what is due for a table', () => {
  it('is nothing up to the limits, and each thing beyond its own', () => {
    expect(does({ unsorted: 5, deleted: 5, stale: 10 })).toEqual([]);
    expect(does({ unsorted: 5.01 })).toEqual([
      [
        'vacuum sort only',
        '5.01 % of its rows are not sorted',
        'VACUUM SORT ONLY "raw_shop"."orders" TO 100 PERCENT',
      ],
    ]);
    expect(does({ deleted: 6 })).toEqual([
      [
        'vacuum delete only',
        '6 % of its rows are deleted and take place',
        'VACUUM DELETE ONLY "raw_shop"."orders" TO 100 PERCENT',
      ],
    ]);
    expect(does({ unsorted: 40, deleted: 6 })).toEqual([
      [
        'vacuum full',
        '40 % of its rows are not sorted, 6 % of its rows are deleted and take place',
        'VACUUM FULL "raw_shop"."orders" TO 100 PERCENT',
      ],
    ]);
    expect(does({ sort: 'INTERLEAVED', skew: 1.5, deleted: 6 })).toEqual([
      [
        'vacuum reindex',
        'its sort key is uneven by 1.5, 6 % of its rows are deleted and take place',
        'VACUUM REINDEX "raw_shop"."orders"',
      ],
    ]);
    expect(does({ stale: 11 })).toEqual([
      [
        'analyze',
        'its statistics are off by 11 of 100',
        'SET analyze_threshold_percent TO 0; ANALYZE "raw_shop"."orders"',
      ],
    ]);
    expect(does({ stale: null, unsorted: null })).toEqual([
      ['analyze', 'it has no statistics', 'SET analyze_threshold_percent TO 0; ANALYZE "raw_shop"."orders"'],
    ]);
  });

  it('is one vacuum at most, done before statistics, and says every figure that asked for it', () => {
    const percent = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(
        fc.record({
          unsorted: fc.option(percent),
          deleted: percent,
          stale: fc.option(percent),
          skew: fc.option(fc.double({ min: 1, max: 50, noNaN: true })),
        }),
        (figures) => {
          const steps = stepsFor({ ...TIDY, ...figures }, LIMITS);
          const vacuums = steps.filter((step) => step.does.startsWith('vacuum'));
          const due = [
            (figures.unsorted ?? 0) > LIMITS.unsorted,
            figures.deleted > LIMITS.deleted,
            (figures.skew ?? 0) > LIMITS.skew,
          ].filter(Boolean).length;
          expect(vacuums).toHaveLength(due ? 1 : 0);
          expect(vacuums[0]?.why.split(', ') ?? []).toHaveLength(due);
          expect(steps.at(-1)?.does === 'analyze').toBe(
            figures.stale === null || figures.stale > LIMITS.stale,
          );
        },
      ),
    );
  });

  it('goes by the rows that take place and those that are seen', () => {
    const row = { schema_name: 'raw_shop', table_name: 'orders', table_id: 7, stats_off: '3.00' };
    expect(
      figuresOf({ ...row, tbl_rows: '200', estimated_visible_rows: '150' }, new Map([[7, 2]])),
    ).toMatchObject({
      deleted: 25,
      skew: 2,
      stale: 3,
      unsorted: null,
    });
    expect(figuresOf({ ...row, tbl_rows: '0', estimated_visible_rows: null }, new Map()).deleted).toBe(0);
    expect(figuresOf({ ...row, tbl_rows: '10', estimated_visible_rows: '12' }, new Map()).deleted).toBe(0);
  });
});

describe('other keys', () => {
  const of = (now: Partial<Figures>, sorted: readonly string[], layout: Parameters<typeof newLayout>[2]) =>
    newLayout({ ...TIDY, ...now }, sorted, layout);

  it('are none where the table has those that are said', () => {
    expect(
      of({ dist: 'KEY(id)' }, ['at', 'id'], { dist: { key: 'ID' }, sort: ['At', 'id'] }),
    ).toBeUndefined();
    expect(of({ dist: 'AUTO(EVEN)' }, [], { dist: 'auto' })).toBeUndefined();
    expect(of({ dist: 'EVEN' }, ['at'], { dist: 'even' })).toBeUndefined();
    expect(of({}, ['at'], {})).toBeUndefined();
  });

  it('are told from those that Redshift has chosen, and from interleaved ones', () => {
    expect(of({ dist: 'AUTO(KEY(id))' }, [], { dist: { key: 'id' } })?.why).toBe(
      'rows are spread by auto, and are to be by key id',
    );
    expect(of({ sort: 'AUTO(SORTKEY(at))' }, ['at'], { sort: ['at'] })?.why).toContain(
      'nothing that was chosen',
    );
    expect(of({ sort: 'INTERLEAVED' }, ['at'], { sort: ['at'] })?.why).toContain('at interleaved');
    expect(of({}, ['at', 'id'], { sort: ['at'] })?.why).toBe(
      'rows are sorted by at, id, and are to be by at',
    );
  });

  it('leave what is not said as it is', () => {
    expect(of({ dist: 'ALL' }, ['at'], { sort: ['id'] })?.layout).toEqual({ dist: 'all', sort: ['id'] });
    expect(of({ dist: 'AUTO(ALL)' }, ['at'], { dist: 'even' })?.layout).toEqual({
      dist: 'even',
      sort: ['at'],
    });
    expect(of({ sort: 'AUTO(SORTKEY)' }, [], { dist: 'even' })?.layout).toEqual({ dist: 'even', sort: [] });
  });
});
