import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aRun, march, ran, shop } from '../../connectors/ledger/postgres/fixtures.ts';
import type { PostgresLedger } from '../../connectors/ledger/postgres/ledger.ts';
import { usePages } from '../pages-harness.ts';

const own = usePages('web_run', new Map([['shop', shop]]));
const NASTY = '<script>alert(1)</script> & "quotes" \u202Eabc 👩‍👩‍👧‍👦';
let ledger: PostgresLedger;
beforeAll(() => {
  ledger = own.ledger();
});

describe('the page of a run', () => {
  beforeEach(async () => {
    await ledger.openRun(aRun('one', march(1)));
    await ledger.startStep('one', 'load', 'orders', 1);
    await ledger.writeLog('one', 'load', 'orders', 1, ['the first line', NASTY]);
    await ledger.finishStep('one', 'load', 'orders', 1, { error: `first: ${NASTY}`, outcome: 'failed' });
    await ledger.startStep('one', 'load', 'orders', 2);
    await ledger.finishStep('one', 'load', 'orders', 2, {
      result: { loadId: 'L1', rows: 5, rowsDeleted: 2, schemaChanges: ['added column x'] },
      rows: 5,
      bytes: 9,
    });
    await ledger.startStep('one', 'transform', null, 1);
    await ledger.finishStep('one', 'transform', null, 1, {
      error: 'dbt: 1 of 2 nodes failed',
      outcome: 'failed',
      detail: {
        nodes: [
          { id: 'model.shop.days', status: 'success', seconds: 2 },
          { id: 'test.shop.unique', status: 'fail', seconds: 0.1, message: 'Got 3 results' },
        ],
      },
    });
    await ledger.closeRun('one', 'failed', `dbt failed ${NASTY}`, [
      { step: 'check', table: null, reason: 'upstream failed: transform' },
    ]);
  });

  it('is found by its run id and its workflow id', async () => {
    for (const id of ['one', 'shop-2024-03-02T00:00:00Z'])
      expect((await own.pages().get(`/runs/${encodeURIComponent(id)}`)).status).toBe(200);
  });

  it('says what went wrong and what to do next', async () => {
    const html = await own.pages().text('/runs/one');
    expect(html).toContain('dbt failed');
    expect(html).toContain('sluice rerun shop-2024-03-02T00:00:00Z');
  });

  it('shows every attempt of a step, skipped steps, dbt nodes with what failed first, and loads', async () => {
    const html = await own.pages().text('/runs/one');
    expect(html).toMatch(/aria-label="attempt 1 failed after [^"]*, attempt 2 succeeded after [^"]*"/);
    expect(html).toContain('upstream failed: transform');
    expect(html.indexOf('test.shop.unique')).toBeLessThan(html.indexOf('model.shop.days'));
    expect(html).toContain('Got 3 results');
    expect(html).toContain('added column x');
  });

  it('shows markup as text, whoever wrote it', async () => {
    for (const path of ['/runs/one', '/runs/one/log?step=load:orders', '/', '/pipelines/shop']) {
      const html = await own.pages().text(path);
      expect(html).not.toContain('<script>alert');
    }
    expect(await own.pages().text('/runs/one/log?step=load:orders')).toContain(
      '&lt;script&gt;alert(1)&lt;/script&gt;',
    );
  });

  it('shows all that a step has written, by attempt', async () => {
    const html = await own.pages().text('/runs/one/log?step=load:orders');
    expect(html).toContain('the first line');
    expect(html).toContain('Attempt 2');
    expect((await own.pages().get('/runs/one/log?step=load:none')).status).toBe(404);
  });

  it('lists the other runs of its interval', async () => {
    await ran(ledger, aRun('two', march(1)), ['orders']);
    expect(await own.pages().text('/runs/two')).toContain('href="/runs/one"');
  });

  it('is none for an id that nothing has, whatever it is made of', async () => {
    for (const id of [
      'nothing',
      '..%2f..%2fetc%2fpasswd',
      '%00',
      '%E0%A4%A',
      "'; drop table runs --",
      'x'.repeat(5_000),
    ]) {
      const answer = await own.pages().get(`/runs/${id}`);
      expect([404, 400, 414, 431]).toContain(answer.status);
    }
    expect((await own.pages().get('/runs/one')).status).toBe(200);
  });
});
