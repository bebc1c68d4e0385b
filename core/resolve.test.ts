import { describe, expect, it } from 'vitest';
import { definePipeline } from './pipeline.ts';
import { resolveAll } from './registry.ts';
import { resolvePipeline } from './resolve.ts';

const bare = {
  name: 'shop',
  description: 'a shop',
  schedule: { cron: '0 0 * * *', timezone: 'UTC', delay: '2 hours' },
  start: '2020-01-01',
};
const written = {
  ...bare,
  source: 'shop',
  tables: {
    orders: { domain: 'sales', extract: { mode: 'incremental', cursor: 'updated_at' }, primaryKey: ['id'] },
  },
};

const snapshot = { extract: { mode: 'snapshot' } };

describe('resolving a pipeline', () => {
  it('fills in every default', () => {
    const pipeline = resolvePipeline(written);
    expect(pipeline).toMatchObject({
      concurrency: 4,
      attempts: 5,
      retryFor: '30 minutes',
      onConflict: 'fail',
      start: '2020-01-01T00:00:00Z',
    });
    expect(pipeline.tables[0]).toMatchObject({
      name: 'orders',
      from: 'orders',
      write: 'merge',
      onSchemaChange: 'evolve',
      extract: { lookback: '0 seconds', cursorNulls: 'fail' },
    });
  });

  it('gives snapshots replace, whatever the default', () => {
    const tables = { all: { domain: 'sales', extract: { mode: 'snapshot' } } };
    expect(resolvePipeline({ ...written, tables }).tables[0]?.write).toBe('replace');
  });

  it('keeps where rows are to lie in the warehouse, and says nothing where the definition does not', () => {
    const warehouse = { dist: { key: 'id' }, sort: ['at'] };
    const tables = { all: { domain: 'sales', ...snapshot, warehouse } };
    expect(resolvePipeline({ ...written, tables }).tables[0]?.warehouse).toEqual(warehouse);
    expect(resolvePipeline(written).tables[0]).not.toHaveProperty('warehouse');
  });

  it('reports every problem at once, each with its field', () => {
    const broken = {
      ...written,
      start: 'soon',
      schedule: { cron: '0 25 * * *', timezone: 'Mars/Base' },
      sorce: 'typo',
      tables: { orders: { domain: 'Sales', extract: { mode: 'interval' } } },
    };
    let message = '';
    try {
      resolvePipeline(broken);
    } catch (error) {
      message = (error as Error).message;
    }
    for (const field of [
      'start',
      'schedule',
      'sorce',
      'tables.orders.domain',
      'tables.orders.extract.cursor',
    ]) {
      expect(message).toContain(field);
    }
  });

  it.each([
    [{ extract: { mode: 'interval', cursor: 'at' } }, "write 'merge' needs the columns"],
    [{ extract: { mode: 'interval', cursor: 'at' }, write: 'replace' }, "'replace' with interval"],
    [
      { extract: { mode: 'incremental', cursor: 'at' }, write: 'replace-interval' },
      "needs extract mode 'interval'",
    ],
    [
      { extract: { mode: 'incremental', cursor: 'at', lookback: '1 hour' }, write: 'append' },
      "'append' would double the rows that a lookback of 1 hour reads again",
    ],
    [{ ...snapshot, window: { span: '180 days' } }, "goes with extract mode 'interval'"],
    [
      {
        extract: { mode: 'interval', cursor: 'at' },
        window: { span: '1 day', deletes: true },
        write: 'merge',
        primaryKey: ['id'],
      },
      "'merge' does not go with a window that deletes",
    ],
    [
      { extract: { mode: 'interval', cursor: 'at' }, window: { span: '1 day' }, write: 'append' },
      "'append' does not go with a window",
    ],
    [
      { extract: { mode: 'interval', cursor: 'at' }, window: { span: '0 days' }, primaryKey: ['id'] },
      'a span of 0 days holds no row',
    ],
    [{ ...snapshot, from: { query: 'DELETE FROM orders' } }, 'must be a SELECT'],
    [{ ...snapshot, from: 5 }, 'must be a table, or { query: a SELECT }'],
    [
      { extract: { mode: 'changes' }, primaryKey: ['id'], from: { query: 'SELECT 1 AS id' } },
      'a query has no stream of changes',
    ],
    [{ extract: { mode: 'snapshot' }, primaryKey: ['id'], exclude: ['id'] }, 'part of the primary key'],
    [{ extract: { mode: 'interval', cursor: 'at' }, write: 'append', exclude: ['at'] }, 'is the cursor'],
    [
      { ...snapshot, exclude: ['id', 'at'], warehouse: { dist: { key: 'id' }, sort: ['at'] } },
      /exclude: column 'id' is a key in 'warehouse' and must stay[^]*column 'at' is a key/,
    ],
    [
      { ...snapshot, warehouse: { dist: 'some' } },
      `tables.orders.warehouse.dist: must be 'even', 'all', 'auto' or { key: column }`,
    ],
    [{ ...snapshot, warehouse: { dist: { key: '' } } }, 'tables.orders.warehouse.dist'],
    [{ ...snapshot, warehouse: { sort: [''] } }, 'tables.orders.warehouse.sort.0: must name a column'],
    [{ ...snapshot, warehouse: { sort: [] } }, 'tables.orders.warehouse.sort: must name a column'],
    [{ ...snapshot, warehouse: { sort: ['at', 'at'] } }, 'names a column twice'],
    [{ ...snapshot, warehouse: { order: ['at'] } }, 'order'],
  ])('refuses %j', (table, message) => {
    expect(() => resolvePipeline({ ...written, tables: { orders: { domain: 'sales', ...table } } })).toThrow(
      message,
    );
  });

  it.each([
    { cron: '0 23 * * *', timezone: 'UTC', delay: '2 hours' },
    { cron: '0 */6 * * *', timezone: 'UTC', delay: '1 hour' },
    { cron: '0 0 * * *', timezone: 'America/New_York', delay: '40 days' },
    { cron: '15,45 22-23 * jan-MAR mon,WED', timezone: 'Europe/Rome' },
    { cron: '0 0 1-7/2 * 7', timezone: 'UTC' },
    { cron: '0 0 29 2 *', timezone: 'UTC' },
    { cron: '*/60 */24 * */12 */7', timezone: 'UTC' },
    { every: '1 day', delay: '30 hours' },
    { every: '1 second' },
  ])('takes schedule %j', (schedule) => {
    expect(resolvePipeline({ ...written, schedule }).schedule).toEqual(schedule);
  });

  it.each([
    ['0 0 L * *', `the day of the month is 'L'`],
    ['0 0 ? * 1', `the day of the month is '?'`],
    ['H H * * *', `the minute is 'H'`],
    ['0 0 * * 5#2', `the day of the week is '5#2'`],
    ['0 0 15W * *', `the day of the month is '15W'`],
    ['@daily', 'must have five fields'],
    ['0 0 0 * * *', 'must have five fields'],
    ['0 25 * * *', `the hour is '25', but '25' is none; give 0 to 23`],
    ['0 0 * FOO *', `the month is 'FOO', but 'FOO' is none; give 1 to 12 or JAN to DEC`],
    ['*/61 * * * *', `the minute is '*/61', but */61 steps out of its 60 values; give a step of 1 to 60`],
    ['0 0 * * */8', `the day of the week is '*/8', but */8 steps out of its 7 values`],
    ['0 0 1-5/6 * *', `the day of the month is '1-5/6'`],
    ['*/0 * * * *', `the minute is '*/0'`],
    ['5/10 * * * *', `write 5-59/10`],
    ['0 0 * * FRI-MON', `the range FRI-MON runs backwards`],
    ['0 0 1,,2 * *', `the day of the month is '1,,2'`],
    ['60 24 0 13 8', `the minute is '60'`],
    ['60 24 0 13 8', `the day of the week is '8'`],
    ['0 0 30 2 *', 'never ticks'],
  ])('refuses cron %j, and says what to write', (cron, message) => {
    const schedule = { cron, timezone: 'UTC' };
    expect(() => resolvePipeline({ ...written, schedule })).toThrow(message);
    expect(() => resolvePipeline({ ...written, schedule })).toThrow(`schedule.cron: '${cron}'`);
  });

  it.each([
    [{ every: '0 seconds' }, 'schedule.every: must be a second or more'],
    [{ every: '9000 days' }, 'schedule.every: must not be longer than 3650 days'],
    [{ every: '1 day', delay: '9999999 weeks' }, 'schedule.delay: must not be longer'],
    [{ cron: '0 0 * * *', timezone: 'Mars/Base' }, `'Mars/Base' is no IANA zone`],
  ])('refuses schedule %j', (schedule, message) => {
    expect(() => resolvePipeline({ ...written, schedule })).toThrow(message);
  });

  it('lets a care task know the keys of its tables, and takes no table that there is not', () => {
    const tables = {
      orders: { domain: 'd', extract: { mode: 'snapshot' }, warehouse: { sort: ['at'] } },
      lines: { domain: 'd', extract: { mode: 'snapshot' } },
    };
    const shop = {
      name: 'shop',
      description: 'd',
      schedule: 'manual',
      start: '2024-01-01',
      source: 's',
      tables,
    };
    const of = (care: object) => resolvePipeline({ ...shop, tasks: { tidy: { care, after: ['load'] } } });
    expect(of({ stale: 20 }).tasks[0]?.does).toEqual({
      care: {
        limits: { unsorted: 5, deleted: 5, stale: 20, skew: 1.4 },
        tables: undefined,
        layout: true,
        layouts: [{ table: 'orders', layout: { sort: ['at'] } }],
      },
    });
    expect(() => of({ tables: ['order'] })).toThrow(
      `tasks.tidy.care.tables: there is no table 'order'; is 'orders' meant?`,
    );
    expect(() => of({ unsorted: 101 })).toThrow(/tasks.tidy.care.unsorted/);
  });

  it('needs neither tables nor a source where tasks or models are all there is to do', () => {
    const script: [string] = ['true'];
    expect(resolvePipeline({ ...bare, tasks: { sweep: { script } } })).toMatchObject({ tables: [] });
    expect(resolvePipeline({ ...bare, transform: { dbt: { select: 'tag:shop' } } }).source).toBeUndefined();
    expect(() => resolvePipeline({ ...bare, start: 'soon' })).toThrow(
      /start: 'soon'[^]*tables: must hold at least one table, where there is neither a task nor a transform\./,
    );
    expect(() => resolvePipeline({ ...bare, tasks: { Sweep: { script } } })).toThrow(
      /has a problem:\n.*tasks\.Sweep/,
    );
    expect(() => resolvePipeline({ ...bare, tables: written.tables })).toThrow(
      'source: name the connection of the profile that tables are read from.',
    );
    const row = { waitFor: { sql: 'select 1' } };
    expect(() => resolvePipeline({ ...bare, tasks: { row } })).toThrow(/source: .*task 'row' asks for a row/);
    const here = { waitFor: { sql: 'select 1', on: 'warehouse' } };
    expect(resolvePipeline({ ...bare, tasks: { here } }).source).toBeUndefined();
  });

  it('starts in the time zone of its schedule', () => {
    const inRome = { ...written, schedule: { cron: '0 0 * * *', timezone: 'Europe/Rome' } };
    expect(resolvePipeline(inRome).start).toBe('2019-12-31T23:00:00Z');
    expect(resolvePipeline({ ...inRome, start: '2020-01-01T00:00:00Z' }).start).toBe('2020-01-01T00:00:00Z');
  });

  it('takes two pipelines that read one table: each has a place of its own', () => {
    expect(resolveAll([written, { ...written, name: 'other' }]).size).toBe(2);
  });
});

describe('types', () => {
  it('make wrong combinations unwritable', () => {
    const common = {
      name: 'shop',
      description: 'a shop',
      schedule: 'manual',
      start: '2020-01-01',
      source: 'shop',
    } as const;
    definePipeline({
      ...common,
      tables: {
        // @ts-expect-error merge needs a primary key
        orders: { domain: 'sales', extract: { mode: 'interval', cursor: 'at' } },
        // @ts-expect-error interval needs a cursor
        items: { domain: 'sales', extract: { mode: 'interval' }, primaryKey: ['id'] },
        // @ts-expect-error there is no such field
        stores: { domain: 'sales', extract: { mode: 'snapshot' }, primarykey: ['id'] },
      },
    });
    definePipeline({
      ...common,
      defaults: { write: 'append' },
      tables: { orders: { domain: 'sales', extract: { mode: 'interval', cursor: 'at' } } },
    });
  });
});

describe('tables of files', () => {
  it('have no check of how many rows there usually are', () => {
    const pipeline = {
      name: 'inbox',
      description: 'what arrives',
      schedule: { onFiles: { place: 'in' } },
      start: '2026-03-01',
      source: 'inbox',
      tables: {
        clicks: {
          domain: 'web',
          extract: { mode: 'files', format: 'csv', columns: { id: 'int64' } },
          checks: { volume: { within: '50%', of: '14 days' } },
        },
      },
    } as const;
    expect(() => resolvePipeline(pipeline)).toThrow(
      "tables.clicks.checks.volume: does not go with extract mode 'files'",
    );
  });
});
