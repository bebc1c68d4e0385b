import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { aRun, march, ran, shop } from '../connectors/ledger/postgres/fixtures.ts';
import { useLedger } from '../connectors/ledger/postgres/harness.ts';
import { PostgresLedger } from '../connectors/ledger/postgres/ledger.ts';
import { openGate } from '../test/setup/gate.ts';
import { Gate } from './gate.ts';
import { openPages } from './pages.fixture.ts';

const registry = new Map([['shop', shop]]);
const own = useLedger('web_faults');

describe('pages in trouble', { timeout: 300_000 }, () => {
  it('say that the ledger is away, tell those who look, and are there again with it', async () => {
    const { address } = own.database();
    const gate = await openGate(address);
    const ledger = new PostgresLedger({ ...address, host: '127.0.0.1', port: gate.port });
    const pages = await openPages(ledger, registry);
    const leave = new AbortController();
    try {
      await ran(own.ledger(), aRun('one', march(1)), ['orders']);
      expect((await pages.get('/pipelines/shop')).status).toBe(200);
      const events = await pages.get('/events', { signal: leave.signal });
      const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
      const until = async (word: string) => {
        for (let heard = ''; !heard.includes(word);) heard += (await reader?.read())?.value ?? '';
      };
      await until('hello');
      const told = until('change'); // by then somebody looks at the ledger
      for (let n = 2; n < 9 && !(await Promise.race([told.then(() => true), delay(1_500)])); n += 1)
        await ran(own.ledger(), aRun(`run ${n}`, march(n)), ['orders']);
      await told;
      await gate.cut();
      await until('change');
      const answer = await pages.get('/pipelines/shop');
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
      expect(await answer.text()).toContain('Check that the server is up and reachable');
      expect((await pages.get('/healthz')).status).toBe(200);
      await gate.open();
      await until('change');
      expect((await pages.get('/pipelines/shop')).status).toBe(200);
    } finally {
      leave.abort();
      await pages.serving.close();
      await ledger.close();
      await gate.close();
    }
  });

  it('answer the rest when too much is asked at once, and everything after it', async () => {
    await ran(own.ledger(), aRun('one', march(1)), ['orders']);
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    // Nobody is answered from the ledger until somebody was turned away.
    const ledger = new Proxy(own.ledger(), {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          await held;
          return Reflect.apply(value, target, args) as unknown;
        };
      },
    });
    const pages = await openPages(ledger, registry);
    try {
      const asked = Array.from({ length: 600 }, async () => {
        const answer = await pages.get('/pipelines/shop');
        await answer.text();
        if (answer.status === 503) letGo();
        return answer.status;
      });
      const statuses = await Promise.all(asked);
      expect(new Set(statuses)).toEqual(new Set([200, 503]));
      expect((await pages.get('/pipelines/shop')).status).toBe(200);
    } finally {
      await pages.serving.close();
    }
  });
});

describe('a gate', () => {
  it('never has more inside than it lets in, serves in order, and goes on after a failure', async () => {
    const gate = new Gate(2, 3);
    let inside = 0;
    let most = 0;
    const order: number[] = [];
    const work = (n: number) =>
      gate.pass(async () => {
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setTimeout(resolve, 5));
        order.push(n);
        inside -= 1;
        if (n === 1) throw new Error('broken');
      });
    const all = await Promise.allSettled([0, 1, 2, 3, 4, 5, 6].map(work));
    expect(all.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ]);
    expect([most, order]).toEqual([2, [0, 1, 2, 3, 4]]);
    await work(7);
    expect(order.at(-1)).toBe(7);
  });
});
