import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { TerminalError } from '../../core/errors.ts';
import { findExtension, loadExtension } from './extension.ts';

describe('a DuckDB extension', () => {
  it('is found in the Python environment, for this release of DuckDB only', () => {
    const pythonHome = mkdtempSync(join(tmpdir(), 'sluice-python-'));
    const folder = join(
      pythonHome,
      'lib/python3.12/site-packages/duckdb_extension_postgres_scanner/extensions',
    );
    expect(findExtension('postgres_scanner', { pythonHome })).toBeUndefined();
    mkdirSync(join(folder, 'v1.0.0'), { recursive: true });
    writeFileSync(join(folder, 'v1.0.0/postgres_scanner.duckdb_extension'), '');
    expect(findExtension('postgres_scanner', { pythonHome })).toBeUndefined();
    mkdirSync(join(folder, 'v1.5.5'));
    const file = join(folder, 'v1.5.5/postgres_scanner.duckdb_extension');
    writeFileSync(file, '');
    expect(findExtension('postgres_scanner', { pythonHome })).toBe(file);
    rmSync(pythonHome, { recursive: true });
  });

  it('that cannot be loaded is named with the way to get it', async () => {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const failed = loadExtension(connection, 'postgres_scanner', '/nowhere/x.duckdb_extension');
    await expect(failed).rejects.toBeInstanceOf(TerminalError);
    await expect(failed).rejects.toThrow(
      /\/nowhere\/x.*pip install duckdb-extension-postgres-scanner==1\.5\.5/s,
    );
    connection.disconnectSync();
  });
});
