import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TerminalError } from '../../../core/errors.ts';
import { aTable } from '../../../core/table-fixture.ts';
import type { Mark } from '../../../core/mark.ts';
import type { ResolvedTable } from '../../../core/pipeline.ts';
import type { Extracted, ExtractRequest, Source } from '../port.ts';

/** A real database with one source on it. */
export interface SourceHarness {
  readonly source: Source;
  /** Runs statements in the database, whatever the source may do there. */
  readonly sql: (statement: string) => Promise<unknown>;
  /** The type of a wall-clock time without zone, to the microsecond. */
  readonly datetime: string;
  /** Sessions that the source has open in the database. */
  readonly sessions: () => Promise<number>;
  /** An expression that takes this many seconds for each row it is asked for. */
  readonly slow: (seconds: number) => string;
  readonly close: () => Promise<void>;
}

export type TableFields = Partial<ResolvedTable>;

export { aTable };

export const interval = (cursor: string, cursorNulls: 'fail' | 'exclude' = 'fail') =>
  ({ mode: 'interval', cursor, cursorNulls }) as const;
export const incremental = (cursor: string, lookback: '0 seconds' | '1 hour' | '1 day' = '0 seconds') =>
  ({ mode: 'incremental', cursor, cursorNulls: 'fail', lookback }) as const;

/** A mark that says nothing of its cursor, as older versions have left them. */
export const markAt = (value: string | null): Mark | undefined =>
  value === null ? undefined : { value, cursor: null };

const DAY = { start: '2018-08-01T00:00:00Z', end: '2018-08-02T00:00:00Z' };

export interface Extraction extends Extracted {
  /** Each row as texts, by column. */
  readonly data: Record<string, string | null>[];
  readonly sha256: string[];
  /** Every Parquet encoding that a page of the files has. */
  readonly encodings: string;
}

/** Extracts into a folder that is gone afterwards, and reads back what is in the files. */
export async function extractAll(
  source: Source,
  table: ResolvedTable,
  request: Partial<ExtractRequest> = {},
  signal = new AbortController().signal,
): Promise<Extraction> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-extract-'));
  try {
    const extracted = await source.extract({ table, interval: DAY, directory, ...request }, signal);
    expect((await readdir(directory)).sort()).toEqual(extracted.files.map(({ path }) => path).sort());
    const files = extracted.files.map(({ path }) => join(directory, path));
    const sha256 = await Promise.all(
      files.map(async (file) =>
        createHash('sha256')
          .update(await readFile(file))
          .digest('hex'),
      ),
    );
    return { ...extracted, ...(await readTexts(files)), sha256 };
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function readTexts(files: readonly string[]): Promise<Pick<Extraction, 'data' | 'encodings'>> {
  if (!files.length) return { data: [], encodings: '' };
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    const list = `[${files.map((file) => `'${file}'`).join(', ')}]`;
    await connection.run(`CREATE VIEW files AS FROM read_parquet(${list})`);
    const columns = await connection.runAndReadAll(`SELECT column_name, column_type FROM (DESCRIBE files)`);
    const texts = columns.getRows().map(([name, type]) => {
      const column = `"${String(name).replaceAll('"', '""')}"`;
      // The binding drops a U+FEFF at the start of a text: read bytes.
      const bytes = type === 'BLOB' ? column : `encode(${column}::VARCHAR)`;
      return `lower(hex(${bytes})) AS ${column}`;
    });
    const rows = (await connection.runAndReadAll(`SELECT ${texts.join(', ')} FROM files`)).getRowObjects();
    const binary = new Set(
      columns.getRows().flatMap(([name, type]) => (type === 'BLOB' ? [String(name)] : [])),
    );
    const encodings = await connection.runAndReadAll(
      `SELECT string_agg(DISTINCT encodings) FROM parquet_metadata(${list})`,
    );
    const data = rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, hex]) => [
          name,
          typeof hex !== 'string'
            ? null
            : binary.has(name)
              ? `\\x${hex}`
              : Buffer.from(hex, 'hex').toString('utf8'),
        ]),
      ),
    );
    return { data, encodings: String(encodings.getRows()[0]?.[0]) };
  } finally {
    connection.disconnectSync();
    instance.closeSync();
  }
}

/** What every source does, whichever database it reads. */
export function sourceConformance(name: string, open: () => Promise<SourceHarness>): void {
  describe(`${name} as a source`, { timeout: 60_000 }, () => {
    let db: SourceHarness;
    const ids = (extraction: Extraction) =>
      extraction.data.map((row) => Number(row.id)).sort((a, b) => a - b);

    beforeAll(async () => {
      db = await open();
    }, 120_000);
    afterAll(() => db.close());
    beforeEach(async () => {
      await db.sql(
        `CREATE TABLE orders (id int PRIMARY KEY, note varchar(50), at ${db.datetime} NULL, day date)`,
      );
      await db.sql(`INSERT INTO orders VALUES
        (1, 'first', '2018-07-31 23:59:59.999999', '2018-07-31'), (2, '', '2018-08-01 00:00:00', '2018-08-01'),
        (3, NULL, '2018-08-01 23:59:59.999999', '2018-08-01'), (4, 'a "b"', '2018-08-02 00:00:00', '2018-08-02')`);
    });
    afterEach(() => db.sql('DROP TABLE orders'));

    it('describes the columns in their order', async () => {
      expect(await db.source.describe(aTable({ exclude: ['note'] }))).toEqual({
        columns: [
          { name: 'id', type: 'int32', nullable: false },
          { name: 'at', type: 'timestamp', nullable: true },
          { name: 'day', type: 'date', nullable: true },
        ],
      });
    });

    it('takes all rows as a snapshot, with empty texts beside NULLs', async () => {
      const all = await extractAll(db.source, aTable());
      expect(all.data.map((row) => row.note)).toEqual(['first', '', null, 'a "b"']);
      expect(all).toMatchObject({ rows: 4, highWaterMark: null, coercions: [] });
      expect(all.extractedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    });

    it('takes the rows of an interval from its start up to, not including, its end', async () => {
      const day = await extractAll(db.source, aTable({ extract: interval('at') }));
      expect(ids(day)).toEqual([2, 3]);
      expect(day.highWaterMark).toBe('2018-08-01 23:59:59.999999');
      expect(ids(await extractAll(db.source, aTable({ extract: interval('day') })))).toEqual([2, 3]);
    });

    it('gives neighbouring intervals every row once', async () => {
      const days = ['2018-07-31', '2018-08-01', '2018-08-02', '2018-08-03'].map((day) => `${day}T00:00:00Z`);
      const found = [];
      for (const [index, start] of days.slice(0, -1).entries()) {
        const span = { start, end: days[index + 1] ?? '' };
        found.push(
          ...ids(await extractAll(db.source, aTable({ extract: interval('at') }), { interval: span })),
        );
      }
      expect(found).toEqual([1, 2, 3, 4]);
    });

    it('leaves no file where there are no rows, and still knows the columns', async () => {
      const span = { start: '2030-01-01T00:00:00Z', end: '2030-01-02T00:00:00Z' };
      const none = await extractAll(db.source, aTable({ extract: interval('at') }), { interval: span });
      expect(none).toMatchObject({ files: [], rows: 0, highWaterMark: null });
      expect(none.schema.columns).toHaveLength(4);
    });

    it('reads on from the mark, with the rows that share it', async () => {
      await db.sql(`INSERT INTO orders VALUES (5, 'tie', '2018-08-01 23:59:59.999999', '2018-08-01')`);
      const next = await extractAll(db.source, aTable({ extract: incremental('at') }), {
        mark: markAt('2018-08-01 23:59:59.999999'),
      });
      expect(ids(next)).toEqual([3, 4, 5]);
      expect(next.highWaterMark).toBe('2018-08-02 00:00:00');
    });

    it('reads nothing twice where rows are appended', async () => {
      const appended = { extract: incremental('at'), write: 'append' } as const;
      const first = await extractAll(db.source, aTable(appended));
      await db.sql(`INSERT INTO orders VALUES (5, 'new', '2018-08-03', '2018-08-03')`);
      const next = await extractAll(db.source, aTable(appended), { mark: markAt(first.highWaterMark) });
      expect(ids(next)).toEqual([5]);
      const counted = await extractAll(db.source, aTable({ ...appended, extract: incremental('id') }), {
        mark: markAt('3'),
      });
      expect(ids(counted)).toEqual([4, 5]);
    });

    it('reads again from the lookback without lowering the mark', async () => {
      const again = await extractAll(db.source, aTable({ extract: incremental('at', '1 day') }), {
        mark: markAt('2018-08-02 12:00:00'),
      });
      expect(ids(again)).toEqual([3, 4]);
      expect(again.highWaterMark).toBe('2018-08-02 12:00:00');
    });

    it('counts on by a whole number', async () => {
      const next = await extractAll(db.source, aTable({ extract: incremental('id') }), {
        mark: markAt('3'),
      });
      expect(ids(next)).toEqual([3, 4]);
      expect(next.highWaterMark).toBe('4');
    });

    it('refuses rows without a cursor, or counts them where they may stay behind', async () => {
      await db.sql(`INSERT INTO orders VALUES (6, 'lost', NULL, NULL), (7, 'lost', NULL, NULL)`);
      await expect(extractAll(db.source, aTable({ extract: interval('at') }))).rejects.toThrow(
        /2 rows whose cursor 'at' is NULL.*cursorNulls: 'exclude'/s,
      );
      const day = await extractAll(db.source, aTable({ extract: interval('at', 'exclude') }));
      expect(ids(day)).toEqual([2, 3]);
      expect(day.coercions).toEqual([{ column: 'at', rule: 'rows without a cursor are left out', rows: 2 }]);
    });

    it.each([
      ['a cursor that is not there', { extract: interval('nope') }, /'nope' is not in table.*at, day/s],
      ['a number as cursor of an interval', { extract: interval('id') }, /'id'.*no time interval.*at, day/s],
      ['a table that is not there', { from: 'ordres' }, /ordres.*orders/s],
      [
        'columns that are not there',
        { exclude: ['x'], types: { y: 'string' }, primaryKey: ['z'] } as const,
        /'x'.*'y'.*'z'/s,
      ],
    ])('refuses %s, naming what would do', async (_, fields, message) => {
      const refused = extractAll(db.source, aTable(fields));
      await expect(refused).rejects.toThrow(message);
      await expect(refused).rejects.toBeInstanceOf(TerminalError);
    });

    it('takes the rows of a query as those of a table', async () => {
      const query = `SELECT o.id AS id, p.note AS before_it, o.at AS at FROM orders o LEFT JOIN orders p ON p.id = o.id - 1;`;
      const table = aTable({
        from: 'chained',
        query,
        extract: interval('at'),
        types: { before_it: 'string' },
      });
      expect((await db.source.describe(table)).columns.map(({ name, type }) => [name, type])).toEqual([
        ['id', 'int32'],
        ['before_it', 'string'],
        ['at', 'timestamp'],
      ]);
      const day = await extractAll(db.source, table);
      expect(day.data.map((row) => [row.id, row.before_it])).toEqual([
        ['2', 'first'],
        ['3', ''],
      ]);
      expect(day.highWaterMark).toBe('2018-08-01 23:59:59.999999');
    });

    it.each([
      [
        'two columns of one name',
        'SELECT o.id, p.id FROM orders o JOIN orders p ON p.id = o.id',
        /two columns 'id'/,
      ],
      ['a column without a name', 'SELECT id, 1 + 1 FROM orders', /column 2 has no name.*AS/],
      ['a column that it lacks', 'SELECT id, nope FROM orders', /nope/],
      ['a statement that writes', 'SELECT id FROM orders; DELETE FROM orders', /syntax/],
    ])('refuses a query with %s at plan time', async (_, query, message) => {
      const refused = db.source.describe(aTable({ query }));
      await expect(refused).rejects.toThrow(message);
      await expect(refused).rejects.toBeInstanceOf(TerminalError);
      expect((await extractAll(db.source, aTable())).rows).toBe(4);
    });

    it('gives the same bytes again', async () => {
      const once = await extractAll(db.source, aTable());
      expect((await extractAll(db.source, aTable())).sha256).toEqual(once.sha256);
    });

    it('stops on both sides when it is told to', async () => {
      await db.sql(`CREATE VIEW slow AS SELECT id, ${db.slow(20)} AS waited FROM orders`);
      try {
        const stop = new AbortController();
        const reason = new Error('enough');
        setTimeout(() => stop.abort(reason), 500);
        const began = performance.now();
        const stopped = extractAll(db.source, aTable({ from: 'slow' }), {}, stop.signal);
        await expect(stopped).rejects.toBe(reason);
        expect(performance.now() - began).toBeLessThan(10_000);
        await expect.poll(() => db.sessions(), { timeout: 5000 }).toBe(0);
      } finally {
        await db.sql('DROP VIEW slow');
      }
    });

    describe('asked for the first row of a statement', () => {
      const first = (statement: string) => db.source.firstRow(statement, new AbortController().signal);

      it('gives it as text, and nothing where there is none', async () => {
        const statement = 'SELECT id, note, day, id * 0.5 AS half FROM orders WHERE id';
        expect(await first(`${statement} > 2 ORDER BY id; `)).toEqual({
          id: '3',
          note: null,
          day: '2018-08-01',
          half: '1.5',
        });
        expect(await first(`${statement} > 4`)).toBeUndefined();
      });

      it.each([
        `DELETE FROM orders`,
        `SELECT 1) AS looked_for; DELETE FROM orders; SELECT * FROM (SELECT 1`,
        `SELECT no_such_column FROM orders`,
      ])(
        'refuses for good what does not only read, or cannot be read, and changes nothing: %s',
        async (statement) => {
          await expect(first(statement)).rejects.toBeInstanceOf(TerminalError);
          expect((await extractAll(db.source, aTable())).rows).toBe(4);
        },
      );

      it('stops when nobody wants it any more', async () => {
        const stop = new AbortController();
        const asked = db.source.firstRow(`SELECT ${db.slow(30)} AS s FROM orders`, stop.signal);
        await expect.poll(() => db.sessions(), { timeout: 30_000 }).toBe(1);
        stop.abort(new Error('enough'));
        await expect(asked).rejects.toThrow('enough');
        await expect.poll(() => db.sessions(), { timeout: 30_000 }).toBe(0);
      });
    });

    it('leaves no session open', async () => {
      await extractAll(db.source, aTable());
      await extractAll(db.source, aTable({ from: 'nothing' })).catch(() => undefined);
      await expect.poll(() => db.sessions(), { timeout: 5000 }).toBe(0);
    });
  });
}
