/** What sqlfluff's redshift dialect takes and Redshift does not, or not as we need it: refused in our statements by these patterns. */
export const DENIED: readonly {
  readonly what: string;
  readonly pattern: RegExp;
  /** A statement that sqlfluff parses all the same: proves that the entry is needed. */
  readonly example: string;
}[] = [
  { what: 'CREATE INDEX', pattern: /\bCREATE\s+(UNIQUE\s+)?INDEX\b/i, example: 'CREATE INDEX i ON t (a)' },
  { what: 'CREATE SEQUENCE', pattern: /\bCREATE\s+SEQUENCE\b/i, example: 'CREATE SEQUENCE s' },
  { what: 'operators on JSON', pattern: /->/, example: `SELECT a ->> 'b' FROM t` },
  { what: 'DISTINCT ON', pattern: /\bDISTINCT\s+ON\b/i, example: 'SELECT DISTINCT ON (a) b FROM t' },
  {
    what: 'row locks',
    pattern: /\bFOR\s+(UPDATE|SHARE|NO\s+KEY|KEY)\b/i,
    example: 'SELECT a FROM t FOR UPDATE',
  },
  {
    what: 'FILTER of an aggregate',
    pattern: /\)\s*FILTER\s*\(/i,
    example: 'SELECT COUNT(*) FILTER (WHERE a) FROM t',
  },
  { what: 'LATERAL', pattern: /\bLATERAL\b/i, example: 'SELECT * FROM t, LATERAL (SELECT 1) AS x' },
  { what: 'ARRAY[…]', pattern: /\bARRAY\s*\[/i, example: 'SELECT ARRAY[1, 2]' },
  {
    what: 'functions of PostgreSQL',
    pattern: /\b(STRING_AGG|ARRAY_AGG|JSONB?_AGG|UNNEST|FORMAT)\s*\(/i,
    example: `SELECT STRING_AGG(a, ',') FROM t`,
  },
  {
    what: 'a condition on a branch of MERGE',
    pattern: /\bMATCHED\s+AND\b/i,
    example:
      'MERGE INTO t USING s ON t.a = s.a WHEN MATCHED AND s.b > 1 THEN UPDATE SET c = s.c WHEN NOT MATCHED THEN INSERT VALUES (s.a)',
  },
  {
    what: 'an alias for the target of MERGE',
    pattern: /\bMERGE\s+INTO\s+(?:"[^"]*"|[\w.]+)(?:\."[^"]*")?\s+(?!USING\b)\w+/i,
    example:
      'MERGE INTO t AS x USING s ON x.a = s.a WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (s.a)',
  },
  {
    what: 'a query as the source of MERGE',
    pattern: /\bMERGE\s+INTO\s[^(]*\bUSING\s*\(/i,
    example:
      'MERGE INTO t USING (SELECT 1 AS a) AS s ON t.a = s.a WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (s.a)',
  },
  {
    what: 'REGION in COPY of Parquet',
    pattern: /^COPY\b.*\bREGION\b/i,
    example: `COPY t FROM 's3://b/k' IAM_ROLE DEFAULT FORMAT AS PARQUET REGION 'eu-west-1'`,
  },
  {
    what: 'MAXERROR in COPY of Parquet',
    pattern: /^COPY\b.*\bMAXERROR\b/i,
    example: `COPY t FROM 's3://b/k' IAM_ROLE DEFAULT FORMAT AS PARQUET MAXERROR 3`,
  },
];

/** What a statement has that is denied, in words. Texts and quoted names are not looked into. */
export function deniedIn(sql: string): string[] {
  const shown = sql.replace(/'(?:[^'\\]|''|\\[\s\S])*'/g, `''`).replace(/"(?:[^"]|"")*"/g, '"x"');
  return DENIED.filter(({ pattern }) => pattern.test(shown)).map(({ what }) => what);
}
