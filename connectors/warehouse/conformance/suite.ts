import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { careConforms } from './care.ts';
import { dispositionsConform } from './dispositions.ts';
import { evolutionConforms } from './evolution.ts';
import { idempotencyConforms } from './idempotency.ts';
import { marksConform } from './marks.ts';
import { overlapsConform } from './overlaps.ts';
import { readsConform } from './reads.ts';
import { refusalsConform } from './refusals.ts';
import { replacedFilesConform } from './replaced-files.ts';
import { valuesConform } from './values.ts';
import type { Bench } from './bench.ts';
import { OwnTest } from './isolation.ts';
import { aLoad } from './fixtures.ts';
import type { Warehouse } from '../port.ts';

/** A real, empty warehouse to test against. */
export interface Harness {
  readonly warehouse: Warehouse;
  /** Brings local Parquet files to where the warehouse reads. @returns their URIs in the same order */
  readonly publish?: (paths: readonly string[]) => Promise<readonly string[]>;
  /** Drops everything: all schemas that loads have made. */
  readonly reset: () => Promise<void>;
  /** Statements of a person or of dbt, past the port. */
  readonly execute: (sql: string) => Promise<void>;
  readonly end: () => Promise<void>;
}

/** What every warehouse does; an adapter's own test calls this with the real thing, or says what it lacks for that. */
export function warehouseConforms(name: string, start: () => Promise<Harness>, missing?: string): void {
  describe.skipIf(missing)(`${name} as a warehouse ${missing ?? ''}`, { timeout: 30_000 }, () => {
    let harness: Harness;
    let folder: string;
    const own = new OwnTest();
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'warehouse-conformance-'));
      harness = await start();
    });
    beforeEach(async () => {
      await own.begin();
      await harness.reset();
    });
    afterAll(async () => {
      await harness.end();
      await rm(folder, { recursive: true, force: true });
    });
    const bench: Bench = {
      warehouse: () => own.guard(harness.warehouse),
      load: async (fields, signal = new AbortController().signal) => {
        const request = await own.run(() => aLoad(folder, fields, harness.publish));
        return own.run(() => harness.warehouse.load(request, signal));
      },
      rows: async (sql) =>
        (await own.run(() => harness.warehouse.query(sql))).rows.map((row) => Object.values(row)),
      execute: (sql) => own.run(() => harness.execute(sql)),
    };

    it('knows no load before the first', async () => {
      expect(await bench.warehouse().lastLoad('shop', 'orders')).toBeUndefined();
      expect(await bench.warehouse().appliedLoadIds()).toEqual(new Set());
    });

    dispositionsConform(bench);
    overlapsConform(bench);
    idempotencyConforms(bench);
    marksConform(bench);
    readsConform(bench);
    evolutionConforms(bench);
    refusalsConform(bench);
    replacedFilesConform(bench);
    valuesConform(bench);
    careConforms(bench);
  });
}
