import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StepRecord } from '../../connectors/ledger/port.ts';
import type { RunHandle } from '../../operations/start-run.ts';
import type { LabWorker } from './crew.ts';
import { day, Lab } from './lab.ts';
import { writeProject } from './project.ts';

/** Unmistakable, and of the kind that spoils quotes. */
const CANARY = 'CANARY7319';
const VALUE = `O'Brien "${CANARY}" of\n12 Elm St (${CANARY})`;
const PASSWORD = `C@NARY/8246 %'"`;
const DAY = day('2024-03-02');
let lab: Lab;
let worker: LabWorker;

beforeAll(async () => {
  lab = await Lab.open((profile) => {
    const { shop } = profile.connections;
    if (!shop) throw new Error('The lab has no source');
    const secret = { ...shop, password: PASSWORD };
    return { ...profile, connections: { ...profile.connections, canary: shop, secret } };
  });
  worker = await lab.startWorker();
});
afterAll(() => lab.close());
beforeEach(() => lab.forget());

describe('a value of a row is in no history, ledger or log', { timeout: 120_000 }, () => {
  it('where a key is violated, and where the source cannot give a value', async () => {
    await lab.source.query(`
      ALTER TABLE shop.orders ALTER order_id TYPE text;
      ALTER TABLE shop.prices ALTER price TYPE text;
      ALTER TABLE shop.prices RENAME TO prices_in_text;
      CREATE VIEW shop.prices AS SELECT sku, price::int FROM shop.prices_in_text`);
    await lab.source.query(`UPDATE shop.orders SET order_id = $1 WHERE order_id IN ('150', '151')`, [VALUE]);
    await lab.source.query('UPDATE shop.prices_in_text SET price = $1 WHERE sku = 7', [VALUE]);
    const run = await lab.run({ pipeline: 'shop_canary', interval: DAY });
    expect(await failed(run)).toEqual(['extract prices', 'load orders']);
    await expectNowhere(run, 'orders', [CANARY, 'Brien', 'Elm St']);
  });

  it('where a model cannot convert it, and where a test finds it', async () => {
    await lab.source.query(`UPDATE shop.orders SET customer = $1 WHERE order_id = 150`, [VALUE]);
    const asTable = `{{ config(materialized='table') }} select`;
    writeProject(lab, `${asTable} order_id, customer::int as customer from raw_shop_modelled.orders`);
    const converting = await lab.run({ pipeline: 'shop_modelled', interval: DAY });
    expect(await failed(converting)).toEqual(['transform ']);
    await expectNowhere(converting, 'lab_orders', [CANARY, 'Brien', 'Elm St']);
    writeProject(
      lab,
      'select order_id, customer from raw_shop_modelled.orders',
      `select customer from {{ ref("lab_orders") }} where customer like '%CANARY%'`,
    );
    const testing = await lab.run({ pipeline: 'shop_modelled', interval: DAY, kind: 'rerun' });
    expect(await failed(testing)).toEqual(['transform ']);
    await expectNowhere(testing, 'lab_test', [CANARY, 'Brien', 'Elm St']);
  });
});

it('a password is in no history, ledger or log, however it is written', { timeout: 120_000 }, async () => {
  const run = await lab.run({ pipeline: 'shop_secret', interval: DAY });
  expect(await failed(run)).toEqual(['extract orders', 'extract prices']);
  const forms = [PASSWORD, encodeURIComponent(PASSWORD), JSON.stringify(PASSWORD).slice(1, -1), '8246'];
  await expectNowhere(run, 'orders', forms);
  await expectNowhere(run, 'orders', [lab.profile.ledger.password]);
});

/** The steps of a run that has failed, which failed. */
async function failed(run: RunHandle): Promise<string[]> {
  await expect(run.result()).rejects.toThrow();
  const steps = await lab.session.ledger.steps([run.firstExecutionRunId]);
  const name = ({ step, table }: StepRecord) => `${step} ${table ?? ''}`;
  return steps
    .filter(({ outcome }) => outcome === 'failed')
    .map(name)
    .sort();
}

/** @param named what is told of all the same, so that nothing passes because it is empty */
async function expectNowhere(run: RunHandle, named: string, secrets: readonly string[]): Promise<void> {
  const { rows: tables } = await lab.inLedger(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations'`,
  );
  const ledger = await Promise.all(tables.map(({ name }) => lab.inLedger(`SELECT * FROM ${String(name)}`)));
  const places = {
    history: textOf(await run.fetchHistory()),
    ledger: JSON.stringify(ledger.map(({ rows }) => rows)),
    log: worker.log(),
  };
  for (const [place, text] of Object.entries(places)) {
    expect(text, place).toContain(named);
    for (const secret of secrets) {
      const at = text.indexOf(secret);
      expect(at < 0 ? '' : `in the ${place}: ${text.slice(Math.max(0, at - 200), at + 200)}`).toBe('');
    }
  }
}

/** A history with its payloads as they are read. */
function textOf(history: unknown): string {
  return JSON.stringify(history, (_, value: unknown) => {
    if (value instanceof Uint8Array) return Buffer.from(value).toString();
    const bytes = value as { type?: unknown; data?: unknown } | null; // a Buffer has become this by now
    return bytes?.type === 'Buffer' && Array.isArray(bytes.data)
      ? Buffer.from(bytes.data as number[]).toString()
      : value;
  });
}
