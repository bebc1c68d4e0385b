import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logged, polled, shuffled } from './arbitrary.ts';
import { openLab, type Lab } from './lab.ts';
import { MODELS } from './models.ts';
import { loggedState, MOMENTS, polledState, type Change, type Logged } from './oracle.ts';
import { loggedRows, polledRows, RAW, statesOf, versionsOf } from './raw.ts';

const KEYS = 120;
const SEED = 20_261_126;

let lab: Lab;
beforeAll(async () => {
  lab = openLab(MODELS);
  await lab.sql(RAW);
  await lab.build(); // of nothing
}, 300_000);
afterAll(() => lab.close());

const versions = async (model: string) => lab.sql(versionsOf(`lab.${model}`));
const statesByKey = async (model: string, keys: readonly number[]) => {
  const all = await versions(model);
  return new Map(keys.map((key) => [key, statesOf(all.filter(({ id }) => id === key))]));
};

describe('a history', { timeout: 600_000 }, () => {
  it('is what looking at every change tells, in whatever order and loads they come, and however often', async () => {
    const sample = { seed: SEED, numRuns: 1 };
    const [changes = []] = fc.sample(polled(KEYS, 1000, 1200), sample);
    const [log = []] = fc.sample(logged(KEYS, 1000, 1200), sample);
    const [arrivals = []] = fc.sample(shuffled(changes), sample);
    const [lines = []] = fc.sample(shuffled(log), sample);
    const keys = Array.from({ length: KEYS }, (_, at) => at + 1);
    const borders = [0, 0.6, 1];
    const part = <T>(rows: readonly T[], load: number) =>
      rows.slice(
        Math.floor(rows.length * (borders[load - 1] ?? 0)),
        Math.floor(rows.length * (borders[load] ?? 1)),
      );
    for (const load of [1, 2]) {
      // What came before comes again, in part.
      await lab.sql(
        polledRows([...part(arrivals, load), ...part(arrivals, Math.max(1, load - 1)).slice(0, 20)], load),
      );
      await lab.sql(
        loggedRows([...part(lines, load), ...part(lines, Math.max(1, load - 1)).slice(0, 20)], load),
      );
      await lab.build();
      const come = arrivals.slice(0, Math.floor(arrivals.length * (borders[load] ?? 1)));
      const read = lines.slice(0, Math.floor(lines.length * (borders[load] ?? 1)));
      const ofChanges = new Map(
        keys.map((key) => {
          const own = come.filter((change) => change.key === key);
          return [key, MOMENTS.map((moment) => polledState(own, moment))];
        }),
      );
      expect(await statesByKey('polled_anew', keys)).toEqual(ofChanges);
      expect(await versions('polled_on')).toEqual(await versions('polled_anew'));
      expect(await versions('logged_on')).toEqual(await versions('logged_anew'));
      if (load < 2) continue; // of a log with holes nobody knows what there was
      const ofLog = new Map(
        keys.map((key) => [key, MOMENTS.map((moment) => loggedState(read, key, moment))]),
      );
      expect(await statesByKey('logged_anew', keys)).toEqual(ofLog);
    }
  });

  describe('of one or two keys', () => {
    let connection: DuckDBConnection;
    let instance: DuckDBInstance;
    beforeAll(async () => {
      instance = await DuckDBInstance.create(lab.file);
      connection = await instance.connect();
    });
    afterAll(() => {
      connection.closeSync();
      instance.closeSync();
    });

    const compiled = (model: string) =>
      readFileSync(join(lab.state, `target/compiled/project/models/lab/marts/${model}.sql`), 'utf8');
    const statesFrom = async (rows: string, model: string, key: number) => {
      await connection.run(`DELETE FROM raw_lab.polled; DELETE FROM raw_lab.logged; ${rows}`);
      const result = await connection.runAndReadAll(versionsOf(`(${compiled(model)})`));
      return statesOf(result.getRowObjectsJson().filter(({ id }) => id === key));
    };

    it('is the same for every order of arrival', async () => {
      const cases = polled(2).chain((changes) =>
        fc.tuple(fc.constant(changes), shuffled([...changes, ...changes.slice(1)])),
      );
      await fc.assert(
        fc.asyncProperty(cases, async ([changes, arrivals]: [readonly Change[], Change[]]) => {
          for (const key of [1, 2]) {
            const own = changes.filter((change) => change.key === key);
            const expected = MOMENTS.map((moment) => polledState(own, moment));
            expect(await statesFrom(polledRows(arrivals, 1), 'polled_anew', key)).toEqual(expected);
          }
        }),
        { seed: SEED, numRuns: 60 },
      );
    });

    it('follows the log where its clock goes back, keys come again and tables are truncated', async () => {
      const cases = logged(2).chain((log) => fc.tuple(fc.constant(log), shuffled(log)));
      await fc.assert(
        fc.asyncProperty(cases, async ([log, lines]: [readonly Logged[], Logged[]]) => {
          for (const key of [1, 2]) {
            const expected = MOMENTS.map((moment) => loggedState(log, key, moment));
            expect(await statesFrom(loggedRows(lines, 1), 'logged_anew', key)).toEqual(expected);
          }
        }),
        { seed: SEED, numRuns: 60 },
      );
    });
  });
});
