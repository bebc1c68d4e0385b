import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Inbox, PLACE } from './harness.ts';
import { writeParquet } from '../../warehouse/conformance/fixtures.ts';

let inbox: Inbox;
beforeEach(() => {
  inbox = new Inbox();
});
afterEach(() => inbox.close());

const csv = { format: 'csv', columns: { id: 'int64', note: 'string', price: 'decimal(6,2)' } } as const;
const events = {
  format: 'csv',
  columns: {
    session: 'string',
    at: { type: 'timestamp', format: '%m/%d/%Y %I:%M %p', from: 'event_timestamp' },
  },
} as const;

describe('files of CSV', { timeout: 30_000 }, () => {
  it('are read with their order, key and row, whatever their names', async () => {
    inbox.put('b ü[1]*.csv', 'id,note,price\n1,x,1.5\n2,,\n', 20);
    inbox.put('a.csv', 'price,id,note\n-3.25,3,"a ""quoted""\nnote"\n', 30);
    const { values, rows, replaces } = await inbox.extract(csv);
    expect(rows).toBe(3);
    expect(replaces).toEqual(['in/a.csv', 'in/b ü[1]*.csv']);
    expect(values).toEqual([
      ['3', 'a "quoted"\nnote', '-3.25', 'in/a.csv', '1'],
      ['1', 'x', '1.50', 'in/b ü[1]*.csv', '1'],
      ['2', null, null, 'in/b ü[1]*.csv', '2'],
    ]);
  });

  it('may have a mark, CRLF, no header, other characters, and be packed', async () => {
    inbox.put('a.csv', '\ufeffid;note;price\r\n1;"";2\r\n\r\n');
    expect((await inbox.extract({ ...csv, delimiter: ';' })).values).toEqual([
      ['1', '', '2.00', 'in/a.csv', '1'],
    ]);
    inbox.put('a.csv', Buffer.from('\ufeff1,é,2\r\n', 'utf16le'));
    const utf16 = { ...csv, header: false, encoding: 'utf-16' } as const;
    expect((await inbox.extract(utf16)).values).toEqual([['1', 'é', '2.00', 'in/a.csv', '1']]);
    inbox.put('a.csv', Buffer.from('id,note,price\n1,é,NULL\n', 'latin1'));
    const latin = { ...csv, encoding: 'latin-1', nulls: ['', 'NULL'] } as const;
    expect((await inbox.extract(latin)).values).toEqual([['1', 'é', null, 'in/a.csv', '1']]);
    const packed = inbox.put('a.csv.gz', gzipSync('id,note,price\n7,x,1\n'));
    const [, gz] = await inbox.claimed();
    expect((await inbox.extract(csv, gz ? [gz] : [])).values).toEqual([
      ['7', 'x', '1.00', 'in/a.csv.gz', '1'],
    ]);
    truncateSync(packed, 30);
    const [, cut] = await inbox.claimed();
    await expect(inbox.extract(csv, cut ? [cut] : [])).rejects.toThrow(/a\.csv\.gz is cut off or damaged/);
  });

  it('without a row are told apart from those with some', async () => {
    inbox.put('a.csv', 'id,note,price\n', 20);
    inbox.put('b.csv', 'id,note,price\n1,x,1\n', 10);
    expect(await inbox.extract(csv)).toMatchObject({
      replaces: ['in/a.csv', 'in/b.csv'],
      emptied: ['in/a.csv'],
    });
  });

  it('keep the half of the day that a 12-hour clock says', async () => {
    inbox.put(
      'a.csv',
      'session,event_timestamp\na,1/5/2016 12:15 AM\nb,01/05/2016 12:15 PM\nc,12/31/2016 01:00 PM\n',
    );
    const { values } = await inbox.extract(events);
    expect(values.map((row) => row[1])).toEqual([
      '2016-01-05 00:15:00',
      '2016-01-05 12:15:00',
      '2016-12-31 13:00:00',
    ]);
  });

  it.each([
    ['date', '%Y-%m-%d %H:%M', '2024-01-31 00:00', '2024-01-31 10:00', '2024-01-31'],
    ['date', '%Y-%m-%d', '2024-01-31', ' 2024-01-31', '2024-01-31'],
    ['timestamp', '%d.%m.%Y', '31.1.2024', '31.1.24', '2024-01-31 00:00:00'],
    [
      'timestamptz',
      '%Y-%m-%d %H:%M %z',
      '2024-01-31 10:00 +02:00',
      '2024-01-31 10:00 +02:00 ',
      '2024-01-31 08:00:00+00',
    ],
  ] as const)('take as %s what is written as %s: %s, and not %s', async (type, format, good, bad, value) => {
    const columns = { at: { type, format } };
    inbox.put('a.csv', `at\n${good}\n`);
    expect((await inbox.extract({ format: 'csv', columns })).values[0]?.[0]).toBe(value);
    inbox.put('a.csv', `at\n${good}\n${bad}\n`);
    await expect(inbox.extract({ format: 'csv', columns })).rejects.toThrow("a.csv, line 3: 'at' is no");
  });

  it.each([undefined, '%Y-%m-%d %H:%M'])(
    'take a local time that the zone has twice as its second, and none that it skips (format %s)',
    async (format) => {
      const at = { type: 'timestamptz', ...(format && { format }) } as const;
      const asked = [
        { format: 'csv', columns: { at } },
        undefined,
        { timezone: 'America/New_York' },
      ] as const;
      inbox.put('a.csv', 'at\n2024-11-03 01:30\n2024-07-01 12:00\n');
      expect((await inbox.extract(...asked)).values.map((row) => row[0])).toEqual([
        '2024-11-03 06:30:00+00',
        '2024-07-01 16:00:00+00',
      ]);
      inbox.put('a.csv', 'at\n2024-03-10 02:30\n');
      await expect(inbox.extract(...asked)).rejects.toThrow("a.csv, line 2: 'at' is no timestamptz");
    },
  );

  it.each(['date', 'timestamp'] as const)('have no zone in the format of a %s', async (type) => {
    inbox.put('a.csv', 'at\n');
    const columns = { at: { type, format: '%Y-%m-%d %z' } };
    await expect(inbox.extract({ format: 'csv', columns })).rejects.toThrow('take timestamptz');
  });

  it('name file and line of what does not fit its type', async () => {
    const rows = Array.from({ length: 8_000 }, (_, n) => `${n},"two\nlines",1.00`);
    rows[3_000] = '3000,x,1.005';
    inbox.put('a.csv', `id,note,price\n${rows.join('\n')}\n`);
    await expect(inbox.extract(csv)).rejects.toThrow(/in\/a\.csv, line 6002: 'price' is no decimal\(6,2\)/);
  });

  it.each([
    ['13', 'int64', '1.5'],
    ['13', 'int64', '1_000'],
    ['1', 'int16', '40000'],
    ['1.20', 'decimal(4,1)', '1.25'],
    ['2024-02-29', 'date', '2023-02-29'],
    ['true', 'boolean', 'maybe'],
    ['2024-01-01 00:00:00', 'timestamp', '2024-01-01T00:00:00Z'],
    ['2024-01-01T00:00:00Z', 'timestamptz', '2024-01-01 00:00:00'],
    ['1e3', 'float64', 'one'],
    ['abc', 'string(3)', 'abcd'],
    ['12', 'decimal(4,0)', '12.5'],
    ['.0', 'decimal(4,0)', '.5'],
    ['1e38', 'float32', '1e39'],
    ['-inf', 'float64', '-1e400'],
  ] as const)('take %s as %s, and not %s', async (good, type, bad) => {
    inbox.put('a.csv', `v\n${good}\n`);
    expect((await inbox.extract({ format: 'csv', columns: { v: type } })).rows).toBe(1);
    inbox.put('a.csv', `v\n${good}\n${bad}\n`);
    await expect(inbox.extract({ format: 'csv', columns: { v: type } })).rejects.toThrow(
      "a.csv, line 3: 'v' is no",
    );
  });

  it.each([
    ['empty', '', 'a.csv is empty'],
    ['renamed column', 'id,remark,price\n1,x,1\n', "it has no 'note'; 'remark' is not declared"],
    ['missing column', 'id,note\n1,x\n', "it has no 'price'"],
    ['extra column', 'id,note,price,z\n1,x,1,2\n', "'z' is not declared"],
    ['column twice', 'id,note,price,id\n1,x,1,2\n', "'id' comes twice"],
    ['short row', 'id,note,price\n1,x,1\n2,x\n', 'a.csv, line 3: the row has 2 fields, not 3'],
    ['long row', 'id,note,price\n1,x,1,9\n', 'a.csv, line 2: the row has 4 fields, not 3'],
    [
      'half written',
      'id,note,price\n1,x,1\n2,"x\n3,y,1\n',
      'a.csv, line 3: a quote is opened and never closed',
    ],
    [
      'blank after a quote',
      'id,note,price\n1,x,1\n2,"x" ,1\n',
      'a.csv, line 3: something stands between a quote',
    ],
    [
      'other bytes',
      Buffer.from('id,note,price\n1,\xff,1\n', 'latin1'),
      "a.csv, line 2: bytes that are not of the table's 'encoding'",
    ],
  ])('are refused by name: %s', async (_, content, message) => {
    inbox.put('a.csv', content);
    await expect(inbox.extract(csv)).rejects.toThrow(message);
    await expect(inbox.extract(csv)).rejects.not.toThrow(/Original Line|Possible fixes/);
  });

  it('have rows that do not fit left out and counted, where the table says so', async () => {
    inbox.put('a.csv', 'id,note,price\n1,x,1\ntwo,x,2\n3,x\n4,x,4.005\n5,x,5\n');
    const found = await inbox.extract({ ...csv, badRows: 'quarantine' });
    expect(found.values.map((row) => row[0])).toEqual(['1', '5']);
    expect(found.coercions).toEqual([
      { column: 'id', rule: 'quarantined', rows: 1 },
      { column: 'price', rule: 'quarantined', rows: 1 },
      { column: '(the row)', rule: 'quarantined', rows: 1 },
    ]);
    expect(found.notes?.[0]).toContain('a.csv: 1 by id');
  });
});

describe('files of JSON lines', { timeout: 30_000 }, () => {
  const lines = {
    format: 'jsonl',
    columns: { id: 'int64', name: 'string', price: 'decimal(30,10)', more: 'json' },
  } as const;

  it('are read exactly', async () => {
    inbox.put(
      'a.jsonl',
      '{"id":9223372036854775807,"name":"é\\n","price":"12345678901234567890.1","more":{"a":[1]}}\n\n{"id":null,"price":0.1}\n',
    );
    expect((await inbox.extract(lines)).values).toEqual([
      ['9223372036854775807', 'é\n', '12345678901234567890.1000000000', '{"a":[1]}', 'in/a.jsonl', '1'],
      [null, null, '0.1000000000', null, 'in/a.jsonl', '2'],
    ]);
  });

  it('keep every digit of the numbers within JSON', async () => {
    const more = '{"id":1234567890123456789,"rate":0.1,"text":"1.12345678901234567890"}';
    inbox.put('a.jsonl', `{"price":0.0123456789,"more":${more}}\n`);
    expect((await inbox.extract(lines)).values[0]?.slice(2, 4)).toEqual(['0.0123456789', more]);
  });

  it.each([
    [
      'a number that would be rounded',
      '{"price":12345678901234567890.123}',
      "line 1: 'price' is no decimal(30,10)",
    ],
    ['a number that would lose a digit', '{"price":90071992547409.93}', "line 1: 'price' is no decimal"],
    ['one with an exponent', '{"price":9007199254740993e-2}', "line 1: 'price' is no decimal"],
    ['a number within JSON', '{"more":{"a":[1.12345678901234567]}}', "line 1: 'more' is no json"],
    ['a whole one within JSON', '{"more":[123456789012345678901]}', "line 1: 'more' is no json"],
    ['a name twice', '{"id":1,"id":2}', 'or one of them twice'],
    ['a number for a text', '{"name":5}', "line 1: 'name' is no string"],
    ['an unknown name', '{"id":1}\n{"nick":"x"}', 'line 2: the row is no object of the declared columns'],
    ['what is no object', '{"id":1}\n[1]', 'line 2: the row is no object'],
    ['a line that was cut off', '{"id":1}\n{"id":2', 'it is no JSON'],
  ])('are refused by name: %s', async (_, content, message) => {
    inbox.put('a.jsonl', content);
    await expect(inbox.extract(lines)).rejects.toThrow(message);
  });
});

describe('files of Parquet', { timeout: 30_000 }, () => {
  it('may have a column that is called as ours are', async () => {
    await writeParquet(inbox.put('a.parquet', ''), `SELECT 77::BIGINT AS _row, 'x' AS c0`);
    const columns = {
      number: { type: 'int64', from: '_row' },
      text: { type: 'string', from: 'c0' },
    } as const;
    expect((await inbox.extract({ format: 'parquet', columns })).values).toEqual([
      ['77', 'x', 'in/a.parquet', '1'],
    ]);
  });

  it('are read where their types are those declared, or narrower ones', async () => {
    const path = inbox.put('a.parquet', '');
    await writeParquet(path, `SELECT 1::INTEGER AS id, '01/31/2024' AS day, 1.5::DECIMAL(4,2) AS price`);
    const columns = {
      id: 'int64',
      day: { type: 'date', format: '%m/%d/%Y' },
      price: 'decimal(6,2)',
    } as const;
    expect((await inbox.extract({ format: 'parquet', columns })).values).toEqual([
      ['1', '2024-01-31', '1.50', 'in/a.parquet', '1'],
    ]);
    const narrow = { ...columns, id: 'int16', price: 'decimal(4,1)' } as const;
    await expect(inbox.extract({ format: 'parquet', columns: narrow })).rejects.toThrow(
      "'id' is INTEGER, not int16; 'price' is DECIMAL(4,2), not decimal(4,1)",
    );
    writeFileSync(path, 'PAR1');
    await expect(inbox.extract({ format: 'parquet', columns })).rejects.toThrow(
      'it is no whole Parquet file',
    );
  });
});

describe('packed files', { timeout: 120_000 }, () => {
  it('may hold far more than the memory that there is', async () => {
    const line = `1,${'x'.repeat(2_000)},1\n`;
    const all = gzipSync(`id,note,price\n${line.repeat(40_000)}`);
    const small = new Inbox({ memoryLimit: '150MB' });
    for (const name of ['a', 'b', 'c']) small.put(`${name}.csv.gz`, all);
    expect((await small.extract(csv)).rows).toBe(120_000);
    await small.close();
  });
});

describe('a claimed file', { timeout: 30_000 }, () => {
  it('is passed over where it has been replaced since, and read by nobody else', async () => {
    inbox.put('a.csv', 'id,note,price\n1,x,1\n');
    inbox.put('b.csv', 'id,note,price\n2,x,1\n');
    const claimed = await inbox.claimed();
    inbox.put('a.csv', 'id,note,price\n9,other,1\n', 5);
    const { values, replaces, notes, passedOver } = await inbox.extract(csv, claimed);
    expect(passedOver).toEqual(claimed.slice(0, 1));
    expect(values.map((row) => row[0])).toEqual(['2']);
    expect(replaces).toEqual(['in/b.csv']);
    expect(notes?.[0]).toContain('comes with a run of its own: in/a.csv');
  });

  it('that is gone is passed over, and holds up no other of its batch', async () => {
    inbox.put('a.csv', 'id,note,price\n1,x,1\n');
    const gone = inbox.put('b.csv', 'id,note,price\n2,x,1\n');
    const claimed = await inbox.claimed();
    rmSync(gone);
    const { values, replaces, notes, passedOver } = await inbox.extract(csv, claimed);
    expect(passedOver).toEqual(claimed.slice(1));
    expect(values.map((row) => row[0])).toEqual(['1']);
    expect(replaces).toEqual(['in/a.csv']);
    expect(notes).toEqual([expect.stringMatching(/is gone since it was claimed; .+: in\/b\.csv$/)]);
  });

  it('is not taken for gone where its place is', async () => {
    inbox.put('a.csv', 'id,note,price\n1,x,1\n');
    const claimed = await inbox.claimed();
    rmSync(join(inbox.root, PLACE), { recursive: true });
    await expect(inbox.extract(csv, claimed)).rejects.toThrow(
      /There is no folder .+in, where files are to arrive/,
    );
    mkdirSync(join(inbox.root, PLACE));
  });
});

describe('a place', () => {
  it('that is not there is said by its name', async () => {
    const { signal } = new AbortController();
    await expect(inbox.source.arrivals.list('nowhere', '*', signal)).rejects.toThrow(
      `There is no folder ${join(inbox.root, 'nowhere')}`,
    );
  });
  it('refuses a name that is not of UTF-8, and shows no links', async () => {
    inbox.put('a.csv', 'x');
    inbox.put('deep/b.csv', 'x');
    symlinkSync(join(inbox.root, PLACE, 'a.csv'), join(inbox.root, PLACE, 'link.csv'));
    symlinkSync(join(inbox.root, PLACE, 'deep'), join(inbox.root, PLACE, 'deeper'));
    expect((await inbox.claimed('*.csv')).map(({ key }) => key)).toEqual(['a.csv']);
    expect((await inbox.claimed('*/*.csv')).map(({ key }) => key)).toEqual(['deep/b.csv']);
    const { signal } = new AbortController();
    symlinkSync(tmpdir(), join(inbox.root, 'out'));
    await expect(inbox.source.arrivals.list('out', '*', signal)).rejects.toThrow('a link leads there');
    const odd = Buffer.concat([
      Buffer.from(join(inbox.root, PLACE, 'caf')),
      Buffer.from([0xe9]),
      Buffer.from('.csv'),
    ]);
    writeFileSync(odd, 'x');
    expect((await inbox.claimed('*.jsonl')).length).toBe(0);
    await expect(inbox.claimed('*.csv')).rejects.toThrow(/caf.\.csv: this name is not of UTF-8/);
  });
  it('shows no file that a program works at', async () => {
    inbox.put('.a.csv.swp', 'x');
    inbox.put('a.csv', 'x');
    inbox.put('deep/b.csv', 'x');
    expect((await inbox.claimed('*.csv')).map(({ key }) => key)).toEqual(['a.csv']);
    expect((await inbox.claimed('*/*.csv')).map(({ key }) => key)).toEqual(['deep/b.csv']);
  });
});
