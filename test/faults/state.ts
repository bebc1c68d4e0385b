import { modeOf } from '../../core/extract-modes.ts';
import { existsSync, readdirSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { openLake, openWarehouse } from '../../profiles/open.ts';
import type { QueryResult } from '../../connectors/warehouse/port.ts';
import type { Lab } from './lab.ts';
import { registry } from './shop.ts';
import { eventually } from './wait.ts';

export async function sql(lab: Lab, statement: string): Promise<QueryResult['rows']> {
  const warehouse = await openWarehouse(lab.profile);
  try {
    return (await warehouse.query(statement)).rows;
  } finally {
    await warehouse.close();
  }
}

/** Runs a statement in the warehouse's file, past everything, as a person would. */
export async function changeWarehouse(lab: Lab, statement: string): Promise<void> {
  const warehouse = await openWarehouse(lab.profile);
  try {
    await warehouse.handOver(async () => {
      const instance = await DuckDBInstance.create(lab.warehouseFile);
      try {
        const connection = await instance.connect();
        await connection.run(statement);
        connection.closeSync();
      } finally {
        instance.closeSync();
      }
    });
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

/**
 * Nothing of ours may be left in the source, the lake or the ledger once runs have ended and late attempts have noticed;
 * what a killed attempt left, `gc` takes away.
 */
export async function leftovers(lab: Lab): Promise<Record<string, unknown>> {
  // A load without a manifest that comes after the collector is that of an attempt still at work, which may also be in the way of a look.
  // What the same look finds is told: a late attempt may begin, and end, after it.
  const settled = eventually(
    'attempts to end',
    async () => {
      const found = await lookAround(lab).catch(() => undefined);
      return found && !found.sessions.length && !found.openLoads.length && found;
    },
    90_000,
  );
  return settled.catch(() => lookAround(lab));
}

async function lookAround(lab: Lab) {
  const lake = await openLake(lab.profile);
  const warehouse = await openWarehouse(lab.profile);
  const applied = await warehouse.appliedLoadIds().finally(() => warehouse.close());
  await lake.gc({ olderThanMs: 0, applied, inUse: new Set(), dryRun: false });
  const strayLoads: string[] = [];
  const committed = new Set<string>();
  for (const { pipeline, domain, name } of [...registry.values()].flatMap((each) =>
    each.tables.map((table) => ({ pipeline: each.name, ...table })),
  )) {
    let newer = false; // A load of what is new that was not applied stays until a newer one of its table is.
    const found = [];
    for await (const { manifest } of lake.list({ pipeline, domain, table: name }))
      found.unshift({ loadId: manifest.loadId, covers: modeOf(manifest).covers });
    for (const { loadId, covers } of found) {
      newer ||= applied.has(loadId);
      if (!applied.has(loadId) && (newer || covers !== 'new')) strayLoads.push(loadId);
      committed.add(loadId);
    }
  }
  const bronze = `${lab.lakeFolder}/bronze`;
  const files = existsSync(bronze) ? readdirSync(bronze, { recursive: true }).map(String) : [];
  const { rows: sessions } = await lab.source.query<{ query: string }>(
    `SELECT query FROM pg_stat_activity WHERE application_name = 'sluice'`,
  );
  const { rows: leases } = await lab.source.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_locks WHERE locktype = 'advisory'`,
  );
  return {
    sessions: sessions.map(({ query }) => query),
    strayLoads,
    strayFiles: files.filter(
      (file) => /\.[a-z]|removed=/.test(file) && !/(part-\d+\.parquet|_manifest\.json)$/.test(file),
    ),
    openLoads: files.filter((file) => {
      const loadId = /\/load=([^/]+)$/.exec(file)?.[1];
      return loadId !== undefined && !committed.has(loadId);
    }),
    spill: readdirSync(lab.home).filter((name) => name.endsWith('.tmp') || name.endsWith('.wal')),
    locks: leases[0]?.n,
  };
}

export const NOTHING = {
  sessions: [],
  strayLoads: [],
  strayFiles: [],
  openLoads: [],
  spill: [],
  locks: 0,
};
