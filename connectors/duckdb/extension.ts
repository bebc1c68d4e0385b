import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { messageOf, TerminalError } from '../../core/errors.ts';

/** The DuckDB release that extension files must be built for: the one that package.json pins. */
const DUCKDB_VERSION = 'v1.5.5';

/** Extensions that Sluice loads, and the name by which DuckDB's own server knows each. */
const KNOWN = { postgres_scanner: 'postgres', mysql_scanner: 'mysql', httpfs: 'httpfs' } as const;
export type ExtensionName = keyof typeof KNOWN;

/**
 * The file of an extension as a Python environment carries it (PyPI: `duckdb-extension-<name>`), for `LOAD '<file>'`.
 * These are DuckDB's own signed builds, so they load where DuckDB's server cannot be reached.
 * @returns undefined when the environment does not have it
 */
export function findExtension(
  name: ExtensionName,
  where: { readonly pythonHome: string },
): string | undefined {
  return packageFolders(where.pythonHome)
    .map((packages) =>
      join(packages, `duckdb_extension_${name}`, 'extensions', DUCKDB_VERSION, `${name}.duckdb_extension`),
    )
    .find((file) => existsSync(file));
}

/**
 * Loads an extension from its file, or, where there is none, by DuckDB's own installer. May be called again.
 * @throws {TerminalError} when neither way works
 * @see https://duckdb.org/docs/stable/extensions/installing_extensions
 */
export async function loadExtension(
  connection: DuckDBConnection,
  name: ExtensionName,
  file?: string,
): Promise<void> {
  try {
    if (file !== undefined) {
      await connection.run(`LOAD '${file.replaceAll("'", "''")}'`);
    } else {
      await connection.run(`INSTALL ${KNOWN[name]}`);
      await connection.run(`LOAD ${KNOWN[name]}`);
    }
  } catch (error) {
    const tried = file === undefined ? `DuckDB's own installer` : `the file ${file}`;
    throw new TerminalError(
      `DuckDB extension '${name}' cannot be loaded from ${tried}: ${messageOf(error).split('\n')[0] ?? ''} ` +
        `Install it into the Python environment: pip install duckdb-extension-${name.replace('_', '-')}==${DUCKDB_VERSION.slice(1)}`,
      { cause: error },
    );
  }
}

function packageFolders(home: string): string[] {
  const lib = join(home, 'lib');
  const versions = existsSync(lib) ? readdirSync(lib).filter((entry) => /^python3\.\d+$/.test(entry)) : [];
  return [
    ...versions.sort().map((version) => join(lib, version, 'site-packages')),
    join(home, 'Lib', 'site-packages'), // Windows
  ];
}
