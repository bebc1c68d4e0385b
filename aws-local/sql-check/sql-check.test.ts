import { describe, expect, it } from 'vitest';
import { translateText } from '../redshift-sql/translate.ts';
import { DENIED, deniedIn } from './deny.ts';
import { missing, unparsable } from './sqlfluff.ts';

describe('the deny list', () => {
  it.each(DENIED)('knows $what, and so does the stand-in', ({ what, example }) => {
    expect(deniedIn(example)).toEqual([what]);
    expect(() => translateText(example, new Map())).toThrow();
  });

  it('does not look into texts and quoted names', () => {
    expect(deniedIn(`SELECT "lateral" FROM t WHERE a = 'x -> CREATE INDEX'`)).toEqual([]);
  });
});

describe.skipIf(missing)(`sqlfluff ${missing ?? ''}`, { timeout: 60_000 }, () => {
  it('takes what the deny list is for, so the list is needed', () => {
    expect(unparsable(DENIED.map(({ example }) => example))).toEqual([]);
  });

  it('refuses what is no SQL of Redshift', () => {
    const wrong = [
      'COPY t FROM WHERE',
      'SELECT raw FROM t',
      'SELECT tag FROM t',
      'CREATE TABLE t (a JSONB)',
      'INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING',
      'INSERT INTO t (a) VALUES (1) RETURNING a',
      'LOCK TABLE t IN ACCESS EXCLUSIVE MODE',
    ];
    expect(unparsable(['SELECT 1', ...wrong]).map((text) => text.split(': ').at(-1))).toEqual(wrong);
  });
});
