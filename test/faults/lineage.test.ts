import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../core/lineage/open-lineage.ts';
import { day, Lab } from './lab.ts';
import { eventually } from './wait.ts';

const DAY = day('2024-03-02');
let lab: Lab;
let answers = true;
const events: RunEvent[] = [];
const server = createServer((request, response) => {
  let text = '';
  request.on('data', (chunk: Buffer) => (text += chunk.toString()));
  request.on('end', () => {
    if (!answers) return;
    events.push(JSON.parse(text) as RunEvent);
    response.writeHead(201).end();
  });
}).listen(0, '127.0.0.1');

beforeAll(async () => {
  if (!server.listening) await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/lineage`;
  lab = await Lab.open((profile) => ({
    ...profile,
    lineage: { type: 'openlineage', url, namespace: 'sluice' },
  }));
  await lab.startWorker();
});
afterAll(async () => {
  await lab.close();
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  answers = true;
  events.splice(0);
});

const said = () => events.map(({ eventType, job }) => `${eventType} ${job.name}`);

describe('lineage events of real runs', { timeout: 180_000 }, () => {
  it('tell of the run and of each step, as they begin and end', async () => {
    const run = await lab.run({ interval: DAY, tables: ['prices'] });
    await run.result();
    await eventually('the end of the run', () => said().includes('COMPLETE shop'));
    expect(said()).toEqual([
      'START shop',
      'START shop.extract:prices',
      'COMPLETE shop.extract:prices',
      'START shop.load:prices',
      'COMPLETE shop.load:prices',
      'START shop.check',
      'COMPLETE shop.check',
      'START shop.publish',
      'COMPLETE shop.publish',
      'COMPLETE shop',
    ]);
    expect(
      new Set(events.filter(({ job }) => job.name === 'shop').map(({ run: { runId } }) => runId)),
    ).toEqual(new Set([run.firstExecutionRunId]));
  });

  it('tell why a run and a step have failed', async () => {
    const run = await lab.run({ pipeline: 'shop_stranger', interval: DAY });
    await expect(run.result()).rejects.toThrow();
    await eventually('the failure of the run', () => said().includes('FAIL shop_stranger'));
    const failed = events.find(({ job }) => job.name.startsWith('shop_stranger.extract'));
    expect(failed).toBeDefined();
    expect(JSON.stringify(events.at(-1)?.run.facets['errorMessage'])).toContain("no connection 'stranger'");
  });

  it('hold up no run where nobody takes them', async () => {
    answers = false;
    const run = await lab.run({ interval: DAY, tables: ['prices'] });
    await run.result();
    expect(said()).toEqual([]);
  });
});
