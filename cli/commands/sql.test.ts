import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOT } from '../embedded/home.ts';

const home = mkdtempSync(join(tmpdir(), 'sluice-sql-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const WIDE = 5_000_000; // characters: the table of a text of this length could not be built at all

describe('sluice sql', { timeout: 300_000 }, () => {
  it('cuts wide values for people, and says so', async () => {
    const { out, code } = await sql(`select repeat('漢', 30000) as v, chr(10) || chr(27) as c`);
    expect(code).toBe(0);
    expect(out).toContain(`${'漢'.repeat(99)}…  ␊␛\n`);
    expect(out).toContain('(1 row) (1 wide value cut; --csv and --json give them whole)');
  });

  it('says that there are more rows than it shows', async () => {
    const all = await sql('select * from range(1000)');
    expect(all.out).toMatch(/\n\(1,000 rows\)\n$/);
    const more = await sql('select * from range(1001)');
    expect(more.out).toMatch(/\(the first 1,000 of more rows; --limit gives more, .+\)\n$/);
    expect((await sql('select * from range(9)', '--limit', '2')).out).toMatch(/\(the first 2 of more rows;/);
  });

  it.each([
    ['with line feeds', `repeat('ab' || chr(10), ${WIDE / 2})`, 'ab\n'.repeat(WIDE / 2)],
    ['without', `repeat('abc', ${WIDE / 2})`, 'abc'.repeat(WIDE / 2)],
  ])('gives machines a wide text whole, %s', async (_name, expression, text) => {
    const json = await sql(`select ${expression} as v`, '--json');
    expect((JSON.parse(json.out) as [{ v: string }])[0].v === text).toBe(true);
    const csv = await sql(`select ${expression} as v`, '--csv');
    expect(parse<{ v: string }>(csv.out, { columns: true })[0]?.v === text).toBe(true);
  });

  it('gives machines every row, one array in JSON and a header in CSV', async () => {
    const many = 'select i, i::int as n from range(12345) r(i) order by i';
    const json = JSON.parse((await sql(many, '--json')).out) as { i: string; n: number }[];
    expect(json.map(({ n }) => n)).toEqual([...Array(12_345).keys()]);
    const csv = parse<{ n: string }>((await sql(many, '--csv')).out, { columns: true });
    expect(csv.map(({ n }) => Number(n))).toEqual([...Array(12_345).keys()]);
    expect((await sql(many, '--json', '--limit', '3')).out.trim().split('\n')).toHaveLength(5);
    expect(JSON.parse((await sql(`${many} limit 0`, '--json')).out)).toEqual([]);
    expect((await sql(`${many} limit 0`, '--csv')).out).toBe('i,n\n');
  });

  it('tells NULL from an empty text in CSV, and quotes what must be', async () => {
    const { out } = await sql(`select null as a, '' as b, 'x"y' as c, 'u,v' as "d,e", [1, 2] as f`, '--csv');
    expect(out).toBe('a,b,c,"d,e",f\n,"","x""y","u,v","[1,2]"\n');
  });

  it('ends quietly, and at once, when nobody reads on', async () => {
    for (const way of ['--json', '--csv']) {
      const endless = spawn(
        'bash',
        [
          '-c',
          'set -o pipefail; "$@" | head -n 2',
          '',
          process.execPath,
          ...command('select * from range(1000000000)', way),
        ],
        { env, stdio: ['ignore', 'pipe', 'pipe'] },
      );
      const { out, err, code } = await said(endless);
      expect({ err, code }).toEqual({ err: '', code: 0 });
      expect(out.split('\n')).toHaveLength(3);
    }
  });

  it('says of a statement what is wrong with it, whole and with its place', async () => {
    const wrong = await sql(`select cast('no such number' as int) as v`);
    expect(wrong.code).toBe(1);
    expect(wrong.err).toContain(`'no such number'`);
    expect((await sql(`select "O'Brien" from range(3)`)).err).toMatch(
      /"O'Brien"[^]*LINE 1: select "O'Brien"/,
    );
  });

  it('refuses both ways at once', async () => {
    const { code, err } = await sql('select 1', '--json', '--csv');
    expect(code).toBe(2);
    expect(err).toContain('--csv and --json: give one of them.');
  });
});

const env = { ...process.env, SLUICE_HOME: home, NO_COLOR: '1' };

function command(statement: string, ...options: string[]): string[] {
  return [join(ROOT, 'bin', 'sluice'), 'sql', ...options, statement];
}

function sql(statement: string, ...options: string[]) {
  return said(
    spawn(process.execPath, command(statement, ...options), { env, stdio: ['ignore', 'pipe', 'pipe'] }),
  );
}

async function said(
  child: ReturnType<typeof spawn>,
): Promise<{ out: string; err: string; code: number | null }> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString(), code };
}
