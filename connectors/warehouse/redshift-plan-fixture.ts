import type { SchemaChange } from '../../core/evolution.ts';
import type { ColumnType, TableSchema } from '../../core/schema.ts';
import { aTable, columns, day } from './fixtures.ts';
import type { AppliedLoad, LoadRequest } from './port.ts';
import { batchOf, type Plan, type Step } from './redshift-batch.ts';
import { lengthenTexts } from './redshift-ddl.ts';
import { BOOKKEEPING, LOADED_TABLES, NEWEST_LOADS } from './redshift-loads.ts';
import { selectLast, selectLoad, selectRelated, selectTypes } from './redshift-loads.ts';
import {
  countLanded,
  countNullKeys,
  countOutside,
  selectLoadErrors,
  selectLoadIds,
  countRepeatedKeys,
  selectTables,
  together,
} from './redshift-reads.ts';
import type { State } from './redshift-state.ts';
import { selectColumns, shape, targetOf } from './redshift-target.ts';
import { createStage, withinInterval, type CursorType } from './redshift-write.ts';

type Disposition = LoadRequest['table']['write'];

/** The columns that every plan here has; `at` is the cursor. */
export function shopColumns(at: CursorType = 'timestamptz'): TableSchema['columns'] {
  return columns({ id: 'int64', at, note: 'string(20)', count: 'int64', extra: 'json' });
}

const CURSORS = ['date', 'timestamp', 'timestamptz'] as const;

/** What the table had before, where the load changes its columns: each way in which they can change. */
export const BEFORE: TableSchema = {
  columns: columns({ id: 'int64', at: 'timestamptz', note: 'string(5)', count: 'int32' }),
};

const KEY = ['id', 'count'];
export const LAYOUT = { dist: { key: 'id' }, sort: ['at'] } as const;

export function shopTable(write: Disposition) {
  const extract =
    write === 'replace'
      ? { mode: 'snapshot' as const }
      : { mode: 'interval' as const, cursor: 'at', cursorNulls: 'fail' as const };
  return aTable({ write, extract, primaryKey: write === 'merge' ? KEY : [], warehouse: LAYOUT });
}

export interface PlanFields {
  readonly state?: Partial<State>;
  readonly schema?: TableSchema;
  readonly files?: boolean;
}

export function aPlan(
  write: Disposition,
  { state = {}, schema = { columns: shopColumns() }, files = true }: PlanFields = {},
): Plan {
  const target = targetOf('shop', 'orders');
  const request: LoadRequest = {
    pipeline: 'shop',
    table: shopTable(write),
    manifestUri: 's3://lake/l2/_manifest.json',
    fileUris: files ? ['s3://lake/l2/part-0.parquet'] : [],
    manifest: {
      version: 1,
      loadId: "l'2",
      pipeline: 'shop',
      domain: 'sales',
      table: 'orders',
      interval: day(1),
      mode: write === 'replace' ? 'snapshot' : 'interval',
      schema,
      files: [],
      rows: files ? 7 : 0,
      bytes: 0,
      highWaterMark: files ? '2018-01-01 10:00:00+00' : null,
      coercions: [],
      extractedAt: '2018-02-01T00:00:00.123456Z',
    },
  };
  const whole: State = {
    readAt: new Date(0),
    before: undefined,
    last: undefined,
    lastSequence: 4,
    newer: [],
    newerOfInterval: [],
    olderOfInterval: ['l0'],
    present: schema,
    ...state,
  };
  const { loadId, extractedAt } = request.manifest;
  return {
    request,
    target,
    write: { target: target.name, table: '"orders"', schema, loadId, extractedAt, json: 'super' },
    state: whole,
    shaping: shape(target, 'shop', whole.present, schema, {
      policy: 'evolve',
      json: 'super',
      layout: LAYOUT,
    }),
    layout: LAYOUT,
    copyManifest: files ? 's3://lake/l2/_redshift_manifest.json' : undefined,
    copyRole: 'arn:aws:iam::1:role/copy',
  };
}

const DISPOSITIONS = ['append', 'replace', 'merge', 'replace-interval'] as const;
const NOTHING = { present: undefined, lastSequence: 0, olderOfInterval: [] };
const applied = { loadId: "l'2" } as AppliedLoad;

/** The transaction of every kind of load. */
export const batches: Readonly<Record<string, readonly Step[]>> = {
  'a first load': batchOf(aPlan('merge', { state: NOTHING })),
  'a first load by a date': batchOf(
    aPlan('replace-interval', { schema: { columns: shopColumns('date') }, state: NOTHING }),
  ),
  'a first load by a timestamp': batchOf(
    aPlan('replace-interval', { schema: { columns: shopColumns('timestamp') }, state: NOTHING }),
  ),
  'a first load of fewer columns': batchOf(aPlan('append', { schema: BEFORE, state: NOTHING })),
  'a load that changes columns': batchOf(aPlan('append', { state: { present: BEFORE } })),
  'merge below a newer load': batchOf(aPlan('merge', { state: { newer: ['l9'] } })),
  ...Object.fromEntries(
    DISPOSITIONS.flatMap((write) => [
      [write, batchOf(aPlan(write))],
      [`${write} without a file`, batchOf(aPlan(write, { files: false }))],
      [`${write} of a load whose rows are gone`, batchOf(aPlan(write, { state: { before: applied } }))],
    ]),
  ),
};

const orders = targetOf('shop', 'orders');
const lines = targetOf('shop', 'lines');
const change: SchemaChange = {
  added: [],
  removed: [],
  widened: [{ name: 'note', from: 'string(5)', to: 'string(20)' }],
  conflicts: [],
};
const within = (type: ColumnType & CursorType) => countOutside(withinInterval('at', day(1), type, true));

/** What is sent beside them. */
export const others: Readonly<Record<string, readonly string[]>> = {
  bookkeeping: BOOKKEEPING,
  'reading the state before a load': [
    selectRelated('shop', 'orders', 'l2', day(1)),
    selectColumns(orders),
    selectTypes('shop', 'orders'),
    countLanded(orders, 'l2'),
    selectLoad('l2'),
  ],
  'lengthening a text': lengthenTexts(orders.name, change, 'super'),
  'what a person or a run asks': [
    selectLast('shop', 'orders'),
    selectLast('shop', 'orders', day(1)),
    NEWEST_LOADS,
    LOADED_TABLES,
    selectTables(['raw_shop', 'raw_other']),
    ...together([selectLoadIds(orders), selectLoadIds(lines)]),
    ...together([countLanded(orders, 'l1'), countLanded(lines, 'l2')]),
  ],
  'telling why a load failed': [
    ...CURSORS.map((at) => createStage({ columns: shopColumns(at) })),
    selectLoadErrors('s3://lake/l_2/', 3),
    countNullKeys(KEY),
    countRepeatedKeys(KEY),
    ...CURSORS.map(within),
  ],
};

/** Every statement, once. */
export const everything: readonly string[] = [
  ...new Set([
    ...Object.values(batches).flatMap((steps) => steps.map(({ sql }) => sql)),
    ...Object.values(others).flat(),
  ]),
];
