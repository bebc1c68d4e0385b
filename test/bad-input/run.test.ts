import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { followRun } from '../../cli/follow-run.ts';
import { Output } from '../../cli/output.ts';
import { TerminalError } from '../../core/errors.ts';
import type { RunPipelineInput } from '../../core/run-input.ts';
import { holdWarehouse } from '../faults/holder.ts';
import { day, Lab } from '../faults/lab.ts';
import { writeProject } from '../faults/project.ts';
import { leftovers, NOTHING, sql } from '../faults/state.ts';
import { eventually } from '../faults/wait.ts';
import { expectClear } from './cli.ts';

const DAY = day('2024-03-02');
const LIMITED = 'limited_reader';
let lab: Lab;

/** The message with which a run ends, as the command prints it. */
const failureOf = async (input: Partial<RunPipelineInput> = {}): Promise<string> => {
  const handle = await lab.run({ interval: DAY, ...input });
  const error = await followRun(lab.session, handle, new Output(true)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TerminalError); // which the command line says in one message, and exits 1
  return (error as Error).message;
};
const tables = async () =>
  (
    await sql(
      lab,
      `SELECT table_name AS "table" FROM duckdb_tables() WHERE schema_name LIKE 'raw_%' ORDER BY 1`,
    )
  ).map((row) => row['table']);

beforeAll(async () => {
  lab = await Lab.open((profile) => {
    const shop = profile.connections['shop'];
    if (!shop) throw new Error('The lab has no source');
    return {
      ...profile,
      connections: {
        shop,
        limited: { ...shop, user: LIMITED, password: 'only for limited' },
        stranger: { ...shop, password: 'the-wrong-password' },
        down: { ...shop, port: 1 },
      },
    };
  });
  await lab.source.query(
    `DROP ROLE IF EXISTS ${LIMITED}; CREATE ROLE ${LIMITED} LOGIN PASSWORD 'only for limited'`,
  );
  await lab.startWorker();
});
afterAll(() => lab.close());
beforeEach(() => lab.forget());

describe('a source that is not as the pipeline says', { timeout: 120_000 }, () => {
  const MISTAKES: readonly {
    readonly name: string;
    readonly change: string;
    readonly tables?: string[];
    readonly says: readonly (string | RegExp)[];
  }[] = [
    {
      name: 'the cursor column is missing',
      change: 'ALTER TABLE shop.orders RENAME COLUMN ordered_at TO bought_at',
      says: [`Cursor column 'ordered_at' is not in table`, 'orders', 'bought_at'],
    },
    {
      name: 'the cursor column has no order that follows time',
      change: 'ALTER TABLE shop.orders ALTER COLUMN ordered_at TYPE text',
      says: [`Cursor column 'ordered_at' (text)`, 'orders', `mode 'snapshot'`],
    },
    {
      name: 'the table is missing',
      change: 'ALTER TABLE shop.orders RENAME TO sales',
      says: ['"shop"."orders" is not in the database', 'shop.sales', `Correct 'from'`],
    },
    {
      name: 'a column of the key is missing',
      change: 'ALTER TABLE shop.orders RENAME COLUMN order_id TO id',
      says: [`primaryKey names column 'order_id'`, 'it has id, ordered_at'],
    },
    {
      name: 'the key is not unique in the batch',
      change: 'INSERT INTO shop.orders SELECT * FROM shop.orders WHERE order_id = 150',
      says: ['primary key (order_id) is not unique', '1 keys have 2 rows', `Correct 'primaryKey'`],
    },
    {
      name: 'a row has no cursor',
      change: 'UPDATE shop.orders SET ordered_at = NULL WHERE order_id = 150',
      says: [`whose cursor 'ordered_at' is NULL`, `cursorNulls: 'exclude'`],
    },
    {
      name: 'the key is NULL',
      change: 'UPDATE shop.orders SET order_id = NULL WHERE order_id = 150',
      says: ['primary key (order_id) is NULL', '1 row', `Correct 'primaryKey'`],
    },
  ];
  it.each(MISTAKES)(
    '$name: the run says so, and nothing of the table is loaded',
    async ({ change, says }) => {
      await lab.source.query(change);
      const message = await failureOf({ tables: ['orders', 'prices'] });
      expectClear(message, [
        '1 of 2 tables failed; the others are loaded',
        'orders: ',
        'sluice rerun',
        ...says,
      ]);
      expect(await tables()).toEqual(['prices']);
      // What was extracted and refused stays until a newer load of the interval replaces it.
      expect({ ...(await leftovers(lab)), strayLoads: [] }).toEqual(NOTHING);
    },
  );
});

describe('a rerun', { timeout: 120_000 }, () => {
  it('after the source was mended extracts the refused table again, and repeats no other', async () => {
    await lab.source.query('INSERT INTO shop.orders SELECT * FROM shop.orders WHERE order_id = 150');
    await failureOf({ tables: ['orders', 'prices'] });
    await lab.source.query(
      'DELETE FROM shop.orders WHERE ctid IN (SELECT max(ctid) FROM shop.orders WHERE order_id = 150)',
    );
    const failed = await lab.failedRun();
    const rerun = await lab.run({ interval: DAY, tables: ['orders', 'prices'], resume: failed.runId });
    expect(await rerun.result()).toMatchObject({ tables: 2, reused: 2 });
    expect(await tables()).toEqual(['orders', 'prices']);
  });
});

describe('a source that cannot be read', { timeout: 120_000 }, () => {
  it('because it is down: says where it was looked for', async () => {
    expectClear(await failureOf({ pipeline: 'shop_down' }), [
      `source 'down'`,
      '127.0.0.1:1/',
      '2 of 2 tables failed:',
      'ECONNREFUSED',
      'See that the server runs',
    ]);
    expect(existsSync(lab.warehouseFile)).toBe(false);
  });

  it('because the password is wrong: says for whom, and not which', async () => {
    const message = await failureOf({ pipeline: 'shop_stranger' });
    expectClear(message, [
      `source 'stranger'`,
      'password authentication failed',
      'Correct user and password',
    ]);
    expect(message).not.toContain('the-wrong-password');
  });

  it('because the profile has no such connection: says which there are', async () => {
    expectClear(await failureOf({ pipeline: 'shop_unnamed' }), [
      `no connection 'unnamed'`,
      'shop, limited',
      `Add it under 'connections'`,
    ]);
  });

  it('because one table is not granted: names it, says the grant, and brings the other', async () => {
    await lab.source.query(
      `GRANT USAGE ON SCHEMA shop TO ${LIMITED}; GRANT SELECT ON shop.prices TO ${LIMITED}`,
    );
    expectClear(await failureOf({ pipeline: 'shop_limited' }), [
      '1 of 2 tables failed',
      'orders: ',
      `column 'order_id' may not be read`,
      'GRANT SELECT',
    ]);
    expect(await tables()).toEqual(['prices']);
    expect(await leftovers(lab)).toEqual(NOTHING);
  });
});

describe('a place that cannot be written', { timeout: 120_000 }, () => {
  const ONE = { tables: ['prices'] };
  const { uid } = { uid: process.getuid?.() };

  it('because a file is where the lake should be: names it', async () => {
    const path = lab.lakeFolder;
    writeFileSync(path, 'not a folder');
    try {
      expectClear(await failureOf(ONE), [path, /is a file where a folder must be|EEXIST|ENOTDIR/]);
      expect(existsSync(lab.warehouseFile)).toBe(false);
    } finally {
      rmSync(path);
    }
  });

  it('because the lake is on a full disk: says how to free space, and leaves no files', async (context) => {
    const path = lab.lakeFolder;
    mkdirSync(path, { recursive: true });
    if (uid !== 0 || !mounted('64k', path)) return context.skip('needs the right to mount a small disk');
    try {
      expectClear(await failureOf({ tables: ['parcels'] }), [path, /full disk|No space left/, 'Free space']);
      expect(existsSync(lab.warehouseFile)).toBe(false);
      expect(await leftovers(lab)).toEqual(NOTHING);
    } finally {
      execFileSync('umount', [path]);
    }
    await (await lab.run({ interval: DAY, tables: ['parcels'] })).result();
  });

  it('because the lake is mounted read-only: says so', async (context) => {
    const path = lab.lakeFolder;
    mkdirSync(path, { recursive: true });
    if (uid !== 0 || !mounted('64k', path, 'ro')) return context.skip('needs the right to mount a disk');
    try {
      expectClear(await failureOf(ONE), [path, 'read-only file system', 'Mount it for writing']);
    } finally {
      execFileSync('umount', [path]);
    }
  });

  it('because another program holds the warehouse: says which, and goes on when it lets go', async () => {
    const file = lab.warehouseFile;
    const letGo = await holdWarehouse(file);
    const run = await lab.run({ interval: DAY, ...ONE });
    const said = await eventually(
      'an attempt that gave up',
      async () =>
        (await lab.session.ledger.steps([run.firstExecutionRunId])).find((step) => step.error !== null)
          ?.error,
      60_000,
    );
    expectClear(said, [file, 'is held by another program', /PID \d+/, 'close that program']);
    await letGo();
    await run.result();
    expect(await tables()).toEqual(['prices']);
  });

  it('because the warehouse is no database: says so, and leaves the file alone', async () => {
    const file = lab.warehouseFile;
    writeFileSync(
      file,
      'somebody wrote something else here, long enough to be looked at as a header of a file',
    );
    expectClear(await failureOf(ONE), [file, 'cannot be read as a DuckDB', 'Restore it from a backup']);
    renameSync(file, `${file}.away`);
    rmSync(`${file}.away`);
  });
});

describe('models that do not hold', { timeout: 120_000 }, () => {
  const MODELS: readonly {
    name: string;
    model: string;
    test?: string;
    says: readonly (string | RegExp)[];
    /** How the nodes ended that dbt came to, as the attempt has them; none where it came to none. */
    nodes: Readonly<Record<string, string>>;
  }[] = [
    {
      name: 'one does not compile',
      model: `select * from {{ ref('lab_nowhere') }}`,
      says: ['lab_orders', 'lab_nowhere', 'Correct it, then rerun'],
      nodes: {},
    },
    {
      name: 'one has a mistake in its SQL',
      model: 'select order_idd from raw_shop_modelled.orders',
      says: ['model.lab.lab_orders (error)', 'order_idd', 'compiled SQL: '],
      nodes: { 'model.lab.lab_orders': 'error' },
    },
    {
      name: 'a test fails',
      model: 'select order_id from raw_shop_modelled.orders',
      test: 'select order_id from {{ ref("lab_orders") }} where order_id = 150',
      says: ['test.lab.lab_test (fail)', 'Got 1 result', 'compiled SQL: '],
      nodes: { 'model.lab.lab_orders': 'success', 'test.lab.lab_test': 'fail' },
    },
  ];
  it.each(MODELS)(
    '$name: the run names the node and keeps the loads',
    async ({ model, test, says, nodes }) => {
      writeProject(lab, model, test);
      const message = await failureOf({ pipeline: 'shop_modelled' });
      expectClear(message, says);
      expect(await tables()).toEqual(['orders']);
      writeProject(lab, 'select order_id from raw_shop_modelled.orders');
      const failed = await lab.failedRun();
      const attempts = await lab.session.ledger.attempts(failed.runId);
      const { nodes: kept } = attempts.find(({ step }) => step === 'transform')?.detail as Detail;
      expect(Object.fromEntries(kept.map(({ id, status }) => [id, status]))).toEqual(nodes);
      const rerun = await lab.run({ pipeline: 'shop_modelled', interval: DAY, resume: failed.runId });
      expect(await rerun.result()).toMatchObject({ reused: 2 });
      const built = await lab.session.ledger.steps([rerun.firstExecutionRunId]);
      expect(built.find(({ step }) => step === 'transform')?.result).toMatchObject({
        warnings: ['model.lab.lab_orders: no test looks at it'],
      });
    },
  );
});

/** What an attempt at building the models leaves. */
interface Detail {
  readonly nodes: readonly { readonly id: string; readonly status: string }[];
}

/** Mounts a disk of this size; false where that is not allowed. */
function mounted(size: string, path: string, mode = 'rw'): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},${mode}`, 'tmpfs', path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
