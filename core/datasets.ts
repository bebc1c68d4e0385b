import { z } from 'zod';
import { InvalidInput } from './errors.ts';
import { wordsOf } from './issues.ts';

/** A table in the lake that a task makes: what it is made from, and how it lies there. */
export interface DatasetDefinition {
  /** Tables of the pipeline that it is made from: in mode `changes` with a key, or `snapshot`. */
  readonly from: readonly [string, ...string[]];
  /** Columns whose values name the folders of its files, and that are whole numbers or text: `['year', 'month']`. */
  readonly partitionedBy?: readonly string[];
  /** To be raised when the task makes other rows from the same: then it makes all of it anew. Default 1. */
  readonly revision?: number;
}

export interface ResolvedDataset {
  readonly from: readonly string[];
  readonly partitionedBy: readonly string[];
  readonly revision: number;
}

/** `silver.orders` */
export const datasetName = z.string().regex(/^(silver|gold)\.[a-z][a-z0-9_]*$/, 'must be like silver.orders');

const column = z.string().regex(/^[a-z_][a-z0-9_]*$/, 'must be a column in snake_case');
export const dataset = z.strictObject({
  from: z.array(z.string()).min(1, 'must name a table').optional(),
  partitionedBy: z.array(column).default([]),
  revision: z.int().min(1).default(1),
});

/** Hive's names of types, which Spark gives and Glue's catalog takes. */
const columnType = z
  .string()
  .regex(
    /^(string|boolean|tinyint|smallint|int|bigint|float|double|date|timestamp|timestamp_ntz|binary|decimal\(\d+,\d+\))$/,
    'must be a type that Hive knows, without parts',
  );
const columns = z
  .array(z.strictObject({ name: column, type: columnType }))
  .min(1)
  .readonly();
export type DatasetColumn = z.infer<typeof columns>[number];

/** `year=2018/month=1`; empty where there are no partitions. */
const partition = z.string().regex(/^([a-z_][a-z0-9_]*=[^/=]+(\/[a-z_][a-z0-9_]*=[^/=]+)*)?$/);

/** What a task leaves beside the files of a dataset, as `_dataset.json`, when all of them are there. */
const made = z.strictObject({
  columns,
  /** The partitions whose rows the files take the place of, also those that have no row any more; `all`: there is nothing else. */
  replaces: z.union([z.literal('all'), z.array(partition)]),
});
export type MadeDataset = z.infer<typeof made>;

const file = z.strictObject({
  /** Relative to the folder of the dataset: `data-<attempt>/year=2018/part-0.parquet`. */
  path: z.string().regex(/^(?!.*\.\.)data-[\w-]+(\/[^/]+)+$/),
  partition,
  rows: z.int().nonnegative(),
  bytes: z.int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type DatasetFile = z.infer<typeof file>;

const version = z.strictObject({
  partitionedBy: z.array(column),
  columns,
  files: z.array(file).readonly(),
  rows: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  /** How far each table was read that it is made from: the position of its last change, or the load id of a snapshot. */
  inputs: z.record(z.string(), z.string()),
  revision: z.int(),
});
/** What a dataset is, as of a publication. */
export type DatasetVersion = z.infer<typeof version>;

const publication = z.strictObject({
  format: z.literal(1),
  /** Rises by one. */
  number: z.int().min(1),
  pipeline: z.string(),
  task: z.string(),
  /** The run that made it. */
  run: z.string(),
  publishedAt: z.string(),
  datasets: z.record(datasetName, version),
});
/**
 * All that a task has made, at one moment: its newest publication says what each of its datasets is. It is written last, in one
 * step, and only where none of its number is yet; files that none names are remains of attempts.
 */
export type Publication = z.infer<typeof publication>;

/** @throws {InvalidInput} naming the place */
export function parsePublication(text: string, place: string): Publication {
  return parsed(
    publication,
    text,
    `Publication ${place}`,
    'A file of the lake was changed by hand: put it back.',
  );
}

/** @throws {InvalidInput} naming the place */
export function parseMade(text: string, place: string): MadeDataset {
  return parsed(made, text, place, 'The task has to say there what it has made (docs/lakehouse.md).');
}

function parsed<T>(schema: z.ZodType<T>, text: string, place: string, next: string): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new InvalidInput(place, ['it is not JSON.', next]);
  }
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  const problems = read.error.issues.map((issue) => `${issue.path.join('.')}: ${wordsOf(issue)}.`);
  throw new InvalidInput(place, [...problems, next]);
}

/** Where a dataset's files are: `silver/<pipeline>/orders`. */
export function datasetPath(pipeline: string, name: string): string {
  const [layer = '', table = ''] = name.split('.');
  return `${layer}/${pipeline}/${table}`;
}

/** The schema in which a dataset is read in the warehouse, and its table there. */
export function datasetTable(
  pipeline: string,
  name: string,
): { readonly schema: string; readonly table: string } {
  const [layer = '', table = ''] = name.split('.');
  return { schema: `${pipeline}_${layer}`, table };
}

/** The dataset that is read there, by the name of its schema and table: the way back of `datasetTable`; undefined where there is none. */
export function datasetNamed(pipeline: string, table: string): string | undefined {
  const name = table.startsWith(`${pipeline}_`) ? table.slice(pipeline.length + 1) : '';
  return datasetName.safeParse(name).data;
}
