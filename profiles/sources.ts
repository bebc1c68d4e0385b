import { findExtension } from '../connectors/duckdb/extension.ts';
import type { Extractor } from '../connectors/extractor/port.ts';
import type { Source } from '../connectors/source/port.ts';
import { PostgresSource, type PostgresSourceOptions } from '../connectors/source/postgres/source.ts';
import { TerminalError } from '../core/errors.ts';
import { projectName } from './project.ts';
import type { ConnectionSettings, Profile } from './profile.ts';

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
  async extractor(name: string): Promise<Extractor> {
    const { openGlueExtractor } = await import('./open-aws.ts');
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
    project: projectName(),
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
