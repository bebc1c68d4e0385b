import { describe, expect, it } from 'vitest';
import { deniedIn } from '../../../aws-local/sql-check/deny.ts';
import { missing, unparsable } from '../../../aws-local/sql-check/sqlfluff.ts';
import { columns } from '../conformance/fixtures.ts';
import { alterTable, createTable, stagedValue } from './ddl.ts';
import { aPlan, BEFORE, batches, care, everything, others, shopColumns } from './plan-fixture.ts';
import { batchOf } from './batch.ts';

describe('statements for Redshift', () => {
  for (const [what, steps] of Object.entries(batches)) {
    it(`are these for ${what}`, () => {
      expect(steps.map(({ role, sql }) => `${role}: ${sql}`).join('\n')).toMatchSnapshot();
    });
  }
  for (const [what, sqls] of Object.entries({ ...others, ...care })) {
    it(`are these for ${what}`, () => {
      expect(sqls.join('\n')).toMatchSnapshot();
    });
  }

  it('keep JSON as text where the profile says so', () => {
    const schema = { columns: shopColumns() };
    expect(createTable('t', schema, 'text', { dist: 'all' })).toBe(
      `CREATE TABLE t ("id" BIGINT, "at" TIMESTAMP WITH TIME ZONE, "note" VARCHAR(80), "count" BIGINT, "extra" VARCHAR(65535), ` +
        `"_load_id" VARCHAR(256), "_loaded_at" TIMESTAMP WITH TIME ZONE, "_extracted_at" TIMESTAMP WITH TIME ZONE) DISTSTYLE ALL SORTKEY AUTO`,
    );
    const [json] = columns({ extra: 'json' });
    expect(json && [stagedValue(json, 'text'), stagedValue(json, 'super')]).toEqual([
      'incoming."extra"',
      'JSON_PARSE(incoming."extra")',
    ]);
    const added = { added: columns({ extra: 'json' }), widened: [] };
    expect(alterTable('t', added, 'text')).toEqual(['ALTER TABLE t ADD COLUMN "extra" VARCHAR(65535)']);
  });

  it('name no key and no secret', () => {
    for (const sql of everything) expect(sql).not.toMatch(/ACCESS_KEY|SECRET|CREDENTIALS/i);
  });

  it('have nothing in them that Redshift refuses and a parser takes', () => {
    for (const sql of everything) expect(deniedIn(sql), sql).toEqual([]);
  });

  it('never commit by themselves, nor do within a transaction what Redshift only does outside', () => {
    for (const { sql } of Object.values(batches).flat()) {
      expect(sql).not.toMatch(/^(TRUNCATE|VACUUM|COMMIT|BEGIN)\b|ALTER COLUMN/i);
    }
  });

  it('take the lock before anything is read, and write the proof last', () => {
    const roles = batchOf(aPlan('merge', { state: { present: BEFORE } })).map(({ role }) => role);
    expect(roles.slice(0, 2)).toEqual(['lock', 'unchanged']);
    expect(roles.slice(-2)).toEqual(['note', 'applied']);
    expect(roles.indexOf('shape')).toBeLessThan(roles.indexOf('stage'));
    expect(roles.indexOf('copy')).toBeLessThan(roles.indexOf('write'));
  });

  it.skipIf(missing)(
    `are parsed by the redshift dialect of sqlfluff, each of them ${missing ?? ''}`,
    { timeout: 300_000 },
    () => {
      expect(everything.length).toBeGreaterThan(60);
      expect(unparsable(everything)).toEqual([]);
    },
  );
});
