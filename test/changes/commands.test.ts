import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectRefusal, sluice, type Said } from '../bad-input/cli.ts';
import { copySources } from '../checkout.ts';
import { testDatabase, type TestDatabase } from '../setup/database.ts';
import { ChangesLab, changing } from './lab.ts';

const checkout = mkdtempSync(join(tmpdir(), 'sluice-streams-'));
let lab: ChangesLab;
let ledger: TestDatabase;

const source = (...args: string[]): Promise<Said> =>
  sluice(['source', ...args, '--profile', join(checkout, 'streams.yaml')], {}, checkout);

beforeAll(async () => {
  copySources(checkout);
  lab = await ChangesLab.open();
  ledger = await testDatabase('ledger');
  const server = ({ address }: Pick<TestDatabase, 'address'>) => JSON.stringify(address);
  writeFileSync(
    join(checkout, 'streams.yaml'),
    `temporal: { address: '127.0.0.1:1', ui: 'http://127.0.0.1:1' }
ledger: ${server(ledger)}
connections: { shop: ${JSON.stringify({ type: 'postgres', ...lab.database.address })} }
lake: { type: folder, path: '${lab.folder}/lake' }
warehouse: { type: duckdb, file: '${lab.folder}/warehouse.duckdb' }
transform: { type: dbt, target: duckdb, project: '${checkout}/dbt', python: '/nowhere', state: '${lab.folder}/dbt' }
`,
  );
  writeFileSync(
    join(checkout, 'pipelines', 'streamed.ts'),
    `import { definePipeline } from '../core/pipeline.ts';
export const streamed = definePipeline({ name: '${lab.pipeline}', description: 'd', schedule: 'manual', start: '2026-01-01', source: 'shop',
  tables: { t: { domain: 'shop', extract: { mode: 'changes' }, primaryKey: ['id'] } } });`,
  );
  await lab.sql(`CREATE TABLE t (id int PRIMARY KEY, note text); INSERT INTO t VALUES (1, 'a')`);
}, 240_000);
afterAll(async () => {
  await lab.close();
  await ledger.close();
  rmSync(checkout, { recursive: true, force: true });
});

describe('sluice source', { timeout: 240_000 }, () => {
  it('shows a stream before there is one, while it is followed, and when nobody reads it', async () => {
    const none = await source('status');
    expect(`${none.code} ${none.out}`).toMatch(new RegExp(`^0 [^]*shop +${lab.stream} .*no slot`));
    expect(none.err).toContain(`left out: connection 'olist_lakehouse', which this profile does not have`);
    await lab.run(changing());
    await lab.sql(`CREATE TABLE noise AS SELECT repeat('x', 100) AS v FROM generate_series(1, 20000)`);
    const said = await source('status', 'shop', '--json');
    expect(said.code).toBe(0);
    expect(JSON.parse(said.out)).toEqual([
      expect.objectContaining({
        connection: 'shop',
        stream: lab.stream,
        pipeline: lab.pipeline,
        tables: ['public.t'],
        lagSeconds: expect.any(Number) as number,
      }),
    ]);
    const [{ slot }] = JSON.parse(said.out) as [{ slot: { lagBytes: number; retainedBytes: number } }];
    expect(slot.lagBytes).toBeGreaterThan(1_000_000);
    expect(slot.retainedBytes).toBeGreaterThanOrEqual(slot.lagBytes);
  });

  it('drops what it is told to and no other, writes that down, and says where there is nothing', async () => {
    expect((await source('drop', 'shop', 'others')).out).toMatch(/'shop' has no stream of 'others'/);
    expect((await source('drop', 'shop', lab.pipeline)).out).toMatch(
      /dropped the stream .* next run makes it anew/,
    );
    expect(await lab.sql(`SELECT FROM pg_replication_slots WHERE database = current_database()`)).toEqual([]);
    expect(await lab.sql(`SELECT FROM pg_publication`)).toEqual([]);
    expect((await source('drop', 'shop', lab.pipeline)).out).toMatch(/has no stream/);
    const actions = await sluice(
      ['actions', '--json', '--profile', join(checkout, 'streams.yaml')],
      {},
      checkout,
    );
    expect(JSON.parse(actions.out)).toEqual([
      expect.objectContaining({ action: 'drop-stream', pipeline: lab.pipeline, subject: 'shop' }),
    ]);
  });

  it('names the connections there are where one is misspelt', async () => {
    expectRefusal(await source('status', 'shp'), 1, [`'shp'`, 'shop']);
    expectRefusal(await source('drop', 'shp', lab.pipeline), 1, [`'shp'`, 'shop']);
  });
});
