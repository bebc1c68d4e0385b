import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import getPort from 'get-port';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../cli/embedded/home.ts';
import { day, Lab } from './lab.ts';
import { eventually } from './wait.ts';

const DAY = day('2024-03-02');
let lab: Lab;
let served: string;

beforeAll(async () => {
  const address = `127.0.0.1:${await getPort()}`;
  lab = await Lab.open((profile) => ({ ...profile, worker: { ...profile.worker, metrics: address } }));
  await lab.startWorker();
  await (await lab.run({ interval: DAY, tables: ['orders'] })).result();
  // Its connection is not in the profile.
  await expect((await lab.run({ interval: DAY, pipeline: 'shop_stranger' })).result()).rejects.toThrow();
  served = await eventually('both runs to be counted', async () => {
    const text = await (await fetch(`http://${address}/metrics`)).text();
    return /^temporal_workflow_failed_total/m.test(text) && /^sluice_step_failures_total/m.test(text) && text;
  });
});
afterAll(() => lab.close());

/** The lines of a metric whose labels hold all of these. */
const lines = (name: string, ...labels: string[]): string[] =>
  served
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)));

describe("a worker's Prometheus endpoint", { timeout: 120_000 }, () => {
  it('serves the metrics that docs/operations.md lists, and no other of ours', () => {
    const documented = readFileSync(join(ROOT, 'docs', 'operations.md'), 'utf8').matchAll(/`(sluice_\w+)`/g);
    const ours = served.matchAll(/^# TYPE (sluice_\w+)/gm);
    const names = (found: Iterable<RegExpMatchArray>) =>
      [...new Set(Array.from(found, ([, name]) => name))].sort();
    expect(names(documented)).toEqual(names(ours));
  });

  it('says which pipeline, step and table', () => {
    const orders = ['pipeline="shop"', 'step="load"', 'table="orders"'];
    expect(lines('sluice_rows_total', ...orders)).toEqual([expect.stringMatching(/ 100$/)]);
    expect(lines('sluice_table_loaded_timestamp_seconds', ...orders)).toHaveLength(1);
    expect(lines('sluice_step_failures_total', 'pipeline="shop_stranger"', 'outcome="failed"')).toHaveLength(
      2,
    );
    expect(lines('sluice_step_seconds_count', 'step="check"', 'table=""')).toHaveLength(1);
  });

  it('counts seconds in buckets of seconds', () => {
    const buckets = lines('sluice_step_seconds_bucket', 'step="load"').map(
      (line) => /,le="(.*?)"/.exec(line)?.[1],
    );
    expect(buckets).toEqual(['0.1', '0.5', '1', '5', '15', '60', '300', '900', '3600', '14400', '+Inf']);
  });

  it('counts runs by how they ended', () => {
    expect(lines('temporal_workflow_completed_total', 'workflow_type="runPipeline"')).toEqual([
      expect.stringMatching(/ 1$/),
    ]);
    expect(lines('temporal_workflow_failed_total', 'workflow_type="runPipeline"')).toEqual([
      expect.stringMatching(/ 1$/),
    ]);
  });
});
