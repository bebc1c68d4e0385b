import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { onTestFinished } from 'vitest';
import { DbtTransform } from './transform.ts';
import type { TransformRequest } from '../port.ts';

const root = resolve(import.meta.dirname, '../../..');

/** The interpreter that has dbt; a test without it fails, since it would prove nothing. */
export const python = join(resolve(root, process.env['SLUICE_TEST_PYTHON'] ?? '.tools/python'), 'bin/python');
if (!existsSync(python)) {
  throw new Error(
    `${python} is missing: make a venv there with dbt/requirements.txt, or set SLUICE_TEST_PYTHON`,
  );
}

export interface Workplace {
  readonly folder: string;
  readonly database: string;
  readonly projectDir: string;
  readonly stateDir: string;
  readonly transform: DbtTransform;
  /** Statements in the warehouse file, while dbt does not hold it. */
  sql(statements: string): Promise<readonly Record<string, unknown>[]>;
}

/** A folder with a copy of the dbt project, an empty warehouse file and a transform over both; gone after the test. */
export async function aWorkplace(secrets: Readonly<Record<string, string>> = {}): Promise<Workplace> {
  const folder = await mkdtemp(join(tmpdir(), 'transform-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const projectDir = join(folder, 'project');
  await cp(join(root, 'dbt'), projectDir, {
    recursive: true,
    filter: (path) => !/\/(target|logs)$/.test(path),
  });
  const database = join(folder, 'warehouse.duckdb');
  const stateDir = join(folder, 'state');
  const transform = new DbtTransform({
    python,
    projectDir,
    stateDir,
    target: 'duckdb',
    handOver: (use) => use({ SLUICE_DUCKDB_PATH: database, ...secrets }),
  });
  return { folder, database, projectDir, stateDir, transform, sql: (text) => sql(database, text) };
}

export function aRequest(request: Partial<TransformRequest> = {}): TransformRequest {
  return {
    pipeline: 'olist',
    select: 'tag:olist',
    runId: 'olist-2018-09-01T02:00:00Z',
    variables: {},
    resume: false,
    ...request,
  };
}

async function sql(database: string, statements: string) {
  const instance = await DuckDBInstance.create(database);
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(statements);
    return reader.getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
