import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { ROOT } from '../../cli/embedded/home.ts';
import { python } from '../../connectors/transform/dbt/fixture.ts';
import { DbtTransform } from '../../connectors/transform/dbt/transform.ts';

type Row = Readonly<Record<string, unknown>>;

/** A stranger's project with models over raw tables, and a warehouse file. */
export interface Lab {
  readonly folder: string;
  readonly file: string;
  /** Where dbt keeps what it makes of the lab's pipeline. */
  readonly state: string;
  /** A transform of the project, into the file unless another place is given. */
  readonly transform: (
    target?: string,
    handOver?: (use: (environment: Readonly<Record<string, string>>) => Promise<unknown>) => Promise<unknown>,
  ) => DbtTransform;
  /** Builds the models that the selection names. @throws with what dbt says */
  readonly build: (select?: string) => Promise<void>;
  readonly sql: (statements: string) => Promise<readonly Row[]>;
  readonly write: (path: string, text: string) => void;
  readonly close: () => void;
}

/** Made of the template, with the engine where npm would put it. @param models by path below `models/` */
export function openLab(models: Readonly<Record<string, string>>): Lab {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-history-'));
  cpSync(join(ROOT, 'template/dbt'), join(folder, 'dbt'), { recursive: true });
  rmSync(join(folder, 'dbt/models'), { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/sluice'));
  const write = (path: string, text: string) => {
    const file = join(folder, 'dbt/models', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  for (const [path, text] of Object.entries(models)) write(path, text);
  const file = join(folder, 'warehouse.duckdb');
  const transform: Lab['transform'] = (target = 'duckdb', handOver) =>
    new DbtTransform({
      python,
      projectDir: join(folder, 'dbt'),
      stateDir: join(folder, `state-${target}`),
      target,
      handOver: (handOver ?? ((use) => use({ SLUICE_DUCKDB_PATH: file }))) as ConstructorParameters<
        typeof DbtTransform
      >[0]['handOver'],
    });
  const own = transform();
  const pipeline = 'history';
  let run = 0;
  return {
    folder,
    file,
    state: join(folder, 'state-duckdb/pipelines', pipeline),
    transform,
    build: async (select = 'path:models') => {
      await own.build(
        { pipeline, select, runId: `run-${++run}`, variables: {}, resume: false },
        new AbortController().signal,
      );
    },
    sql: (statements) => inFile(file, statements),
    write,
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function inFile(file: string, statements: string): Promise<readonly Row[]> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(statements)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
