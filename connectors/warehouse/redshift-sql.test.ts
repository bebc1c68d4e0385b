import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SchemaChange } from '../../core/evolution.ts';
import { aTable, columns, day } from './fixtures.ts';
import type { LoadRequest } from './port.ts';
import { batchOf, type Plan } from './redshift-batch.ts';
import { alterTable, createTable, lengthenTexts } from './redshift-ddl.ts';
import { BOOKKEEPING, selectLast, selectRelated, selectTypes } from './redshift-loads.ts';
import type { State } from './redshift-state.ts';
import { selectColumns, shape, targetOf } from './redshift-target.ts';

const schema = { columns: columns({ id: 'int64', at: 'timestamptz', note: 'string(20)', extra: 'json' }) };
const change: SchemaChange = {
  added: columns({ paid: 'decimal(10,2)' }),
  removed: [],
  widened: [
    { name: 'id', from: 'int32', to: 'int64' },
    { name: 'note', from: 'string(5)', to: 'string(20)' },
  ],
  conflicts: [],
};

function aPlan(write: LoadRequest['table']['write'], state: Partial<State> = {}): Plan {
  const target = targetOf('shop', 'orders');
  const request: LoadRequest = {
    pipeline: 'shop',
    table: aTable({ write, primaryKey: write === 'merge' ? ['id'] : [] }),
    manifestUri: 's3://lake/l2/_manifest.json',
    fileUris: ['s3://lake/l2/part-0.parquet'],
    manifest: {
      version: 1,
      loadId: "l'2",
      pipeline: 'shop',
      domain: 'sales',
      table: 'orders',
      interval: day(1),
      mode: write === 'replace' ? 'snapshot' : 'interval',
      schema,
      files: [],
      rows: 7,
      bytes: 0,
      highWaterMark: '2018-01-01 10:00:00+00',
      coercions: [],
      extractedAt: '2018-02-01T00:00:00.123456Z',
    },
  };
  const whole: State = {
    readAt: new Date(0),
    before: undefined,
    last: undefined,
    lastSequence: 4,
    newer: [],
    newerOfInterval: [],
    olderOfInterval: ['l0'],
    present: schema,
    ...state,
  };
  return {
    request,
    target,
    write: {
      target: target.name,
      table: '"orders"',
      schema,
      loadId: request.manifest.loadId,
      extractedAt: request.manifest.extractedAt,
      json: 'super',
    },
    state: whole,
    shaping: shape(target, 'shop', whole.present, schema, { policy: 'evolve', json: 'super', layout: {} }),
    layout: { dist: { key: 'id' }, sort: ['at'] },
    copyManifest: 's3://lake/l2/_redshift_manifest.json',
    copyRole: 'arn:aws:iam::1:role/copy',
  };
}

const batches = {
  'a first load': batchOf(aPlan('merge', { present: undefined, lastSequence: 0 })),
  merge: batchOf(aPlan('merge')),
  'merge below a newer load': batchOf(aPlan('merge', { newer: ['l9'] })),
  append: batchOf(aPlan('append')),
  replace: batchOf(aPlan('replace')),
  'replace-interval': batchOf(aPlan('replace-interval')),
};
const others = {
  bookkeeping: BOOKKEEPING,
  'the state before a load': [
    selectRelated('shop', 'orders', 'l2', day(1)),
    selectColumns(targetOf('shop', 'orders')),
    selectTypes('shop', 'orders'),
    selectLast('shop', 'orders', day(1)),
  ],
  tables: [
    createTable('"raw_shop"."orders"', schema, 'super', { dist: { key: 'id' }, sort: ['at'] }),
    createTable('"raw_shop"."orders"', schema, 'text'),
    ...alterTable('"raw_shop"."orders"', change, 'super'),
    ...lengthenTexts('"raw_shop"."orders"', change, 'super'),
  ],
};
const everything = [
  ...new Set([
    ...Object.values(batches).flatMap((steps) => steps.map(({ sql }) => sql)),
    ...Object.values(others).flat(),
  ]),
];

describe('statements for Redshift', () => {
  for (const [what, steps] of Object.entries(batches)) {
    it(`are these for ${what}`, () => {
      expect(steps.map(({ role, sql }) => `${role}: ${sql}`).join('\n')).toMatchSnapshot();
    });
  }
  for (const [what, sqls] of Object.entries(others)) {
    it(`are these for ${what}`, () => {
      expect(sqls.join('\n')).toMatchSnapshot();
    });
  }

  it('name no key, no secret, and what Redshift does not take', () => {
    for (const sql of everything) {
      expect(sql).not.toMatch(
        /ACCESS_KEY|SECRET|CREDENTIALS|REGION|MAXERROR|ON CONFLICT|DISTINCT ON|RETURNING|->>|CREATE INDEX/i,
      );
    }
  });

  it('take the lock before anything is read, and write the proof last', () => {
    const roles = batches.merge.map(({ role }) => role);
    expect(roles.slice(0, 2)).toEqual(['lock', 'unchanged']);
    expect(roles.slice(-2)).toEqual(['note', 'applied']);
    expect(roles.indexOf('copy')).toBeLessThan(roles.indexOf('write'));
  });

  const sqlfluff = ['.tools/python/bin/sqlfluff', '.tools/python-redshift/bin/sqlfluff']
    .map((path) => join(import.meta.dirname, '../..', path))
    .concat('sqlfluff')
    .find((path) => (path === 'sqlfluff' ? spawnSync(path, ['--version']).status === 0 : existsSync(path)));
  if (!sqlfluff)
    console.error(
      'SKIPPED: sqlfluff is missing, so no statement for Redshift was parsed. pip install sqlfluff==4.5.0 into .tools/python.',
    );
  it.skipIf(!sqlfluff)(
    'are parsed by the redshift dialect of sqlfluff, each of them',
    { timeout: 120_000 },
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'sqlfluff-'));
      try {
        for (const [at, sql] of everything.entries())
          writeFileSync(join(folder, `${String(at).padStart(3, '0')}.sql`), `${sql};\n`);
        const parsed = spawnSync(
          sqlfluff ?? '',
          ['parse', '--dialect', 'redshift', '--format', 'none', folder],
          { encoding: 'utf8', cwd: folder },
        );
        expect(parsed.stdout + parsed.stderr).not.toMatch(/unparsable|PRS|Error/i);
        expect(parsed.status).toBe(0);
        // It must be able to fail, else the above proves nothing.
        writeFileSync(join(folder, 'bad.sql'), 'COPY t FROM WHERE;\n');
        expect(() =>
          execFileSync(sqlfluff ?? '', ['parse', '--dialect', 'redshift', join(folder, 'bad.sql')], {
            stdio: 'pipe',
            cwd: folder,
          }),
        ).toThrow();
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});
