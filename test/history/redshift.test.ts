import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  missing,
  ROLE,
  startRedshiftBench,
  type RedshiftBench,
} from '../../aws-local/redshift-bench/redshift-harness.ts';
import { deniedIn } from '../../aws-local/sql-check/deny.ts';
import { missing as sqlfluffMissing, unparsable } from '../../aws-local/sql-check/sqlfluff.ts';
import { DuckDbWarehouse } from '../../connectors/warehouse/duckdb/warehouse.ts';
import type { Warehouse } from '../../connectors/warehouse/port.ts';
import { RedshiftWarehouse } from '../../connectors/warehouse/redshift/warehouse.ts';
import { logged, polled, shuffled } from './arbitrary.ts';
import { openLab, type Lab } from './lab.ts';
import { MODELS } from './models.ts';
import { loggedRows, polledRows, RAW } from './raw.ts';

const HISTORIES = ['polled_anew', 'polled_on', 'logged_anew', 'logged_on'];
const SEED = 20_261_127;

describe.skipIf(missing)(`history on Redshift ${missing ?? ''}`, { timeout: 600_000 }, () => {
  it('is the same as on DuckDB, key for key, made anew and by what has come', async () => {
    const lab = openLab(MODELS);
    onTestFinished(() => lab.close());
    await lab.sql(RAW);
    const bench = await startRedshiftBench();
    onTestFinished(() => bench.stop());
    const redshift = warehouseOf(bench);
    const there = lab.transform('redshift', (use) => redshift.handOver(use));
    const one = { seed: SEED, numRuns: 1 };
    const [changes = []] = fc.sample(polled(20, 150, 200).chain(shuffled), one);
    const [log = []] = fc.sample(logged(20, 150, 200), one);
    for (const load of [1, 2]) {
      const part = <T>(rows: readonly T[]) => (load === 1 ? rows.slice(0, 100) : rows.slice(90));
      await lab.sql(polledRows(part(changes), load));
      await lab.sql(loggedRows(part(log), load));
      await copyRaw(lab, bench);
      const request = {
        pipeline: 'history',
        select: 'path:models',
        runId: `load-${load}`,
        variables: {},
        resume: false,
      };
      const { nodes } = await there.build(request, new AbortController().signal);
      expect(nodes.filter(({ status }) => status !== 'success')).toEqual([]);
    }
    await lab.build('polled_anew logged_anew');
    const duckdb = new DuckDbWarehouse({ file: lab.file });
    for (const history of HISTORIES) {
      const expected = await versionsIn(duckdb, history.replace('_on', '_anew'));
      expect(expected.length).toBeGreaterThan(20);
      expect(await versionsIn(redshift, history), history).toEqual(expected);
    }
    await duckdb.close();
    const compiled = compiledIn(join(lab.folder, 'state-redshift'));
    expect(compiled.flatMap(deniedIn)).toEqual([]);
    if (!sqlfluffMissing) expect(unparsable(compiled)).toEqual([]);
  });
});

/** The raw tables as they are in the lab. */
async function copyRaw(lab: Lab, bench: RedshiftBench): Promise<void> {
  const statements = RAW.replaceAll('CREATE OR REPLACE TABLE', 'CREATE TABLE IF NOT EXISTS');
  await bench.sql(`${statements} TRUNCATE raw_lab.polled, raw_lab.logged;`);
  for (const table of ['polled', 'logged']) {
    const rows = await lab.sql(`SELECT * FROM raw_lab.${table}`);
    const tuples = rows.map((row) => `(${Object.values(row).map(literal).join(', ')})`);
    await bench.sql(`INSERT INTO raw_lab.${table} VALUES ${tuples.join(', ')}`);
  }
}

const literal = (value: unknown) =>
  value === null ? 'NULL' : `'${typeof value === 'string' ? value : JSON.stringify(value)}'`;

async function versionsIn(warehouse: Warehouse, history: string): Promise<string[]> {
  const { rows } = await warehouse.query(
    `SELECT history_key, id, a, b, valid_from, valid_to, is_current, is_deleted FROM lab.${history}`,
    { limit: 100_000 },
  );
  return rows.map((row) => JSON.stringify(row)).sort();
}

/** The models as dbt wrote them for Redshift. */
function compiledIn(folder: string): string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return paths
    .filter((path) => /compiled\/project\/models\/.*\.sql$/.test(path))
    .map((path) => readFileSync(join(folder, path), 'utf8').trim());
}

function warehouseOf(bench: RedshiftBench): RedshiftWarehouse {
  const { host, user, password } = bench.postgres;
  return new RedshiftWarehouse({
    data: bench.client(),
    s3: bench.s3,
    place: { workgroup: 'sluice', database: bench.postgres.database },
    copyRole: ROLE,
    login: () => Promise.resolve({ host, port: bench.wire.port, user, password, sslmode: 'disable' }),
  });
}
