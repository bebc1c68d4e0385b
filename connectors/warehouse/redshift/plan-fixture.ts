import { modeOf } from '../../../core/extract-modes.ts';
import type { SchemaChange } from '../../../core/evolution.ts';
import type { ColumnType, TableSchema } from '../../../core/schema.ts';
import { aTable, columns, day, FILES } from '../conformance/fixtures.ts';
import type { Ground } from '../ground.ts';
import type { CursorType } from '../load-request.ts';
import type { AppliedLoad, LoadRequest } from '../port.ts';
import { batchOf, type Plan, type Step } from './batch.ts';
import {
  analyze,
  relay,
  selectFigures,
  selectGrants,
  selectLosses,
  selectScanned,
  selectSkew,
  selectSortKey,
  vacuum,
  WITHOUT_CACHE,
} from './care-sql.ts';
import { lengthenTexts } from './ddl.ts';
import { BOOKKEEPING, LOADED_TABLES, MIGRATIONS, NEWEST_LOADS } from './loads-table.ts';
import {
  selectFooting,
  selectLast,
  selectLoad,
  selectMark,
  selectRelated,
  selectTypes,
} from './loads-table.ts';
import {
  countLanded,
  countNullKeys,
  countOutside,
  selectLoadErrors,
  selectLoadIds,
  countRepeatedKeys,
  selectTables,
  together,
} from './reads.ts';
import type { State } from './state.ts';
import { selectColumns, shape, targetOf } from './target.ts';
import { createStage, withinIntervals } from './write.ts';

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

type Mode = LoadRequest['manifest']['mode'];
const CURSOR = { cursor: 'at', cursorNulls: 'fail' } as const;
const EXTRACTS = {
  snapshot: { mode: 'snapshot' },
  interval: { mode: 'interval', ...CURSOR },
  incremental: { mode: 'incremental', ...CURSOR, lookback: '0 seconds' },
  changes: { mode: 'changes' },
  files: FILES,
} as const;

export function shopTable(write: Disposition, mode: Mode = write === 'replace' ? 'snapshot' : 'interval') {
  const extract = EXTRACTS[mode];
  return aTable({ write, extract, primaryKey: write === 'merge' ? KEY : [], warehouse: LAYOUT });
}

export interface PlanFields {
  readonly mode?: Mode;
  /** A manifest of a version that did not say what its mark is a value of. */
  readonly old?: true;
  readonly ground?: Partial<Ground>;
  readonly state?: Partial<State>;
  readonly schema?: TableSchema;
  readonly files?: boolean;
}

export function aPlan(
  write: Disposition,
  { mode, old, ground = {}, state = {}, schema = { columns: shopColumns() }, files = true }: PlanFields = {},
): Plan {
  const target = targetOf('shop', 'orders');
  const table = shopTable(write, mode);
  const request: LoadRequest = {
    pipeline: 'shop',
    table,
    manifestUri: 's3://lake/l2/_manifest.json',
    fileUris: files ? ['s3://lake/l2/part-0.parquet'] : [],
    manifest: {
      version: 1,
      loadId: "l'2",
      pipeline: 'shop',
      domain: 'sales',
      table: 'orders',
      interval: day(1),
      mode: table.extract.mode,
      ...(modeOf(table.extract).covers === 'new' ? { since: null } : {}),
      ...(old ? {} : { cursor: { column: 'at', type: 'timestamptz' } as const }),
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
    base: 'present' in state && !state.present ? 'gone' : 'firm',
    mark: undefined,
    ground: {
      newer: [],
      taken: undefined,
      own: [day(1)],
      shared: false,
      replaced: [],
      crossing: undefined,
      emptied: [],
      ...ground,
    },
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
const NOTHING = { present: undefined, lastSequence: 0 };
const applied = { loadId: "l'2" } as AppliedLoad;
/** The middle of the day is a newer load's. */
const SHARED: Partial<Ground> = {
  newer: ['l9'],
  own: [
    { start: day(1).start, end: '2018-01-01T08:00:00Z' },
    { start: '2018-01-01T16:00:00Z', end: day(1).end },
  ],
  shared: true,
};

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
  'merge below a newer load': batchOf(aPlan('merge', { ground: { newer: ['l9'] } })),
  'an interval below a newer load': batchOf(aPlan('append', { ground: SHARED })),
  'an interval without a file below a newer load': batchOf(aPlan('append', { ground: SHARED, files: false })),
  'a load of an older version': batchOf(aPlan('merge', { old: true })),
  'a load of an older version without a file': batchOf(aPlan('merge', { old: true, files: false })),
  'a snapshot that is appended': batchOf(aPlan('append', { mode: 'snapshot', ground: { replaced: ['l0'] } })),
  'a first load to append to': batchOf(aPlan('append', { mode: 'incremental' })),
  'a load whose table is gone': batchOf(
    aPlan('merge', { mode: 'incremental', state: { ...NOTHING, before: applied, last: applied } }),
  ),
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
const within = (type: ColumnType & CursorType) =>
  countOutside(withinIntervals({ name: 'at', type }, [day(1)], { staged: true }));

/** What is sent beside them. */
export const others: Readonly<Record<string, readonly string[]>> = {
  bookkeeping: [...BOOKKEEPING, ...MIGRATIONS],
  'reading the state before a load': [
    selectRelated('shop', 'orders', { loadId: 'l2', interval: day(1), mode: 'interval' }),
    selectColumns(orders),
    selectTypes('shop', 'orders'),
    selectFooting('shop', 'orders', orders.name),
    countLanded(orders, 'l2'),
    selectLoad('l2'),
  ],
  'lengthening a text': lengthenTexts(orders.name, change, 'super'),
  'what a person or a run asks': [
    selectLast('shop', 'orders'),
    selectLast('shop', 'orders', day(1)),
    selectMark('shop', 'orders'),
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

/** What care for tables sends. */
export const care: Readonly<Record<string, readonly string[]>> = {
  'looking at tables': [
    selectFigures(['raw_shop', 'shop']),
    selectSortKey(orders),
    selectSkew([100, 101]),
    ...selectLosses(orders),
    selectGrants(orders),
  ],
  'tidying a table': [
    vacuum('full', orders),
    vacuum('sort only', orders),
    vacuum('delete only', orders),
    vacuum('reindex', orders),
    ...analyze(orders),
  ],
  'giving a table other keys': relay(
    orders,
    [
      { name: 'id', type: 'BIGINT' },
      { name: 'note', type: 'VARCHAR(80)' },
      { name: 'extra', type: 'SUPER' },
      { name: '_loaded_at', type: 'TIMESTAMP WITH TIME ZONE' },
    ],
    LAYOUT,
    [
      { privilege: 'select', identity: 'sluice_reader', kind: 'user', passesOn: false },
      { privilege: 'insert', identity: 'sluice_reader', kind: 'user', passesOn: false },
      { privilege: 'SELECT', identity: 'analysts', kind: 'role', passesOn: false },
      { privilege: 'SELECT', identity: 'lead', kind: 'user', passesOn: true },
      { privilege: 'SELECT', identity: 'public', kind: 'public', passesOn: false },
    ],
  ),
  'measuring a query': [WITHOUT_CACHE, selectScanned(4711)],
};

/** Every statement, once. */
export const everything: readonly string[] = [
  ...new Set([
    ...Object.values(batches).flatMap((steps) => steps.map(({ sql }) => sql)),
    ...Object.values(others).flat(),
    ...Object.values(care).flat(),
  ]),
];
