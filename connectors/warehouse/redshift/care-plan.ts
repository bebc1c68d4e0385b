import type { CareLimits } from '../../../core/care.ts';
import type { WarehouseLayout } from '../../../core/pipeline.ts';
import type { CareStep, TableName } from '../port.ts';
import { analyze, vacuum, type Vacuum } from './care-sql.ts';
import type { Row } from './loads-table.ts';
import { folded } from './text.ts';

/** What Redshift counts of a table that has rows. */
export interface Figures extends TableName {
  readonly id: number;
  /** `EVEN`, `ALL`, `KEY(column)`; in `AUTO(…)` where Redshift has chosen. */
  readonly dist: string;
  /** Its first column; `AUTO(…)` where Redshift has chosen, `INTERLEAVED`, empty where there is none. */
  readonly sort: string;
  /** Percent; null where there is no sort key. */
  readonly unsorted: number | null;
  /** 0 to 100; null where there are no statistics. */
  readonly stale: number | null;
  /** Percent of the rows that take place. */
  readonly deleted: number;
  /** Of an interleaved sort key, from 1; null elsewhere. */
  readonly skew: number | null;
}

export function figuresOf(row: Row, skews: ReadonlyMap<number, number>): Figures {
  const number = (value: unknown) => (value === null || value === undefined ? null : Number(value));
  const words = (value: unknown) => (typeof value === 'string' ? value.trim() : '');
  const held = Number(row['tbl_rows'] ?? 0);
  const seen = number(row['estimated_visible_rows']) ?? held;
  const id = Number(row['table_id']);
  return {
    schema: String(row['schema_name']).trim(),
    table: String(row['table_name']).trim(),
    id,
    dist: words(row['diststyle']),
    sort: words(row['sortkey1']),
    unsorted: number(row['unsorted']),
    stale: number(row['stats_off']),
    deleted: held > 0 ? Math.max(0, (100 * (held - seen)) / held) : 0,
    skew: skews.get(id) ?? null,
  };
}

export function isInterleaved({ sort }: Pick<Figures, 'sort'>): boolean {
  return /^interleaved/i.test(sort);
}

/** What is due for a table, in the order in which it is done. */
export function stepsFor(figures: Figures, limits: CareLimits): CareStep[] {
  const { schema, table, unsorted, stale, deleted, skew } = figures;
  const of = { schema, table };
  const found: string[] = [];
  if (skew !== null && skew > limits.skew) found.push(`its sort key is uneven by ${rounded(skew)}`);
  const isUneven = found.length > 0;
  const isUnsorted = unsorted !== null && unsorted > limits.unsorted;
  if (isUnsorted) found.push(`${rounded(unsorted)} % of its rows are not sorted`);
  const isFull = deleted > limits.deleted;
  if (isFull) found.push(`${rounded(deleted)} % of its rows are deleted and take place`);
  const kind: Vacuum | undefined = isUneven
    ? 'reindex'
    : isUnsorted && isFull
      ? 'full'
      : isUnsorted
        ? 'sort only'
        : isFull
          ? 'delete only'
          : undefined;
  const steps: CareStep[] = [];
  if (kind) steps.push({ ...of, does: `vacuum ${kind}`, why: found.join(', '), sql: [vacuum(kind, of)] });
  if (stale === null || stale > limits.stale) {
    const why =
      stale === null ? 'it has no statistics' : `its statistics are off by ${rounded(stale)} of 100`;
    steps.push({ ...of, does: 'analyze', why, sql: analyze(of) });
  }
  return steps;
}

/** Figures in words, for after a step. */
export function saidOf({ unsorted, stale, deleted, skew }: Figures): string {
  return [
    ...(unsorted === null ? [] : [`${rounded(unsorted)} % unsorted`]),
    `${rounded(deleted)} % deleted`,
    stale === null ? 'no statistics' : `statistics off by ${rounded(stale)}`,
    ...(skew === null ? [] : [`uneven by ${rounded(skew)}`]),
  ].join(', ');
}

/**
 * The keys that a table gets, where it has others than its definition says: what that leaves open stays as it is.
 * @param sorted the columns of its sort key, in their order
 */
export function newLayout(
  { dist, sort }: Pick<Figures, 'dist' | 'sort'>,
  sorted: readonly string[],
  wanted: WarehouseLayout,
): { readonly layout: WarehouseLayout; readonly why: string } | undefined {
  const why: string[] = [];
  const distNow = distOf(dist);
  if (wanted.dist !== undefined && wordsOf(wanted.dist) !== wordsOf(distNow))
    why.push(`rows are spread by ${wordsOf(distNow)}, and are to be by ${wordsOf(wanted.dist)}`);
  const isChosen = /^auto/i.test(sort) || sorted.length === 0;
  const now = isChosen ? 'nothing that was chosen for it' : sorted.join(', ');
  const sortWanted = wanted.sort?.map(folded);
  if (
    sortWanted &&
    (isChosen || isInterleaved({ sort }) || sortWanted.join('\n') !== sorted.map(folded).join('\n'))
  )
    why.push(
      `rows are sorted by ${isInterleaved({ sort }) ? `${now} interleaved` : now}, and are to be by ${sortWanted.join(', ')}`,
    );
  if (!why.length) return undefined;
  return {
    why: why.join('; '),
    layout: { dist: wanted.dist ?? distNow, sort: sortWanted ?? (isChosen ? [] : sorted) },
  };
}

function distOf(said: string): NonNullable<WarehouseLayout['dist']> {
  if (/^auto/i.test(said)) return 'auto';
  const key = /^key\((.*)\)$/i.exec(said)?.[1];
  if (key !== undefined) return { key };
  return said.toLowerCase() === 'all' ? 'all' : 'even';
}

function wordsOf(dist: NonNullable<WarehouseLayout['dist']>): string {
  return typeof dist === 'string' ? dist : `key ${folded(dist.key)}`;
}

function rounded(value: number): string {
  return String(Math.round(value * 100) / 100);
}
