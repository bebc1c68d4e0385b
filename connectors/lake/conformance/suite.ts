import { createHash } from 'node:crypto';
import { readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Manifest } from '../../../core/manifest.ts';
import { aDraft, committed, NOBODYS, ORDERS, writeRows } from './fixtures.ts';
import type { CommittedLoad, Lake, ManifestDraft, OpenLoad } from '../port.ts';

export interface LakeHarness {
  readonly lake: Lake;
  /** What there is now, by the path within the lake, manifests included. */
  readonly names: () => Promise<string[]>;
  /** The bytes behind a URI of `fileUris` or a manifest. */
  readonly read: (uri: string) => Promise<Buffer>;
  readonly overwrite: (uri: string, text: string) => Promise<void>;
  /** Makes everything that is there now older. */
  readonly age: (ms: number) => Promise<void>;
  /** Puts all that lies below one folder of the lake below another, beside what is there. */
  readonly move: (from: string, to: string) => Promise<void>;
  readonly end: () => Promise<void>;
}

const FOLDER = 'bronze/shop/orders/year=2018/month=08/day=01';
const HOUR_MS = 3_600_000;

/** What every lake does; an adapter's own test calls this with the real thing. */
export function lakeConforms(name: string, start: () => Promise<LakeHarness>): void {
  describe(`${name} as a lake`, { timeout: 30_000 }, () => {
    let harness: LakeHarness | undefined;
    let lake: Lake;
    const here = () => {
      if (!harness) throw new Error('not started');
      return harness;
    };
    beforeEach(async () => {
      await harness?.end();
      harness = await start();
      lake = harness.lake;
    });
    afterAll(() => harness?.end());

    const openWith = async (rows: number, file = 'part-0.parquet'): Promise<OpenLoad> => {
      const open = await lake.open(ORDERS);
      await writeRows(join(open.directory, file), rows);
      return open;
    };

    describe('commit', () => {
      it('puts files and manifest into the layout, measured', async () => {
        const load = await committed(lake, 'l1');
        expect(await here().names()).toEqual([
          `${FOLDER}/load=l1/_manifest.json`,
          `${FOLDER}/load=l1/part-0.parquet`,
        ]);
        const [uri = ''] = lake.fileUris(load.manifestUri, load.manifest);
        const bytes = await here().read(uri);
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        expect(load.manifest.files).toEqual([
          { path: 'part-0.parquet', rows: 3, bytes: bytes.length, sha256 },
        ]);
        expect(load.manifest.bytes).toBe(bytes.length);
        expect(await lake.readManifest(load.manifestUri)).toEqual(load.manifest);
      });

      it('takes a load without rows and files', async () => {
        const open = await lake.open(ORDERS);
        const { manifestUri, manifest } = await open.commit(aDraft({ files: [] }));
        expect(manifest).toMatchObject({ rows: 0, bytes: 0, files: [] });
        expect(lake.fileUris(manifestUri, manifest)).toEqual([]);
      });

      const refused: [string, RegExp, (open: OpenLoad) => Promise<Partial<ManifestDraft> | undefined>][] = [
        [
          'a file that is not drafted',
          /'stray.txt' is not in the manifest/,
          async (open) => {
            await writeFile(join(open.directory, 'stray.txt'), 'x');
            return undefined;
          },
        ],
        [
          'a drafted file that is missing',
          /'part-0.parquet' is missing/,
          async (open) => {
            await unlink(join(open.directory, 'part-0.parquet'));
            return undefined;
          },
        ],
        [
          'rows that are not those of the footer',
          /holds 3 rows, its manifest says 4/,
          () => Promise.resolve({ files: [{ path: 'part-0.parquet', rows: 4 }] }),
        ],
        [
          'a sum that does not hold',
          /all files hold 3 rows, its manifest says 5/,
          () => Promise.resolve({ rows: 5 }),
        ],
        [
          'a file that is cut short',
          /part-0.parquet cannot be read as a Parquet file/,
          async (open) => {
            const path = join(open.directory, 'part-0.parquet');
            await writeFile(path, (await readFile(path)).subarray(0, -10));
            return undefined;
          },
        ],
        [
          'the manifest of another table',
          /another table than 'orders'/,
          () => Promise.resolve({ table: 'others' }),
        ],
        [
          'the interval of another day',
          /starts at 2018-08-02/,
          () => Promise.resolve({ interval: { start: '2018-08-02T00:00:00Z', end: '2018-08-03T00:00:00Z' } }),
        ],
      ];
      for (const [what, message, spoil] of refused) {
        it(`refuses ${what}, and abort removes all of it`, async () => {
          const open = await openWith(3);
          const fields = await spoil(open);
          await expect(open.commit(aDraft(fields))).rejects.toThrow(message);
          expect(await here().names()).not.toContain(`${FOLDER}/load=l1/_manifest.json`);
          await open.abort();
          await open.abort();
          expect(await here().names()).toEqual([]);
        });
      }

      it('happens once', async () => {
        const open = await openWith(3);
        const { manifestUri } = await open.commit(aDraft());
        const before = await here().read(manifestUri);
        await expect(open.commit(aDraft())).rejects.toMatchObject({ name: 'LoadIdTaken' });
        await open.abort();
        expect(await here().read(manifestUri)).toEqual(before);
      });

      it('has one winner when many try at once', async () => {
        const open = await openWith(3);
        const tries = await Promise.allSettled(Array.from({ length: 8 }, () => open.commit(aDraft())));
        expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect(await here().names()).toHaveLength(2);
      });
    });

    it('gives every attempt a place of its own: a load id that is taken is refused', async () => {
      await committed(lake, 'l1');
      await expect(lake.open(ORDERS)).rejects.toMatchObject({ name: 'LoadIdTaken' });
    });

    for (const [field, value] of [
      ['pipeline', '../shop'],
      ['domain', '../sales'],
      ['table', '..'],
      ['table', 'a/b'],
      ['loadId', ''],
      ['loadId', '../../x'],
      ['logicalDate', '../../../x'],
    ] as const) {
      it(`refuses '${value}' as ${field}: nothing leads out of the lake`, async () => {
        await expect(lake.open({ ...ORDERS, [field]: value })).rejects.toMatchObject({
          name: 'InvalidInput',
        });
        expect(await here().names()).toEqual([]);
      });
    }

    describe('reading', () => {
      it('names a manifest that is not there', async () => {
        const { manifestUri } = await committed(lake, 'l1');
        await lake.remove(manifestUri);
        await expect(lake.readManifest(manifestUri)).rejects.toThrow(`no manifest ${manifestUri}`);
      });

      for (const [what, spoil] of [
        ['cut short', (text: string) => text.slice(0, -20)],
        [
          'of other sums',
          (text: string) => text.replace('"rows": 3,\n      "bytes"', '"rows": 2,\n      "bytes"'),
        ],
        ['with an unknown field', (text: string) => text.replace('{', '{"extra": 1,')],
      ] as const) {
        it(`refuses a manifest ${what}, naming it and the next step`, async () => {
          const { manifestUri } = await committed(lake, 'l1');
          const text = (await here().read(manifestUri)).toString();
          await here().overwrite(manifestUri, spoil(text));
          const failure = lake.readManifest(manifestUri);
          await expect(failure).rejects.toThrow(manifestUri);
          await expect(failure).rejects.toThrow(/Extract the table again/);
        });
      }

      it('lists committed loads of exactly one table, oldest first by load id', async () => {
        const next = { start: '2018-08-02T00:00:00Z', end: '2018-08-03T00:00:00Z' };
        await committed(lake, 'l3');
        await committed(lake, 'l2', { interval: next });
        await committed(lake, 'l1', { table: 'orders_old' });
        await lake.open({ ...ORDERS, loadId: 'l0' });
        expect(await idsOf(lake)).toEqual(['l2', 'l3']);
      });

      it('keeps tables of one name of two pipelines apart', async () => {
        await committed(lake, 'l1');
        await committed(lake, 'l2', { pipeline: 'other' });
        expect(await idsOf(lake)).toEqual(['l1']);
        expect(await idsOf(lake, 'other')).toEqual(['l2']);
        await here().age(2 * HOUR_MS);
        expect(await lake.gc({ olderThanMs: HOUR_MS, ...NOBODYS, dryRun: false })).toMatchObject({
          removedLoads: 0,
        });
      });

      it('reads what a version before has put under the domain, and takes it away once it is replaced', async () => {
        await committed(lake, 'l0', { pipeline: 'other' });
        await committed(lake, 'l1');
        await here().move('bronze/other', 'bronze/sales');
        await here().move('bronze/shop', 'bronze/sales');
        const [load] = await loadsOf(lake);
        expect(load?.manifestUri).toContain('bronze/sales/orders/');
        expect(await lake.readManifest(load?.manifestUri ?? '')).toEqual(load?.manifest);
        await committed(lake, 'l2');
        expect(await idsOf(lake)).toEqual(['l1', 'l2']);
        await here().age(2 * HOUR_MS);
        expect(await lake.gc({ olderThanMs: HOUR_MS, ...NOBODYS, dryRun: false })).toMatchObject({
          removedLoads: 1,
        });
        expect(await idsOf(lake)).toEqual(['l2']);
        expect(await idsOf(lake, 'other')).toEqual(['l0']);
      });

      it('lists nothing where nothing was loaded', async () => {
        expect(await idsOf(lake)).toEqual([]);
      });
    });

    it('removes a load, and may be asked again', async () => {
      const { manifestUri } = await committed(lake, 'l1');
      await committed(lake, 'l2');
      await lake.remove(manifestUri);
      await lake.remove(manifestUri);
      expect(await idsOf(lake)).toEqual(['l2']);
      expect(await here().names()).toHaveLength(2);
    });

    describe('garbage collection', () => {
      const all = { olderThanMs: HOUR_MS, ...NOBODYS, dryRun: false };

      it('removes a load that a newer one of its interval has replaced, and counts it', async () => {
        const { manifest } = await committed(lake, 'l1');
        const size = (await Promise.all((await lakeUris(lake)).map((uri) => here().read(uri)))).reduce(
          (sum, { length }) => sum + length,
          0,
        );
        await committed(lake, 'l2');
        await here().age(2 * HOUR_MS);
        const report = await lake.gc(all);
        expect(report).toEqual({ removedLoads: 1, removedFiles: 2, removedBytes: size });
        expect(size).toBeGreaterThan(manifest.bytes);
        expect(await idsOf(lake)).toEqual(['l2']);
      });

      it('keeps the only load of an interval, a pipeline’s beside another’s, and incremental ones', async () => {
        const next = { start: '2018-08-02T00:00:00Z', end: '2018-08-03T00:00:00Z' };
        await committed(lake, 'l1');
        await committed(lake, 'l2', { interval: next });
        await committed(lake, 'l5', { table: 'events', mode: 'incremental' });
        await committed(lake, 'l6', { table: 'events', mode: 'incremental' });
        await here().age(2 * HOUR_MS);
        expect(await lake.gc(all)).toMatchObject({ removedLoads: 0 });
      });

      it('keeps what is young, what it is told to keep, and everything in a dry run', async () => {
        await committed(lake, 'l1');
        await committed(lake, 'l2');
        await lake.open({ ...ORDERS, loadId: 'l3' });
        const before = await here().names();
        expect(await lake.gc(all)).toMatchObject({ removedLoads: 0 });
        await here().age(2 * HOUR_MS);
        expect(await lake.gc({ ...all, dryRun: true })).toMatchObject({ removedLoads: 2 });
        expect(await here().names()).toEqual(before);
        await lake.gc({ ...all, applied: new Set(['l1']) });
        expect(await idsOf(lake)).toEqual(['l1', 'l2']);
        await lake.gc({ ...all, inUse: new Set(['l1']) });
        expect(await idsOf(lake)).toEqual(['l1', 'l2']);
      });

      it('removes incremental loads that were never applied, once a newer one of their pipeline was', async () => {
        const next = { start: '2018-08-02T00:00:00Z', end: '2018-08-03T00:00:00Z' };
        const mode = 'incremental';
        await committed(lake, 'l1', { mode });
        await committed(lake, 'l2', { mode });
        await committed(lake, 'l3', { mode });
        await committed(lake, 'l4', { mode, interval: next });
        await committed(lake, 'l5', { mode, interval: next });
        const applied = new Set(['l1', 'l4']);
        expect(await lake.gc({ ...all, applied })).toMatchObject({ removedLoads: 0 });
        await here().age(2 * HOUR_MS);
        expect(await lake.gc(all)).toMatchObject({ removedLoads: 0 });
        expect(await lake.gc({ ...all, applied, inUse: new Set(['l2']) })).toMatchObject({ removedLoads: 1 });
        expect(await idsOf(lake)).toEqual(['l1', 'l2', 'l4', 'l5']);
        expect(await lake.gc({ ...all, applied })).toMatchObject({ removedLoads: 1, removedFiles: 2 });
        expect(await idsOf(lake)).toEqual(['l1', 'l4', 'l5']);
      });

      it('keeps an incremental load when the newer one that was applied is another pipeline’s', async () => {
        const mode = 'incremental';
        await committed(lake, 'l1', { mode });
        await committed(lake, 'l2', { mode, pipeline: 'other' });
        await here().age(2 * HOUR_MS);
        await lake.gc({ ...all, applied: new Set(['l2']) });
        expect([...(await idsOf(lake)), ...(await idsOf(lake, 'other'))]).toEqual(['l1', 'l2']);
      });

      it('removes the remains of attempts; their writer cannot commit any more', async () => {
        const open = await openWith(3);
        await here().age(2 * HOUR_MS);
        expect(await lake.gc(all)).toMatchObject({ removedLoads: 1, removedFiles: 1 });
        expect(await here().names()).toEqual([]);
        await expect(open.commit(aDraft())).rejects.toBeInstanceOf(Error);
        await open.abort();
        expect(await here().names()).toEqual([]);
      });
    });
  });
}

async function idsOf(lake: Lake, pipeline?: string): Promise<string[]> {
  return (await loadsOf(lake, pipeline)).map(({ manifest }) => manifest.loadId);
}

async function lakeUris(lake: Lake): Promise<string[]> {
  return (await loadsOf(lake)).flatMap(({ manifestUri, manifest }) => [
    manifestUri,
    ...lake.fileUris(manifestUri, manifest),
  ]);
}

async function loadsOf(
  lake: Lake,
  pipeline = 'shop',
): Promise<{ manifestUri: string; manifest: Manifest }[]> {
  const found: CommittedLoad[] = [];
  for await (const load of lake.list({ pipeline, domain: 'sales', table: 'orders' })) found.push(load);
  return found;
}
