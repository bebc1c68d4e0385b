import { describe, expect, it } from 'vitest';
import { RedshiftError } from './error.ts';
import { translateText } from './translate.ts';

const none = new Map<string, string>();
const translated = (sql: string, views: ReadonlyMap<string, string> = none) => {
  const statement = translateText(sql, views);
  return 'text' in statement ? statement.text.replace(/\s+/g, ' ') : statement.kind;
};

describe('what Redshift refuses', () => {
  for (const [sql, message] of [
    ['CREATE INDEX i ON t (a)', /not supported/],
    ['CREATE UNIQUE INDEX i ON t (a)', /not supported/],
    ['INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING', /near "conflict"/],
    ['SELECT DISTINCT ON (a) a, b FROM t', /DISTINCT ON/],
    [`SELECT a->>'b' FROM t`, /operator does not exist/],
    ['SELECT count(*) FILTER (WHERE a > 1) FROM t', /syntax error/],
    ['SELECT * FROM t, LATERAL (SELECT 1) AS x', /syntax error/],
    ['SELECT * FROM t FOR UPDATE', /FOR UPDATE/],
    ['INSERT INTO t VALUES (1) RETURNING a', /returning/],
    ['MERGE INTO t AS x USING s ON x.a = s.a WHEN MATCHED THEN DELETE', /near "as"/i],
    ['MERGE INTO t USING (SELECT 1 AS a) AS s ON t.a = s.a WHEN MATCHED THEN DELETE', /near "\("/],
    ['MERGE INTO t USING s ON t.a = s.a WHEN MATCHED AND s.b THEN DELETE', /near "and"/],
    ['CREATE TABLE t (a jsonb)', /"jsonb" is not supported/],
    ['CREATE TABLE t (a uuid)', /"uuid" is not supported/],
    ['CREATE TABLE t (a int[])', /"int\[\]" is not supported/],
    ['CREATE TABLE t (a varchar(65536))', /cannot exceed 65535/],
    ['CREATE TABLE t (a numeric(39, 2))', /between 1 and 38/],
    ['CREATE TABLE t (tag int)', /near "tag"/],
    ['SELECT tag FROM t', /near "tag"/],
    ['SELECT * FROM raw.orders', /near "raw"/],
    ['CREATE TABLE t (a int) DISTKEY (b)', /"b" named in key/],
    [`CREATE TABLE t (${[...Array(1601).keys()].map((at) => `c${at} int`).join(', ')})`, /at most 1600/],
    ['ALTER TABLE t ALTER COLUMN a TYPE bigint', /not supported/],
    ['ALTER TABLE t ADD COLUMN a int, ADD COLUMN b int', /several actions/],
    ['ALTER TABLE t ADD COLUMN a int NOT NULL', /non-null default/],
    [`SELECT array_agg(a) FROM t`, /does not exist/],
    [`SELECT ARRAY[1, 2]`, /syntax error/],
    ['LOCK t IN ACCESS EXCLUSIVE MODE', /near "in"/],
    [
      `COPY t FROM 's3://b/m' IAM_ROLE 'r' FORMAT AS PARQUET MANIFEST REGION 'eu'`,
      /REGION argument is not supported for PARQUET/,
    ],
    [`COPY t FROM 's3://b/m' IAM_ROLE 'r' FORMAT AS PARQUET MAXERROR 5`, /MAXERROR argument/],
    [`COPY t FROM 's3://b/m' FORMAT AS PARQUET`, /IAM_ROLE/],
    [`SELECT 'never ends`, /unterminated/],
  ] as const) {
    it(`refuses ${sql.slice(0, 70)}`, () => {
      expect(() => translated(sql)).toThrow(RedshiftError);
      expect(() => translated(sql)).toThrow(message);
    });
  }

  it('takes reserved words where they are quoted, and words in texts and comments for nothing', () => {
    expect(translated(`SELECT "tag", t.tag, 1 AS raw FROM t -- ON CONFLICT`)).toContain('"tag"');
    expect(
      translated(`SELECT 'ON CONFLICT -> FOR UPDATE \\' DISTINCT ON' /* CREATE INDEX /* */ */`),
    ).toContain('DISTINCT ON');
  });
});

describe('what Redshift says otherwise', () => {
  for (const [sql, expected] of [
    ['CREATE TABLE T (A text, "B" varchar)', /"a" varchar\(256\).*"b" varchar\(256\)/],
    [
      'CREATE TABLE t (a varchar(5) ENCODE zstd)',
      /varchar\(5\) CONSTRAINT "bytes_of_a" CHECK \(octet_length\("a"\) <= 5\)\)$/,
    ],
    [
      'CREATE TABLE t (a int PRIMARY KEY, b int UNIQUE, FOREIGN KEY (b) REFERENCES u (c))',
      /^CREATE TABLE "t" \("a" int NOT NULL, "b" int\)$/,
    ],
    [
      'CREATE TABLE t BACKUP NO DISTSTYLE KEY DISTKEY (a) COMPOUND SORTKEY (a, b) AS SELECT 1 AS a, 2 AS b',
      /^CREATE TABLE "t" AS SELECT 1 AS a, 2 AS b$/,
    ],
    ['CREATE TABLE #t (a int)', /^CREATE TEMP TABLE "#t"/],
    ['SELECT "Name" FROM "Schema"."Table"', /^SELECT "name" FROM "schema"."table"$/],
    [
      'SELECT datediff(day, a, b), dateadd(month, 1, a), sysdate FROM t',
      /datediff\('day', a, b\), dateadd\('month', 1, a\), LOCALTIMESTAMP/,
    ],
    [
      `SELECT listagg(DISTINCT a, ',') WITHIN GROUP (ORDER BY a) FROM t`,
      /string_agg\(DISTINCT \(a\)::text, ',' ORDER BY a\)/,
    ],
    [
      'SELECT a, b FROM t QUALIFY row_number() OVER (PARTITION BY a ORDER BY b) = 1',
      /^SELECT "a", "b" FROM \(SELECT a, b, \(row_number\(\).*= 1\) AS _qualified FROM t ?\) AS _all WHERE _qualified/,
    ],
    ['SELECT TOP 5 a FROM t', /^SELECT +a FROM t LIMIT 5$/],
    ['LOCK t', /^LOCK TABLE t IN ACCESS EXCLUSIVE MODE$/],
    ['DELETE t WHERE a = 1', /^DELETE FROM t/],
    ['SELECT a FROM t MINUS SELECT b FROM u', /EXCEPT/],
    [`SELECT 'MINUS qualify "A" datediff(day' FROM t`, /'MINUS qualify "A" datediff\(day'/],
  ] as const) {
    it(`translates ${sql.slice(0, 80)}`, () => expect(translated(sql)).toMatch(expected));
  }

  it('binds a late-binding view when it is read', () => {
    const views = new Map([
      ['staging.orders', 'SELECT * FROM raw_shop.orders'],
      ['staging.twice', 'SELECT * FROM staging.orders'],
    ]);
    expect(translated('SELECT orders.id FROM "db"."staging"."orders" WHERE id = 1', views)).toBe(
      'SELECT orders.id FROM (SELECT * FROM raw_shop.orders) AS "orders" WHERE id = 1',
    );
    expect(translated('SELECT o.id FROM x, staging.twice o', views)).toBe(
      'SELECT o.id FROM x, (SELECT * FROM (SELECT * FROM raw_shop.orders) AS "orders") o',
    );
    expect(translated('DELETE FROM staging.orders', views)).toBe('DELETE FROM staging.orders');
  });

  it('knows what COPY is told', () => {
    const sql = `COPY "S"."T" FROM 's3://b/m.json' IAM_ROLE 'arn:role' FORMAT AS PARQUET MANIFEST`;
    expect(translateText(sql, none)).toEqual({
      kind: 'copy',
      copy: {
        table: ['s', 't'],
        from: 's3://b/m.json',
        iamRole: 'arn:role',
        manifest: true,
        serializeToJson: false,
        fillRecord: false,
      },
    });
  });
});
