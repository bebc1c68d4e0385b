import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { InvalidInput, TerminalError } from '../../../core/errors.ts';
import { aTable, extractAll, type TableFields } from '../conformance/suite.ts';
import { openMysql, type MysqlHarness } from './harness.ts';

describe('values of MySQL', { timeout: 60_000 }, () => {
  let db: MysqlHarness;
  beforeAll(async () => {
    db = await openMysql();
  }, 200_000);
  afterAll(() => db.close());
  afterEach(() => db.sql('DROP TABLE IF EXISTS t'));

  const all = (fields: TableFields = {}) =>
    extractAll(db.source, aTable({ name: 't', from: 't', primaryKey: [], ...fields }));

  /** Rows of one column that takes any value, impossible days, too. */
  async function given(type: string, ...values: readonly string[]): Promise<void> {
    await db.sql(`CREATE TABLE t (n int AUTO_INCREMENT PRIMARY KEY, v ${type})`);
    await db.sql(`SET SESSION sql_mode = 'ALLOW_INVALID_DATES'`);
    for (const value of values) await db.sql(`INSERT INTO t (v) VALUES (${value})`);
    await db.sql(`SET SESSION sql_mode = DEFAULT`);
  }

  it.each<[type: string, canonical: string, values: readonly [sql: string, text: string][]]>([
    [
      'tinyint(1)',
      'int16',
      [
        ['2', '2'],
        ['-1', '-1'],
        ['1', '1'],
      ],
    ],
    ['tinyint unsigned', 'int16', [['255', '255']]],
    ['smallint', 'int16', [['-32768', '-32768']]],
    ['smallint unsigned', 'int32', [['65535', '65535']]],
    ['mediumint', 'int32', [['-8388608', '-8388608']]],
    [
      'int(6) unsigned zerofill',
      'int64',
      [
        ['4294967295', '4294967295'],
        ['7', '7'],
      ],
    ],
    ['bigint', 'int64', [['-9223372036854775808', '-9223372036854775808']]],
    [
      'bigint unsigned',
      'decimal(20,0)',
      [
        ['18446744073709551615', '18446744073709551615'],
        ['0', '0'],
      ],
    ],
    [
      'decimal(38,10)',
      'decimal(38,10)',
      [
        ['1234567890123456789012345678.0123456789', '1234567890123456789012345678.0123456789'],
        ['-0.1', '-0.1000000000'],
      ],
    ],
    ['decimal(5,2) unsigned', 'decimal(5,2)', [['999.99', '999.99']]],
    [
      'float',
      'float32',
      [
        ['0.1', '0.1'],
        ['16777216', '16777216.0'],
        ['-1.17549e-38', '-1.17549e-38'],
      ],
    ],
    [
      'double',
      'float64',
      [
        ['0.1', '0.1'],
        ['1.7976931348623157e308', '1.7976931348623157e+308'],
        ['5e-324', '5e-324'],
      ],
    ],
    [
      'bit(1)',
      'int16',
      [
        [`b'1'`, '1'],
        [`b'0'`, '0'],
      ],
    ],
    ['bit(64)', 'decimal(20,0)', [['~0', '18446744073709551615']]],
    [
      'year',
      'int16',
      [
        ['2026', '2026'],
        ['0', '0'],
      ],
    ],
    [
      'date',
      'date',
      [
        [`'0001-01-01'`, '0001-01-01'],
        [`'9999-12-31'`, '9999-12-31'],
      ],
    ],
    ['datetime', 'timestamp', [[`'2018-08-01 23:59:59'`, '2018-08-01 23:59:59']]],
    [
      'datetime(6)',
      'timestamp',
      [
        [`'0001-01-01 00:00:00.000001'`, '0001-01-01 00:00:00.000001'],
        [`'9999-12-31 23:59:59.999999'`, '9999-12-31 23:59:59.999999'],
      ],
    ],
    [
      'time(3)',
      'string',
      [
        [`'838:59:59'`, '838:59:59.000'],
        [`'-25:00:00.5'`, '-25:00:00.500'],
      ],
    ],
    [
      'char(5)',
      'string(5)',
      [
        [`'a '`, 'a'],
        [`''`, ''],
      ],
    ],
    [
      'varchar(20)',
      'string(20)',
      [
        [`' é😀\\n"x" '`, ' é😀\n"x" '],
        [`'NULL'`, 'NULL'],
        [`CHAR(0)`, '\0'],
      ],
    ],
    ['varchar(20) CHARACTER SET latin1', 'string(20)', [[`'çãö€'`, 'çãö€']]],
    ['varchar(20) COLLATE utf8mb4_bin', 'string(20)', [[`'ß'`, 'ß']]],
    ['text CHARACTER SET latin1 COLLATE latin1_bin', 'string', [[`'ß'`, 'ß']]],
    ['text CHARACTER SET sjis COLLATE sjis_bin', 'string', [[`'日本'`, '日本']]],
    ['varchar(9) CHARACTER SET utf16', 'string(9)', [[`'日本'`, '日本']]],
    ['longtext', 'string', [[`REPEAT('é', 100000)`, 'é'.repeat(100_000)]]],
    [`enum('a','b c')`, 'string', [[`'b c'`, 'b c']]],
    [
      `set('a','b')`,
      'string',
      [
        [`'a,b'`, 'a,b'],
        [`''`, ''],
      ],
    ],
    [
      'varbinary(10)',
      'binary',
      [
        [`X'00ff80'`, '\\x00ff80'],
        [`''`, '\\x'],
      ],
    ],
    ['binary(3)', 'binary', [[`X'01'`, '\\x010000']]],
    ['blob', 'binary', [[`X'c328'`, '\\xc328']]],
    ['json', 'string', [[`'{"a": 1.10}'`, '{"a": 1.10}']]],
    ['uuid', 'uuid', [[`'123e4567-e89b-12d3-a456-426614174000'`, '123e4567-e89b-12d3-a456-426614174000']]],
    ['inet6', 'string', [[`'2001:db8::1'`, '2001:db8::1']]],
  ])('%s arrives exactly, as %s', async (type, canonical, values) => {
    await given(type, ...values.map(([sql]) => sql), 'NULL');
    const { schema, data } = await all();
    expect(schema.columns.find(({ name }) => name === 'v')).toEqual({
      name: 'v',
      type: canonical,
      nullable: true,
    });
    expect(data.map(({ v }) => v)).toEqual([...values.map(([, text]) => text), null]);
  });

  it('a timestamp is a moment, whatever zone the server is in', async () => {
    await db.sql(`SET SESSION time_zone = '-03:00'`);
    await given('timestamp(6) NULL', `'2018-08-01 21:00:00.5'`);
    await db.sql(`SET SESSION time_zone = DEFAULT`);
    const { schema, data } = await all();
    expect(schema.columns[1]?.type).toBe('timestamptz');
    expect(data[0]?.v).toBe('2018-08-02 00:00:00.5+00');
  });

  it.each(['date', 'datetime', 'timestamp NULL'])(
    'a zero %s stops the extraction, naming the column, or becomes NULL and is counted',
    async (type) => {
      await given(type, `'2018-08-01'`, `'0000-00-00'`, `'0000-00-00'`);
      await expect(all()).rejects.toThrow(
        /'v': 2 rows hold a day that is not in the calendar.*zeroDates: 'null'/s,
      );
      const nulled = await all({ zeroDates: 'null' });
      expect(nulled.data.map(({ v }) => v === null)).toEqual([false, true, true]);
      expect(nulled.coercions).toEqual([{ column: 'v', rule: 'zero dates become NULL', rows: 2 }]);
    },
  );

  it('a NOT NULL column may be NULL in the files where zero dates become NULL', async () => {
    await db.sql(`CREATE TABLE t (v date NOT NULL)`);
    expect(await db.source.describe(aTable({ from: 't', primaryKey: [], zeroDates: 'null' }))).toEqual({
      columns: [{ name: 'v', type: 'date', nullable: true }],
    });
  });

  it.each([`'2026-02-31'`, `'2026-02-00'`, `'0000-01-01'`])(
    'the day %s stops the extraction, whatever becomes of zero dates',
    async (value) => {
      await given('date', value, `'2018-08-01'`);
      for (const zeroDates of ['fail', 'null'] as const) {
        const refused = all({ zeroDates });
        await expect(refused).rejects.toThrow(/'v': 1 row holds a day that is not in the calendar/);
        await expect(refused).rejects.toBeInstanceOf(TerminalError);
      }
      expect((await all({ types: { v: 'string' } })).data[0]?.v).toBe(value.slice(1, -1));
    },
  );

  it('refuses what has no exact type at plan time, naming every column', async () => {
    await db.sql(`CREATE TABLE t (v decimal(39,0), w decimal(65,30), x int)`);
    const refused = db.source.describe(aTable({ from: 't', primaryKey: [] }));
    await expect(refused).rejects.toThrow(/'v' \(decimal\(39,0\)\).*'string'.*'w' \(decimal\(65,30\)\)/s);
    await expect(refused).rejects.toBeInstanceOf(InvalidInput);
  });

  it('carries long decimals as text, or as a decimal that they fit', async () => {
    await given('decimal(65,4)', '1234567890123456789012345678901234567890.1200', '5.5');
    expect((await all({ types: { v: 'string' } })).data[0]?.v).toBe(
      '1234567890123456789012345678901234567890.1200',
    );
    await expect(all({ types: { v: 'decimal(38,4)' } })).rejects.toThrow(
      /'v' holds a value that decimal\(38,4\) does not hold/,
    );
    await db.sql('DELETE FROM t WHERE v > 6');
    expect((await all({ types: { v: 'decimal(38,4)' } })).data[0]?.v).toBe('5.5000');
    await expect(all({ types: { v: 'decimal(38,0)' } })).rejects.toThrow(/'v' holds a value/);
  });

  it('takes a tinyint for a boolean where it is one', async () => {
    await given('tinyint(1)', '1', '0');
    expect((await all({ types: { v: 'boolean' } })).data.map(({ v }) => v)).toEqual(['true', 'false']);
    await db.sql('INSERT INTO t (v) VALUES (2)');
    await expect(all({ types: { v: 'boolean' } })).rejects.toThrow(
      /'v': 1 row holds a number that does not fit boolean/,
    );
  });

  it('holds texts to the length that is asked for', async () => {
    await given('text', `'éé'`);
    expect((await all({ types: { v: 'string(2)' } })).schema.columns[1]?.type).toBe('string(2)');
    await expect(all({ types: { v: 'string(1)' } })).rejects.toThrow(/1 row holds more than 1 characters/);
  });
});
