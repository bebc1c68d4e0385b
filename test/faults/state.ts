import { existsSync, readdirSync } from 'node:fs';
import { openLake, openWarehouse } from '../../profiles/open.ts';
import type { QueryResult } from '../../connectors/warehouse/port.ts';
import type { Lab } from './lab.ts';
import { registry } from './shop.ts';
import { eventually } from './wait.ts';

export async function sql(lab: Lab, statement: string): Promise<QueryResult['rows']> {
  const warehouse = openWarehouse(lab.profile);
  try {
    return (await warehouse.query(statement)).rows;
  } finally {
    await warehouse.close();
  }
}

/**
 * What must be the same however a run came to its end: of every table the rows and their checksum, how many loads they
 * come from, what the loads say of themselves, and the mark. Only names and times of loads may differ.
 */
export async function state(lab: Lab): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  const [present, loads] = await Promise.all([
    sql(lab, `SELECT table_name AS "table" FROM duckdb_tables() WHERE schema_name = 'raw_shop' ORDER BY 1`),
    sql(
      lab,
      `SELECT table_name AS "table", interval_start::VARCHAR AS start, interval_end::VARCHAR AS "end", rows_loaded, high_water_mark
       FROM _sluice.loads ORDER BY 1, 2, sequence`,
    ),
  ]);
  for (const { table } of present) {
    const name = `raw_shop.${String(table)}`;
    const [row] = await sql(
      lab,
      `SELECT count(*) AS rows, (SELECT count(DISTINCT _load_id) FROM ${name}) AS loads, sum(hash(t)::HUGEINT)::VARCHAR AS checksum
       FROM (SELECT * EXCLUDE (_load_id, _loaded_at, _extracted_at) FROM ${name}) AS t`,
    );
    found[String(table)] = { ...row, applied: loads.filter((load) => load['table'] === table) };
  }
  return found;
}

/** Nothing of ours may be left in the source, the lake or the ledger once runs have ended; what a killed attempt left, `gc` takes away. */
export async function leftovers(lab: Lab): Promise<Record<string, unknown>> {
  const sessions = async () => {
    const { rows } = await lab.source.query<{ query: string }>(
      `SELECT query FROM pg_stat_activity WHERE application_name = 'sluice'`,
    );
    return rows.map(({ query }) => query);
  };
  await eventually(
    'sessions in the source to end',
    async () => (await sessions()).length === 0,
    30_000,
  ).catch(() => undefined);
  const lake = openLake(lab.profile);
  const warehouse = openWarehouse(lab.profile);
  const applied = await warehouse.appliedLoadIds();
  await warehouse.close();
  await lake.gc({ olderThanMs: 0, applied, inUse: new Set(), dryRun: false });
  const strayLoads: string[] = [];
  let loads = 0;
  for (const { domain, name } of [...registry.values()].flatMap((pipeline) => pipeline.tables)) {
    let newer = false; // An incremental load that was not applied stays until a newer one of its table is.
    const found = [];
    for await (const { manifest } of lake.list({ domain, table: name })) found.unshift(manifest);
    for (const { loadId, mode } of found) {
      newer ||= applied.has(loadId);
      if (!applied.has(loadId) && (newer || mode !== 'incremental')) strayLoads.push(loadId);
    }
    loads += found.length;
  }
  const bronze = `${lab.lakeFolder}/bronze`;
  const files = existsSync(bronze) ? readdirSync(bronze, { recursive: true }).map(String) : [];
  const { rows: leases } = await lab.source.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_locks WHERE locktype = 'advisory'`,
  );
  return {
    sessions: await sessions(),
    strayLoads,
    strayFiles: files.filter(
      (file) => /\.[a-z]|removed=/.test(file) && !/(part-\d+\.parquet|_manifest\.json)$/.test(file),
    ),
    emptyFolders: files.filter((file) => /load=[^/]+$/.test(file)).length - loads,
    spill: readdirSync(lab.home).filter((name) => name.endsWith('.tmp') || name.endsWith('.wal')),
    locks: leases[0]?.n,
  };
}

export const NOTHING = {
  sessions: [],
  strayLoads: [],
  strayFiles: [],
  emptyFolders: 0,
  spill: [],
  locks: 0,
};
