import { join } from 'node:path';
import { TerminalError } from '../core/errors.ts';
import { openGlueExtractor, openRedshift, openS3Lake } from './open-aws.ts';
import type { ConnectionSettings, Profile } from './profile.ts';
import { findExtension } from '../connectors/duckdb/extension.ts';
import { FileSystemLake } from '../connectors/lake/file-system.ts';
import type { Extractor } from '../connectors/extractor/port.ts';
import type { Lake } from '../connectors/lake/port.ts';
import { PostgresLedger } from '../connectors/ledger/postgres.ts';
import { PostgresSource, type PostgresSourceOptions } from '../connectors/source/postgres.ts';
import type { Source } from '../connectors/source/port.ts';
import type { Tasks } from '../connectors/tasks/port.ts';
import { ProjectTasks } from '../connectors/tasks/project.ts';
import { DbtTransform } from '../connectors/transform/dbt.ts';
import type { Transform } from '../connectors/transform/port.ts';
import { DuckDbWarehouse } from '../connectors/warehouse/duckdb.ts';
import type { Warehouse } from '../connectors/warehouse/port.ts';

/** Which adapter stands for which entry of a profile: the one place that knows them all. */
export function openLedger(profile: Profile): PostgresLedger {
  return new PostgresLedger(profile.ledger);
}

export function openLake({ lake }: Profile): Lake {
  return lake.type === 's3' ? openS3Lake(lake) : new FileSystemLake({ root: lake.path });
}

export function openWarehouse({ warehouse, lake }: Profile): Warehouse {
  if (warehouse.type === 'duckdb') return new DuckDbWarehouse({ file: warehouse.file });
  return openRedshift(warehouse, lake);
}

export function openTransform({ transform }: Profile, warehouse: Warehouse): Transform {
  return new DbtTransform({
    python: join(transform.python, 'bin', 'python'),
    projectDir: transform.project,
    stateDir: transform.state,
    target: transform.target,
    ...(transform.threads === undefined ? {} : { threads: transform.threads }),
    handOver: (use, signal) => warehouse.handOver(use, signal),
  });
}

/** @param folder the project's functions and scripts */
export function openTasks({ tasks }: Profile, folder: string): Tasks {
  const environments = Object.fromEntries(Object.entries(tasks).map(([name, { env }]) => [name, env]));
  return new ProjectTasks({ folder, environments });
}

/** Sources by the name of their connection, opened when first asked for. */
export class Sources {
  readonly #profile: Profile;
  readonly #open = new Map<string, Source>();

  constructor(profile: Profile) {
    this.#profile = profile;
  }

  /** @throws {TerminalError} when the profile has no such connection */
  get(name: string): Source {
    const source = this.#open.get(name) ?? new PostgresSource(sourceOptions(this.#profile, name));
    this.#open.set(name, source);
    return source;
  }

  /** Whether a connection's tables are all read at once, elsewhere. */
  extractsTogether(name: string): boolean {
    return this.#profile.connections[name]?.extractor !== undefined;
  }

  /** @throws {TerminalError} when the profile has no such connection */
  extractor(name: string): Extractor {
    return openGlueExtractor(name, settingsOf(this.#profile, name), this.#profile.lake);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((source) => source.close()));
  }
}

/** What a source is opened with. @throws {TerminalError} when the profile has no such connection */
export function sourceOptions(profile: Profile, name: string): PostgresSourceOptions {
  const { host, port, database, user, password, schema, ssl, timezone } = settingsOf(profile, name);
  const extensionFile = findExtension('postgres_scanner', { pythonHome: profile.transform.python });
  return {
    name,
    host,
    port,
    database,
    user,
    password,
    schema,
    ...(ssl && { ssl }),
    ...(timezone !== undefined && { timezone }),
    ...(extensionFile && { extensionFile }),
    parquetVersion: profile.warehouse.type === 'duckdb' ? 'V2' : 'V1',
  };
}

function settingsOf({ connections }: Profile, name: string): ConnectionSettings {
  const settings = connections[name];
  if (settings) return settings;
  throw new TerminalError(
    `The profile has no connection '${name}'. It has: ${Object.keys(connections).join(', ') || 'none'}. Add it under 'connections'.`,
  );
}
