import { describe, expect, it } from 'vitest';
import { FILE_COLUMNS } from '../../../core/file-tables.ts';
import type { Bench } from './bench.ts';
import { aTable, columns, day, FILES, type Values } from './fixtures.ts';

const SCHEMA = [...columns({ id: 'int64' }), ...FILE_COLUMNS];
const table = aTable({ name: 'clicks', write: 'replace-file', extract: FILES, primaryKey: [] });

/** What takes the place of rows is the file, whichever load has brought them. */
export function replacedFilesConform({ load, rows }: Bench): void {
  describe('loads of files', () => {
    const bring = (loadId: string, date: number, files: Readonly<Record<string, readonly number[]>>) => {
      const values = Object.entries(files).flatMap(([name, ids]) =>
        ids.map((id, at): Values => [id, name, at + 1]),
      );
      return load({
        loadId,
        table,
        columns: SCHEMA,
        interval: day(date),
        files: values.length ? [values] : [],
        manifest: {
          replaces: Object.keys(files),
          emptied: Object.keys(files).filter((name) => !files[name]?.length),
        },
      });
    };
    const there = async () =>
      (await rows('SELECT _file, id FROM raw_shop.clicks ORDER BY _file, id')).map((row) => row.join(' '));

    it('change no row when they come again, by one batch or by several', async () => {
      await bring('l1', 1, { a: [1, 2], b: [3] });
      await bring('l2', 2, { c: [4] });
      const before = await there();
      expect(before).toEqual(['a 1', 'a 2', 'b 3', 'c 4']);
      expect(await bring('l3', 1, { a: [1, 2], b: [3] })).toMatchObject({ rowsDeleted: 3, rowsLoaded: 3 });
      expect(await there()).toEqual(before);
      expect(await bring('l3', 1, { a: [1, 2], b: [3] })).toMatchObject({ alreadyApplied: true });
      expect(await there()).toEqual(before);
    });

    it('take the place of the rows of a name that has other bytes, fewer or none', async () => {
      await bring('l1', 1, { "o'ne": [1, 2, 3], b: [4] });
      await bring('l2', 2, { "o'ne": [9] });
      expect(await there()).toEqual(['b 4', "o'ne 9"]);
      await bring('l3', 3, { b: [] });
      expect(await there()).toEqual(["o'ne 9"]);
      await bring('l4', 4, {});
      expect(await there()).toEqual(["o'ne 9"]);
    });

    it('bring nothing of a file that a newer load has emptied, however late they come', async () => {
      await bring('l2', 2, { "o'ne": [1], b: [3] });
      await bring('l3', 3, { "o'ne": [] });
      expect(await there()).toEqual(['b 3']);
      expect(await bring('l1', 1, { "o'ne": [1, 2], c: [5] })).toMatchObject({ rowsOutdated: 2 });
      expect(await there()).toEqual(['b 3', 'c 5']);
      expect(await bring('l2', 2, { "o'ne": [1], b: [3] })).toMatchObject({ alreadyApplied: false });
      expect(await there()).toEqual(['b 3', 'c 5']);
    });

    it('bring nothing of a file that a newer load has brought, however late they come', async () => {
      await bring('l2', 2, { a: [9] });
      expect(await bring('l1', 1, { a: [1, 2], b: [3] })).toMatchObject({ rowsOutdated: 2 });
      expect(await there()).toEqual(['a 9', 'b 3']);
      await bring('l1', 1, { a: [1, 2], b: [3] });
      expect(await there()).toEqual(['a 9', 'b 3']);
    });
  });
}
