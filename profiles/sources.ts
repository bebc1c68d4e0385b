import { findExtension } from '../connectors/duckdb/extension.ts';
import type { Extractor } from '../connectors/extractor/port.ts';
import type { Source } from '../connectors/source/port.ts';
import { MysqlSource } from '../connectors/source/mysql/source.ts';
import { PostgresSource, type PostgresSourceOptions } from '../connectors/source/postgres/source.ts';
import { TerminalError } from '../core/errors.ts';
import { projectName } from './project.ts';
import type { ConnectionSettings, PostgresConnection, Profile } from './profile.ts';

/** Sources by the name of their connection, opened when first asked for. */
export class Sources {
  readonly #profile: Profile;
  readonly #open = new Map<string, Source>();

  constructor(profile: Profile) {
    this.#profile = profile;
  }

  /** @throws {TerminalError} when the profile has no such connection */
  get(name: string): Source {
    const source = this.#open.get(name) ?? openSource(this.#profile, name);
    this.#open.set(name, source);
    return source;
  }

  /** Whether a connection's tables are all read at once, elsewhere. */
  extractsTogether(name: string): boolean {
    const settings = this.#profile.connections[name];
    return settings?.type === 'postgres' && settings.extractor !== undefined;
  }

  /** @throws {TerminalError} when the profile has no such connection */
  async extractor(name: string): Promise<Extractor> {
    const { openGlueExtractor } = await import('./open-aws.ts');
    return openGlueExtractor(name, postgresOf(this.#profile, name), this.#profile.lake);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((source) => source.close()));
  }
}

/** The caller closes it. @throws {TerminalError} when the profile has no such connection */
export function openSource(profile: Profile, name: string): Source {
  const settings = settingsOf(profile, name);
  if (settings.type === 'postgres') return new PostgresSource(sourceOptions(profile, name));
  return new MysqlSource(commonOptions(profile, name, settings, 'mysql_scanner'));
}

/** What a source is opened with. @throws {TerminalError} when the profile has no such connection to PostgreSQL */
export function sourceOptions(profile: Profile, name: string): PostgresSourceOptions {
  const settings = postgresOf(profile, name);
  return {
    ...commonOptions(profile, name, settings, 'postgres_scanner'),
    project: projectName(),
    schema: settings.schema,
  };
}

function commonOptions(
  profile: Profile,
  name: string,
  { host, port, database, user, password, ssl, timezone }: ConnectionSettings,
  extension: 'mysql_scanner' | 'postgres_scanner',
) {
  const extensionFile = findExtension(extension, { pythonHome: profile.transform.python });
  return {
    name,
    host,
    port,
    database,
    user,
    password,
    ...(ssl && { ssl }),
    ...(timezone !== undefined && { timezone }),
    ...(extensionFile && { extensionFile }),
    parquetVersion: profile.warehouse.type === 'duckdb' ? ('V2' as const) : ('V1' as const),
  };
}

function postgresOf(profile: Profile, name: string): PostgresConnection {
  const settings = settingsOf(profile, name);
  if (settings.type === 'postgres') return settings;
  throw new TerminalError(
    `Connection '${name}' is of type ${settings.type}, and this takes PostgreSQL. Name another connection.`,
  );
}

function settingsOf({ connections }: Profile, name: string): ConnectionSettings {
  const settings = connections[name];
  if (settings) return settings;
  throw new TerminalError(
    `The profile has no connection '${name}'. It has: ${Object.keys(connections).join(', ') || 'none'}. Add it under 'connections'.`,
  );
}
