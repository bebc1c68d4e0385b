import type { PostgresSourceOptions } from '../connectors/source/postgres.ts';
import { findExtension } from '../connectors/duckdb/extension.ts';
import type { Profile } from '../profiles/profile.ts';

/** The demo source, as the worker would open it. */
export function openSourceOptions({ connections, transform }: Profile): PostgresSourceOptions {
  const olist = connections['olist'];
  if (!olist) throw new Error("The profile has no connection 'olist'.");
  const { host, port, database, user, password } = olist;
  const extensionFile = findExtension('postgres_scanner', { pythonHome: transform.python });
  return { name: 'olist', host, port, database, user, password, ...(extensionFile && { extensionFile }) };
}
