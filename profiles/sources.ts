import type { Extractor } from '../connectors/extractor/port.ts';
import type { PostgresSourceOptions } from '../connectors/source/postgres/source.ts';
import type { Source } from '../connectors/source/port.ts';
import { whyUnfit } from '../connectors/extractor/glue/unfit.ts';
import { TerminalError } from '../core/errors.ts';
import { modeOf } from '../core/extract-modes.ts';
import type { ResolvedPipeline } from '../core/pipeline.ts';
import { openGlueExtractor, openRdsExport } from './adapters/extractor.ts';
import { openFilesSource } from './adapters/files.ts';
import { openMysql } from './adapters/mysql.ts';
import { openPostgres, postgresByJdbc, postgresOptions } from './adapters/postgres.ts';
import type { SourcePlace } from './adapters/source.ts';
import { readsParquet } from './adapters/warehouse.ts';
import { withNewLogin } from './new-login.ts';
import type { ConnectionSettings, Profile } from './profile.ts';

/** Sources by the name of their connection, opened when first asked for. */
export class Sources {
  readonly #profile: Profile;
  readonly #anew: (() => Promise<Profile>) | undefined;
  readonly #open = new Map<string, Promise<Source>>();

  /** @param anew reads the profile once more, for logins that have changed since */
  constructor(profile: Profile, anew?: () => Promise<Profile>) {
    this.#profile = profile;
    this.#anew = anew;
  }

  /** @throws {TerminalError} when the profile has no such connection */
  async get(name: string): Promise<Source> {
    const source = this.#open.get(name) ?? this.#openWith(name);
    this.#open.set(name, source);
    source.catch(() => this.#open.delete(name));
    return source;
  }

  async #openWith(name: string): Promise<Source> {
    const anew = this.#anew;
    const opened = await openSource(this.#profile, name);
    let login = settingsOf(this.#profile, name);
    // Files have no login.
    if (!anew || login.type === 'files') return opened;
    return withNewLogin(opened, async () => {
      const profile = await anew();
      const now = settingsOf(profile, name);
      if (now.type === 'files' || login.type === 'files') return undefined;
      if (now.user === login.user && now.password === login.password) return undefined;
      const source = await openSource(profile, name);
      login = now;
      return source;
    });
  }

  /** Whether a connection's tables are all read at once, elsewhere. */
  extractsTogether(name: string): boolean {
    const settings = this.#profile.connections[name];
    return settings?.type !== 'files' && settings?.extractor !== undefined;
  }

  /** @throws {TerminalError} when the profile has no such connection, or the connection no extractor that reads it */
  async extractor(name: string): Promise<Extractor> {
    const settings = settingsOf(this.#profile, name);
    const { lake, warehouse } = this.#profile;
    if (settings.type === 'postgres' && settings.extractor?.type === 'glue')
      return openGlueExtractor(settings.extractor, postgresByJdbc(settings), lake);
    if (settings.type === 'postgres' && settings.extractor?.type === 'rds-export')
      return openRdsExport(settings.extractor, await this.get(name), lake, readsParquet(warehouse));
    throw new TerminalError(
      `Connection '${name}', of type ${settings.type}, has no extractor. Add 'extractor' to it in the profile.`,
    );
  }

  async close(): Promise<void> {
    const settled = await Promise.allSettled(this.#open.values());
    const opened = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    await Promise.all(opened.map((source) => source.close()));
  }
}

/** Why a connection's extractor cannot read some of a pipeline's tables; undefined where it can, or there is none. */
export function whyNotTogether(
  { connections }: Pick<Profile, 'connections'>,
  { source, tables }: Pick<ResolvedPipeline, 'source' | 'tables'>,
): string | undefined {
  const settings = source === undefined ? undefined : connections[source];
  if (!settings || settings.type === 'files' || settings.extractor?.type !== 'glue') return undefined;
  return whyUnfit(tables.filter(({ extract }) => modeOf(extract).mark !== 'position'));
}

/** The caller closes it. @throws {TerminalError} when the profile has no such connection */
export async function openSource(profile: Profile, name: string): Promise<Source> {
  const settings = settingsOf(profile, name);
  const place = placeOf(profile, name);
  if (settings.type === 'files') return openFilesSource(settings, place);
  return settings.type === 'postgres' ? openPostgres(settings, place) : openMysql(settings, place);
}

/** What a source is opened with. @throws {TerminalError} when the profile has no such connection to PostgreSQL */
export function sourceOptions(profile: Profile, name: string): PostgresSourceOptions {
  const settings = settingsOf(profile, name);
  if (settings.type === 'postgres') return postgresOptions(settings, placeOf(profile, name));
  throw new TerminalError(
    `Connection '${name}' is of type ${settings.type}, and this takes PostgreSQL. Name another connection.`,
  );
}

function placeOf({ transform, warehouse }: Profile, name: string): SourcePlace {
  return { name, pythonHome: transform.python, parquetVersion: readsParquet(warehouse) };
}

function settingsOf({ connections }: Profile, name: string): ConnectionSettings {
  const settings = connections[name];
  if (settings) return settings;
  throw new TerminalError(
    `The profile has no connection '${name}'. It has: ${Object.keys(connections).join(', ') || 'none'}. Add it under 'connections'.`,
  );
}
