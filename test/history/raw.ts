import type { Change, Logged, State } from './oracle.ts';
import { MOMENTS } from './oracle.ts';

type Row = Readonly<Record<string, unknown>>;

/** What the loader adds to a load: its rows have come together, after those of the load before. */
const loaded = (load: number) =>
  `'l${load}', timestamptz '2021-01-01 00:00:00+00', timestamptz '2021-01-01 00:00:00+00' + interval (${load}) hour`;
const moment = (at: number) => `timestamp '2020-01-01 00:00:00' + interval (${at}) minute`;
const text = (value: string | null) => (value === null ? 'NULL' : `'${value}'`);

export const RAW = `
  CREATE SCHEMA IF NOT EXISTS raw_lab;
  CREATE OR REPLACE TABLE raw_lab.polled (
    id INTEGER, a INTEGER, b VARCHAR, active VARCHAR, updated_at TIMESTAMP, read_at TIMESTAMP,
    _load_id VARCHAR, _extracted_at TIMESTAMPTZ, _loaded_at TIMESTAMPTZ);
  CREATE OR REPLACE TABLE raw_lab.logged (
    id INTEGER, a INTEGER, b VARCHAR, _op VARCHAR, _commit_lsn VARCHAR, _seq BIGINT, _commit_time TIMESTAMPTZ, _unchanged VARCHAR,
    _base VARCHAR, _load_id VARCHAR, _extracted_at TIMESTAMPTZ, _loaded_at TIMESTAMPTZ);
`;

/** Of the load of that number. */
export function polledRows(changes: readonly Change[], load: number): string {
  const rows = changes.map(
    ({ key, at, place, a, b, deleted }) =>
      `(${key}, ${a}, ${text(b)}, '${deleted ? 'N' : 'Y'}', ${moment(at)}, ${moment(place)}, ${loaded(load)})`,
  );
  return rows.length ? `INSERT INTO raw_lab.polled VALUES ${rows.join(', ')};` : '';
}

export function loggedRows(changes: readonly Logged[], load: number): string {
  const rows = changes.map(({ key, op, clock, place, a, b, unsent }) => {
    const gone = op === 'D' || op === 'T';
    const values = [op === 'T' ? 'NULL' : key, gone ? 'NULL' : a, gone || unsent ? 'NULL' : text(b)];
    const lsn = String(place >> 1).padStart(6, '0'); // two changes of one transaction
    return `(${values.join(', ')}, '${op}', '${lsn}', ${place & 1}, (${moment(clock)}) AT TIME ZONE 'UTC', ${unsent ? `'["b"]'` : 'NULL'}, NULL, ${loaded(load)})`;
  });
  return rows.length ? `INSERT INTO raw_lab.logged VALUES ${rows.join(', ')};` : '';
}

/** Of a history: the versions of each key, with times as moments; the first and the last reach beyond all. */
export const versionsOf = (relation: string) => `
  SELECT history_key, id, a, b, is_deleted AS deleted, is_current,
    date_diff('minute', TIMESTAMP '2020-01-01', valid_from)::DOUBLE AS since, date_diff('minute', TIMESTAMP '2020-01-01', valid_to)::DOUBLE AS until
  FROM ${relation} ORDER BY id, valid_from`;

export interface Version extends State {
  readonly history_key: string;
  readonly id: number;
  readonly since: number;
  readonly until: number;
}

/** What versions say of each moment. @throws where a moment lies in none or in several, or a version says what the one before has said */
export function statesOf(versions: readonly Row[]): (State | undefined)[] {
  const all = versions as unknown as readonly Version[];
  all.forEach((version, at) => {
    const before = all[at - 1];
    if (before?.a === version.a && before.b === version.b && before.deleted === version.deleted)
      throw new Error(`versions ${JSON.stringify([before, version])} say the same`);
  });
  return MOMENTS.map((moment) => {
    const valid = all.filter(({ since, until }) => since <= moment && moment < until);
    if (valid.length > 1 || (all.length > 0 && valid.length === 0))
      throw new Error(`moment ${moment} lies in ${valid.length} of ${JSON.stringify(all)}`);
    const [version] = valid;
    return version && { a: version.a, b: version.b, deleted: version.deleted };
  });
}
