import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TerminalError } from '../../../core/errors.ts';
import type { ColumnType } from '../../../core/schema.ts';
import { aTable, extractAll } from '../conformance/suite.ts';
import { openPostgres, type PostgresHarness } from './harness.ts';
import { PostgresSource } from './source.ts';

/** PostgreSQL type, what it becomes, and values as PostgreSQL reads them. A NULL is added to each. */
const EXACT: readonly (readonly [string, ColumnType, readonly string[]])[] = [
  ['boolean', 'boolean', ['true', 'false']],
  ['smallint', 'int16', ['-32768', '32767', '0']],
  ['integer', 'int32', ['-2147483648', '2147483647']],
  ['bigint', 'int64', ['-9223372036854775808', '9223372036854775807', '9007199254740993']],
  ['real', 'float32', ['NaN', 'Infinity', '-Infinity', '-0', '1e-45', '3.4028235e38', '0.1']],
  [
    'double precision',
    'float64',
    ['NaN', 'Infinity', '-Infinity', '-0', '5e-324', '1.7976931348623157e308', '0.1'],
  ],
  ['numeric(5,2)', 'decimal(5,2)', ['-999.99', '0.01', '-0.01']],
  ['numeric(18,0)', 'decimal(18,0)', ['999999999999999999']],
  ['numeric(38,10)', 'decimal(38,10)', ['9999999999999999999999999999.9999999999', '-0.0000000001']],
  ['numeric(38)', 'decimal(38,0)', ['-99999999999999999999999999999999999999']],
  ['numeric(5,-2)', 'decimal(7,0)', ['1234567', '-9999900', '50']],
  ['numeric(3,5)', 'decimal(5,5)', ['0.00999', '-0.00001']],
  [
    'text',
    'string',
    [
      '',
      ' ',
      'a\nb\r\n"c" \'d\' \\n \\ , ;',
      '\u0001\u007f',
      '\uFEFFbom',
      'e\u0301 é 😀 漢字',
      'NULL',
      '\\N',
    ],
  ],
  ['varchar(5)', 'string(5)', ['', '😀😀😀😀😀', 'ab  ']],
  ['char(5)', 'string(5)', ['ab', '', '😀']],
  ['name', 'string', ['some name']],
  ['"char"', 'string', ['x']],
  ['bytea', 'binary', ['\\x', '\\x00ff00', '\\xefbbbf']],
  [
    'date',
    'date',
    ['2018-08-01', '0044-03-15 BC', '4713-11-24 BC', '5874897-12-31', 'infinity', '-infinity'],
  ],
  [
    'timestamp',
    'timestamp',
    [
      '2018-08-01 12:00:00.000001',
      '0044-03-15 10:00:00 BC',
      '4713-11-24 00:00:00 BC',
      '289999-12-31 23:59:59',
      'infinity',
      '-infinity',
      '1969-12-31 23:59:59.999999',
    ],
  ],
  [
    'timestamptz',
    'timestamptz',
    [
      '2018-08-01 12:00:00.000001+02',
      '0044-03-15 10:00:00+00 BC',
      'infinity',
      '-infinity',
      '2018-10-28 02:30:00 Europe/Berlin',
    ],
  ],
  ['timestamp(0)', 'timestamp', ['2018-08-01 12:00:00.7']],
  ['time', 'string', ['24:00:00', '00:00:00', '12:34:56.789012']],
  ['timetz', 'string', ['24:00:00+00', '12:00:00-15:59', '12:00:00+05:30']],
  ['interval', 'string', ['1 year -2 mons +3 days -04:05:06.789', '-1 days +1 hour', '178000000 years', '0']],
  ['json', 'json', ['{"b": 1,  "a": [1.10, null, "\\u0041"], "a": 2}', '1e400', '"x"']],
  ['jsonb', 'json', ['{"b": 1, "a": [1.10, null]}', '123456789012345678901234567890.5']],
  ['uuid', 'uuid', ['00000000-0000-0000-0000-000000000000', 'FFFFFFFF-ffff-4fff-bfff-ffffffffffff']],
  ['oid', 'int64', ['4294967295']],
  ['money', 'string', ['-1234.56', '92233720368547758.07']],
  ['bit(5)', 'string', ['10101']],
  ['varbit', 'string', ['', '1', '0101010101']],
  ['inet', 'string', ['192.168.0.1/24', '::1', '10.0.0.1']],
  ['cidr', 'string', ['10.0.0.0/8']],
  ['macaddr', 'string', ['08:00:2b:01:02:03']],
  ['xml', 'string', ['<a b="1">é</a>']],
  ['point', 'string', ['(1.5,-0)']],
  ['polygon', 'string', ['((0,0),(1,1),(2,0))']],
  ['tsvector', 'string', [`'a':1 'b':2`]],
  ['pg_lsn', 'string', ['16/B374D848']],
  ['int4range', 'string', ['[1,5)', 'empty', '(,)']],
  ['tstzrange', 'string', ['[2018-01-01 00:00+00,infinity)']],
  ['int4multirange', 'string', ['{[1,3),[5,8)}']],
  ['integer[]', 'string', ['{1,NULL,3}', '{}', '{{1,2},{3,4}}', '[0:1]={1,2}']],
  ['text[]', 'string', ['{"",NULL,"NULL","a,b","\\"q\\""}']],
  ['numeric[]', 'string', ['{NaN,1.10}']],
  ['timestamptz[]', 'string', ['{2018-01-01 00:00:00+02}']],
  ['mood', 'string', ['so so', 'häppy']],
  ['mood[]', 'string', ['{"so so"}']],
  ['pair', 'string', ['(1,"a,b")', '(,)']],
  ['"Odd Name"', 'decimal(6,2)', ['1.50']],
  ['nested', 'decimal(6,2)', ['-7.25']],
  ['short_text', 'string(3)', ['abc']],
  ['mood_domain', 'string', ['häppy']],
  ['moment', 'timestamptz', ['2018-08-01 12:00:00.000001+02', '-infinity']],
  ['citext', 'string', ['MiXed']],
  ['hstore', 'string', ['"a"=>"1", "b"=>NULL']],
];

const SETUP = `
CREATE EXTENSION IF NOT EXISTS citext; CREATE EXTENSION IF NOT EXISTS hstore;
CREATE TYPE mood AS ENUM ('so so', 'häppy');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN "Odd Name" AS numeric(6,2) CHECK (value < 1000);
CREATE DOMAIN nested AS "Odd Name";
CREATE DOMAIN short_text AS varchar(3);
CREATE DOMAIN mood_domain AS mood;
CREATE DOMAIN moment AS timestamptz`;

describe('every PostgreSQL type', { timeout: 120_000 }, () => {
  let db: PostgresHarness;

  beforeAll(async () => {
    db = await openPostgres();
    await db.sql(SETUP);
    const [server] = await db.sql(`SELECT current_setting('lc_monetary') AS money`);
    expect(server).toBeDefined();
    // A dropped column lies between the others; values stand in rows by their index.
    const columns = EXACT.map(([type], index) => `c${index} ${type}`);
    await db.sql(`CREATE TABLE matrix (id int PRIMARY KEY, gone text, ${columns.join(', ')})`);
    await db.sql('ALTER TABLE matrix DROP COLUMN gone');
    const height = Math.max(...EXACT.map(([, , values]) => values.length)) + 1;
    for (let row = 0; row < height; row++) {
      await db.sql(
        `INSERT INTO matrix VALUES (${row}, ${EXACT.map(([type], index) => `$${index + 1}::text::${type}`).join(', ')})`,
        EXACT.map(([, , values]) => values[row] ?? null),
      );
    }
  }, 120_000);
  afterAll(() => db.close());

  it('arrives as PostgreSQL writes it', async () => {
    const matrix = await extractAll(db.source, aTable({ from: 'matrix' }));
    const texts = EXACT.map(([type], index) =>
      type.startsWith('char(') ? `rpad(c${index}::text, 5) AS c${index}` : `c${index}::text AS c${index}`,
    );
    await db.sql(`SET TimeZone = 'UTC'`);
    const expected = await db.sql(`SELECT ${texts.join(', ')} FROM matrix ORDER BY id`);
    for (const [index, [type, becomes]] of EXACT.entries()) {
      const column = `c${index}`;
      const want = expected.map((row) => row[column] as string | null);
      const got = matrix.data.map((row) => canonical(becomes, row[column] ?? null));
      expect({ type, values: got }).toEqual({ type, values: want.map((text) => numberText(becomes, text)) });
      expect(matrix.schema.columns.find(({ name }) => name === column)).toMatchObject({ type: becomes });
    }
  });

  it('arrives the same through a view, which is read on one stream', async () => {
    await db.sql('CREATE VIEW matrix_view AS SELECT * FROM matrix ORDER BY id');
    const view = await extractAll(db.source, aTable({ from: 'matrix_view' }));
    const table = await extractAll(db.source, aTable({ from: 'matrix' }));
    expect(view.data).toEqual(table.data);
  });

  it('arrives the same in either encoding of Parquet, also where a dictionary would be too large', async () => {
    await db.sql(`CREATE TABLE many AS SELECT g AS id, h AS c0, (h >> 32)::int AS c1, (h >> 48)::smallint AS c2,
      (h / 1e4)::numeric(20,4) AS c3, (h::numeric * h)::numeric(38,0) AS c4, (h / 1e9)::numeric(18,2) AS c5,
      CASE g % 9 WHEN 0 THEN 'NaN' WHEN 1 THEN '-Infinity' ELSE h * 1e-300::float8 END AS c6, (h::float8 * 1e-30)::real AS c7,
      left(repeat(md5(g::text), 2), g % 65) AS c8, decode(left(md5(g::text), g % 17 * 2), 'hex') AS c9,
      CASE g % 7 WHEN 0 THEN '-infinity' WHEN 1 THEN 'infinity' WHEN 2 THEN NULL ELSE '2000-01-01'::timestamp + abs(h / 2) * interval '1 microsecond' END AS c10,
      CASE g % 5 WHEN 0 THEN 'infinity' ELSE '2000-01-01'::date + (h % 700000)::int END AS c11, md5(g::text)::uuid AS c12
      FROM (SELECT g, CASE g % 11 WHEN 0 THEN -9223372036854775808 WHEN 1 THEN 9223372036854775807 ELSE hashint8extended(g, 1) END AS h
        FROM generate_series(1, 5000) AS g) AS hashed`);
    const read = async (parquetVersion: 'V1' | 'V2') => {
      const source = new PostgresSource({ ...db.options, parquetVersion });
      try {
        return await extractAll(source, aTable({ from: 'many' }));
      } finally {
        await source.close();
      }
    };
    const [plain, packed] = [await read('V1'), await read('V2')];
    expect(packed.data).toEqual(plain.data);
    expect(plain.encodings).not.toContain('DELTA');
    for (const encoding of ['DELTA_BINARY_PACKED', 'DELTA_LENGTH_BYTE_ARRAY', 'BYTE_STREAM_SPLIT'])
      expect(packed.encodings).toContain(encoding);
    const sums = await db.sql(
      `SELECT sum(c0)::text AS c0, sum(c4)::text AS c4, sum(length(c8))::int AS c8 FROM many`,
    );
    const sum = (column: string) => packed.data.reduce((total, row) => total + BigInt(row[column] ?? 0), 0n);
    expect({
      c0: String(sum('c0')),
      c4: String(sum('c4')),
      c8: packed.data.reduce((total, { c8 }) => total + (c8?.length ?? 0), 0),
    }).toEqual(sums[0]);
  });

  it.each([
    [
      'numeric',
      `'1.10'`,
      /'v' \(numeric\) has no declared precision.*types: \{ v: 'decimal\(38,9\)' \}.*exclude/s,
    ],
    ['numeric(50,2)', `'1.10'`, /'v' \(numeric\(50,2\)\) has more digits.*types/s],
  ])('is refused before a row is read, where %s has no counterpart', async (type, value, message) => {
    await withColumn(type, [value], async (table) => {
      await expect(db.source.describe(table)).rejects.toThrow(message);
      await expect(extractAll(db.source, table)).rejects.toBeInstanceOf(TerminalError);
      expect((await extractAll(db.source, { ...table, exclude: ['v'] })).rows).toBe(1);
      expect((await extractAll(db.source, { ...table, types: { v: 'string' } })).data[0]).toMatchObject({
        v: '1.10',
      });
    });
  });

  const LOST: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['numeric(5,2)', [`'NaN'`, `'1'`, `'NaN'`], /'v': 2 rows hold NaN/s],
    ['timestamp', [`'290001-01-01'`], /'v': 1 row holds a time after the year 290000/],
    ['timestamptz', [`'1999-01-01'`, `'294276-12-31 23:59:59'`], /'v': 1 row holds/s],
    ['moment', [`'294276-12-31 23:59:59'`], /'v': 1 row holds/s],
    // One microsecond apart, where 64 bits end: DuckDB makes the first one infinity, refuses the next, makes the third −infinity.
    ...['7', '8', '9'].map((last): (typeof LOST)[number] => [
      'timestamp',
      [`'infinity'`, `'294247-01-10 04:00:54.77580${last}'`, `'-infinity'`],
      /'v': 1 row holds a time after the year 290000/s,
    ]),
  ];
  it.each(LOST)(
    'fails when a %s holds what a file cannot, with the number and a key',
    async (type, values, message) => {
      await withColumn(type, values, async (table) => {
        const failed = extractAll(db.source, table);
        await expect(failed).rejects.toThrow(message);
        await expect(failed).rejects.toBeInstanceOf(TerminalError);
        expect((await extractAll(db.source, { ...table, types: { v: 'string' } })).rows).toBe(values.length);
      });
    },
  );

  const FIT: readonly (readonly [string, ColumnType, readonly string[], readonly string[]])[] = [
    [
      'numeric',
      'decimal(10,4)',
      ['999999.9999', '-0.0001', '1.50000000'],
      ['1000000', '0.00001', 'NaN', 'Infinity', '999999.99999'],
    ],
    ['numeric', 'int32', ['2147483647', '1.0'], ['2147483648', '0.5', 'NaN']],
    ['numeric', 'float64', ['0.1', 'NaN', '1e300', '-3'], ['0.10000000000000000001', '1e400', '1e-400']],
    ['bigint', 'int16', ['32767'], ['32768']],
    ['bigint', 'float64', ['9007199254740992'], ['9007199254740993']],
    ['bigint', 'decimal(20,0)', ['-9223372036854775808'], []],
    ['double precision', 'decimal(6,2)', ['0.1', '9999.99'], ['0.001', 'NaN', '-Infinity', '1e6']],
    ['money', 'decimal(10,2)', ['1.50'], ['123456789.00']],
    ['text', 'string(3)', ['😀é'], ['abcd']],
    ['text', 'uuid', ['00000000-0000-4000-8000-00000000000a'], ['00000000-0000-4000-8000-00000000000A', 'x']],
    ['date', 'timestamp', ['2018-08-01', 'infinity'], ['300000-01-01']],
    ['timestamp', 'date', ['2018-08-01 00:00'], ['2018-08-01 00:00:00.000001']],
    ['timestamptz', 'timestamp', ['2018-08-01 02:00+02'], []],
  ];
  it.each(FIT)('%s becomes %s as set in types, or fails', async (type, to, fits, fails) => {
    await withColumn(
      type,
      fits.map((value) => `'${value}'`),
      async (table) => {
        const typed = await extractAll(db.source, { ...table, types: { v: to } });
        expect(typed.schema.columns[1]).toMatchObject({ name: 'v', type: to });
        for (const row of typed.data) {
          const same = await db.sql(`SELECT v = $1::text::${type} AS same FROM one WHERE id = $2`, [
            row['v']?.replace(/\.0$/, ''),
            row['id'],
          ]);
          expect([row, same]).toEqual([row, [{ same: true }]]);
        }
        expect(typed.rows).toBe(fits.length);
      },
    );
    for (const value of fails) {
      await withColumn(type, [`'${value}'`], async (table) => {
        await expect(extractAll(db.source, { ...table, types: { v: to } })).rejects.toThrow(
          /'v': 1 row holds /,
        );
      });
    }
  });

  it('refuses a type that a column cannot become', async () => {
    await withColumn('boolean', ['true'], async (table) => {
      await expect(db.source.describe({ ...table, types: { v: 'int32' } })).rejects.toThrow(
        /'v' \(boolean\) cannot become int32/,
      );
    });
  });

  async function withColumn(
    type: string,
    values: readonly string[],
    run: (table: ReturnType<typeof aTable>) => Promise<void>,
  ): Promise<void> {
    await db.sql(`CREATE TABLE one (id int PRIMARY KEY, v ${type})`);
    try {
      for (const [index, value] of values.entries())
        await db.sql(`INSERT INTO one VALUES (${index + 1}, ${value})`);
      await run(aTable({ from: 'one' }));
    } finally {
      await db.sql('DROP TABLE one');
    }
  }
});

/** A text of DuckDB's in PostgreSQL's spelling. */
function canonical(type: ColumnType, text: string | null): string | null {
  if (text === null) return null;
  if (type === 'date' || type.startsWith('timestamp'))
    return text.includes(' (BC)') ? `${text.replace(' (BC)', '')} BC` : text;
  if (type.startsWith('decimal')) return text.replace(/^(-?)\./, '$10.');
  return numberText(type, text);
}

/** Floats are compared by value; texts of the two systems differ in form. */
function numberText(type: ColumnType, text: string | null): string | null {
  if (text === null || !type.startsWith('float')) return text;
  const value = Number(text.replace(/^(-?)inf(inity)?$/i, '$1Infinity').replace(/^-?nan$/i, 'NaN'));
  return Object.is(value, -0) ? '-0' : String(type === 'float32' ? Math.fround(value) : value);
}
