/**
 * What Redshift has and PostgreSQL lacks: types, functions, system views. In a schema of their own, at the end of the search path,
 * made when the stand-in starts; may be run again.
 */
export const SHIMS = String.raw`
CREATE SCHEMA IF NOT EXISTS aws_local;
DO $$ BEGIN
  IF to_regtype('aws_local.super') IS NULL THEN CREATE DOMAIN aws_local.super AS jsonb; END IF;
  IF to_regtype('aws_local.varbyte') IS NULL THEN CREATE DOMAIN aws_local.varbyte AS bytea; END IF;
END $$;
CREATE TABLE IF NOT EXISTS aws_local.late_binding_views (view oid PRIMARY KEY, query text NOT NULL);
CREATE TABLE IF NOT EXISTS aws_local.layouts (relation oid PRIMARY KEY, dist text, sort text[] NOT NULL);
CREATE TABLE IF NOT EXISTS aws_local.stl_load_errors (
  userid int DEFAULT 100, slice int DEFAULT 0, tbl int, starttime timestamp DEFAULT LOCALTIMESTAMP, session int, query int,
  filename varchar(256), line_number bigint, colname varchar(127), type varchar(20), col_length varchar(10), position int,
  raw_line varchar(1024), raw_field_value varchar(1024), err_code int, err_reason varchar(100));
CREATE OR REPLACE VIEW aws_local.sys_load_error_detail AS SELECT userid AS user_id, query AS query_id, session AS session_id,
  tbl AS table_id, starttime AS start_time, filename AS file_name, line_number, colname AS column_name, type AS column_type,
  col_length AS column_length, position, err_code AS error_code, err_reason AS error_message FROM aws_local.stl_load_errors;
CREATE TABLE IF NOT EXISTS aws_local.tidy (relation oid PRIMARY KEY, sorted bigint NOT NULL, reclaimed bigint NOT NULL, analyzed bigint);
CREATE OR REPLACE FUNCTION aws_local.inserted(r oid) RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT pg_stat_get_tuples_inserted(r) + pg_stat_get_tuples_updated(r) $$;
CREATE OR REPLACE FUNCTION aws_local.gone(r oid) RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT pg_stat_get_tuples_deleted(r) + pg_stat_get_tuples_updated(r) $$;
CREATE OR REPLACE FUNCTION aws_local.tidied(name text, sorts boolean, reclaims boolean, analyzes boolean) RETURNS void LANGUAGE sql AS $$
  INSERT INTO aws_local.tidy AS t SELECT c.oid, CASE WHEN sorts THEN aws_local.inserted(c.oid) ELSE 0 END, CASE WHEN reclaims THEN aws_local.gone(c.oid) ELSE 0 END,
      CASE WHEN analyzes THEN aws_local.inserted(c.oid) + aws_local.gone(c.oid) END
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE CASE WHEN name IS NULL THEN c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema|aws_local)' ELSE c.oid = to_regclass(name) END
  ON CONFLICT (relation) DO UPDATE SET sorted = CASE WHEN sorts THEN excluded.sorted ELSE t.sorted END,
    reclaimed = CASE WHEN reclaims THEN excluded.reclaimed ELSE t.reclaimed END, analyzed = CASE WHEN analyzes THEN excluded.analyzed ELSE t.analyzed END $$;
DROP VIEW IF EXISTS aws_local.svv_table_info;
CREATE VIEW aws_local.svv_table_info AS WITH counted AS (
    SELECT c.oid, c.relname, n.nspname, l.dist, l.sort, pg_stat_get_live_tuples(c.oid) AS live, t.analyzed,
      greatest(aws_local.gone(c.oid) - coalesce(t.reclaimed, 0), 0) AS dead, greatest(aws_local.inserted(c.oid) - coalesce(t.sorted, 0), 0) AS unsorted,
      aws_local.inserted(c.oid) + aws_local.gone(c.oid) AS changes
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT JOIN aws_local.layouts l ON l.relation = c.oid LEFT JOIN aws_local.tidy t ON t.relation = c.oid
    WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'aws_local'))
  SELECT current_database()::text AS "database", nspname::text AS "schema", oid::int AS table_id, relname::text AS "table", 'N'::text AS encoded,
    CASE WHEN dist IS NULL THEN 'AUTO(ALL)' WHEN dist IN ('even','all') THEN upper(dist) WHEN dist = 'auto' THEN 'AUTO(ALL)' ELSE 'KEY(' || dist || ')' END AS diststyle,
    coalesce(sort[1], 'AUTO(SORTKEY)') AS sortkey1, coalesce(cardinality(sort), 0) AS sortkey_num, 0::bigint AS size, NULL::numeric AS pct_used,
    CASE WHEN cardinality(sort) > 0 THEN least(round(100.0 * unsorted / greatest(live + dead, 1), 2), 100) END AS unsorted,
    least(round(100.0 * (changes - coalesce(analyzed, 0)) / greatest(live, 1), 2), 100) AS stats_off, (live + dead)::numeric(38,0) AS tbl_rows,
    0::numeric AS skew_sortkey1, 0::numeric AS skew_rows, live::numeric(38,0) AS estimated_visible_rows, NULL::timestamp AS create_time
  FROM counted WHERE live + dead > 0;
CREATE OR REPLACE VIEW aws_local.svv_redshift_columns AS SELECT current_database()::text AS database_name, n.nspname::text AS schema_name, c.relname::text AS table_name,
  a.attname::text AS column_name, a.attnum::int AS ordinal_position, format_type(a.atttypid, a.atttypmod) AS data_type, coalesce(l.dist = a.attname, false) AS distkey,
  coalesce(array_position(l.sort, a.attname::text), 0) AS sortkey
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT JOIN aws_local.layouts l ON l.relation = c.oid
  WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'aws_local');
CREATE OR REPLACE VIEW aws_local.svv_relation_privileges AS SELECT n.nspname::text AS namespace_name, c.relname::text AS relation_name, x.privilege_type::text,
  x.grantee::int AS identity_id, CASE WHEN x.grantee = 0 THEN 'public' ELSE pg_get_userbyid(x.grantee)::text END AS identity_name,
  CASE WHEN x.grantee = 0 THEN 'public' ELSE 'user' END AS identity_type, x.is_grantable AS admin_option
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) AS x WHERE c.relkind IN ('r', 'v') AND x.grantee <> c.relowner;
CREATE OR REPLACE VIEW aws_local.svv_column_privileges AS SELECT n.nspname::text AS namespace_name, c.relname::text AS relation_name, a.attname::text AS column_name
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE a.attacl IS NOT NULL;
CREATE OR REPLACE VIEW aws_local.svv_interleaved_columns AS SELECT NULL::int AS tbl, NULL::int AS col, NULL::numeric AS interleaved_skew, NULL::timestamp AS last_reindex WHERE false;
CREATE OR REPLACE VIEW aws_local.svv_external_columns AS SELECT NULL::text AS redshift_database_name, NULL::text AS schemaname, NULL::text AS tablename,
  NULL::text AS columnname, NULL::text AS external_type, NULL::int AS columnnum, NULL::int AS part_key, NULL::text AS is_nullable WHERE false;
CREATE OR REPLACE VIEW aws_local.svv_external_schemas AS SELECT NULL::oid AS esoid, NULL::int AS eskind, NULL::text AS schemaname,
  NULL::int AS esowner, NULL::text AS databasename, NULL::text AS esoptions WHERE false;
CREATE OR REPLACE VIEW aws_local.svv_external_tables AS SELECT NULL::text AS redshift_database_name, NULL::text AS schemaname, NULL::text AS tablename WHERE false;
CREATE OR REPLACE VIEW aws_local.stv_mv_info AS SELECT NULL::text AS db_name, NULL::text AS "schema", NULL::text AS name, NULL::text AS autorefresh, NULL::text AS is_stale WHERE false;
CREATE OR REPLACE VIEW aws_local.svv_mv_info AS SELECT * FROM aws_local.stv_mv_info;
CREATE OR REPLACE VIEW aws_local.stv_recents AS SELECT pid, 'Running'::text AS status FROM pg_catalog.pg_stat_activity WHERE false;

CREATE OR REPLACE FUNCTION aws_local.late_view(s text, v text, replacing boolean, written text, translated text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE columns text; kind "char";
BEGIN
  SELECT c.relkind INTO kind FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = s AND c.relname = v;
  IF kind IS NOT NULL THEN
    IF kind <> 'v' THEN RAISE EXCEPTION USING ERRCODE = '42809', MESSAGE = format('"%s" is not a view', v); END IF;
    IF NOT replacing THEN RAISE EXCEPTION USING ERRCODE = '42P07', MESSAGE = format('relation "%s" already exists', v); END IF;
    EXECUTE format('DROP VIEW %I.%I', s, v);
  END IF;
  BEGIN
    EXECUTE 'CREATE TEMP TABLE aws_local_probe AS SELECT * FROM (' || translated || ') AS probe WITH NO DATA';
    SELECT string_agg(format('NULL::%s AS %I', format_type(atttypid, atttypmod), attname), ', ' ORDER BY attnum) INTO columns
      FROM pg_catalog.pg_attribute WHERE attrelid = 'pg_temp.aws_local_probe'::regclass AND attnum > 0;
    DROP TABLE pg_temp.aws_local_probe;
  EXCEPTION WHEN undefined_table OR invalid_schema_name OR undefined_column THEN columns := '';
  END;
  EXECUTE format('CREATE VIEW %I.%I AS SELECT %s', s, v, coalesce(columns, ''));
  INSERT INTO aws_local.late_binding_views VALUES (format('%I.%I', s, v)::regclass, written);
END $$;
CREATE OR REPLACE FUNCTION aws_local.fail(code text, message text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = code, MESSAGE = message; END $$;
CREATE OR REPLACE FUNCTION aws_local.pg_get_late_binding_view_cols() RETURNS SETOF record LANGUAGE sql STABLE AS $$
  SELECT NULL::name, NULL::name, NULL::name, NULL::varchar, NULL::int WHERE false $$;

CREATE OR REPLACE FUNCTION aws_local.getdate() RETURNS timestamp LANGUAGE sql STABLE AS $$ SELECT date_trunc('second', clock_timestamp() AT TIME ZONE 'UTC') $$;
CREATE OR REPLACE FUNCTION aws_local.boundaries(part text, t timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT CASE
    WHEN part ~ '^(millenn)' THEN extract(millennium FROM t)::bigint
    WHEN part ~ '^(centur|c$)' THEN extract(century FROM t)::bigint
    WHEN part ~ '^(decade)' THEN extract(decade FROM t)::bigint
    WHEN part ~ '^y' THEN extract(year FROM t)::bigint
    WHEN part ~ '^q' THEN extract(year FROM t)::bigint * 4 + extract(quarter FROM t)::bigint
    WHEN part ~ '^mon' THEN extract(year FROM t)::bigint * 12 + extract(month FROM t)::bigint
    WHEN part ~ '^w' THEN ((t::date - date '1999-12-26') - ((t::date - date '1999-12-26') % 7 + 7) % 7) / 7
    WHEN part ~ '^d' THEN (t::date - date '2000-01-01')::bigint
    WHEN part ~ '^h' THEN floor(extract(epoch FROM t) / 3600)::bigint
    WHEN part ~ '^(minute|min|mins|m$)' THEN floor(extract(epoch FROM t) / 60)::bigint
    WHEN part ~ '^s' THEN floor(extract(epoch FROM t))::bigint
    WHEN part ~ '^(millisec|ms)' THEN floor(extract(epoch FROM t) * 1000)::bigint
    WHEN part ~ '^(micro|us)' THEN floor(extract(epoch FROM t) * 1000000)::bigint
  END $$;
CREATE OR REPLACE FUNCTION aws_local.datediff(part text, a timestamp, b timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT aws_local.boundaries(lower(part), b) - aws_local.boundaries(lower(part), a) $$;
CREATE OR REPLACE FUNCTION aws_local.datediff(part text, a timestamptz, b timestamptz) RETURNS bigint LANGUAGE sql STABLE STRICT AS $$
  SELECT aws_local.datediff(part, a AT TIME ZONE 'UTC', b AT TIME ZONE 'UTC') $$;
CREATE OR REPLACE FUNCTION aws_local.step(part text, n bigint) RETURNS interval LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT CASE
    WHEN part ~ '^y' THEN make_interval(years => n::int) WHEN part ~ '^q' THEN make_interval(months => 3 * n::int)
    WHEN part ~ '^mon' THEN make_interval(months => n::int) WHEN part ~ '^w' THEN make_interval(weeks => n::int)
    WHEN part ~ '^d' THEN make_interval(days => n::int) WHEN part ~ '^h' THEN make_interval(hours => n::int)
    WHEN part ~ '^(millisec|ms)' THEN n * interval '1 millisecond' WHEN part ~ '^(micro|us)' THEN n * interval '1 microsecond'
    WHEN part ~ '^m' THEN make_interval(mins => n::int) WHEN part ~ '^s' THEN make_interval(secs => n) END $$;
CREATE OR REPLACE FUNCTION aws_local.dateadd(part text, n bigint, t timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT t + aws_local.step(lower(part), n) $$;
CREATE OR REPLACE FUNCTION aws_local.dateadd(part text, n bigint, t timestamptz) RETURNS timestamptz LANGUAGE sql STABLE STRICT AS $$ SELECT t + aws_local.step(lower(part), n) $$;
CREATE OR REPLACE FUNCTION aws_local.dateadd(part text, n bigint, t date) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT t + aws_local.step(lower(part), n) $$;
CREATE OR REPLACE FUNCTION aws_local.convert_timezone(source text, target text, t timestamp) RETURNS timestamp LANGUAGE sql STABLE STRICT AS $$ SELECT t AT TIME ZONE source AT TIME ZONE target $$;
CREATE OR REPLACE FUNCTION aws_local.convert_timezone(target text, t timestamp) RETURNS timestamp LANGUAGE sql STABLE STRICT AS $$ SELECT t AT TIME ZONE 'UTC' AT TIME ZONE target $$;
CREATE OR REPLACE FUNCTION aws_local.trunc(t timestamp) RETURNS date LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT t::date $$;
CREATE OR REPLACE FUNCTION aws_local.last_day(t timestamp) RETURNS date LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT (date_trunc('month', t) + interval '1 month - 1 day')::date $$;
CREATE OR REPLACE FUNCTION aws_local.add_months(t timestamp, n int) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT t + make_interval(months => n) $$;
CREATE OR REPLACE FUNCTION aws_local.len(v text) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT length(v) $$;
CREATE OR REPLACE FUNCTION aws_local.charindex(part text, v text) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT strpos(v, part) $$;
CREATE OR REPLACE FUNCTION aws_local.sha2(v text, bits int) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT encode(CASE bits WHEN 224 THEN sha224(convert_to(v, 'UTF8')) WHEN 384 THEN sha384(convert_to(v, 'UTF8')) WHEN 512 THEN sha512(convert_to(v, 'UTF8')) ELSE sha256(convert_to(v, 'UTF8')) END, 'hex') $$;
CREATE OR REPLACE FUNCTION aws_local.nvl(a anycompatible, b anycompatible) RETURNS anycompatible LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(a, b) $$;
CREATE OR REPLACE FUNCTION aws_local.nvl2(a anyelement, b anycompatible, c anycompatible) RETURNS anycompatible LANGUAGE sql IMMUTABLE AS $$ SELECT CASE WHEN a IS NOT NULL THEN b ELSE c END $$;
CREATE OR REPLACE FUNCTION aws_local.decode(a anyelement, b anyelement, c anycompatible, d anycompatible) RETURNS anycompatible LANGUAGE sql IMMUTABLE AS $$ SELECT CASE WHEN a IS NOT DISTINCT FROM b THEN c ELSE d END $$;
CREATE OR REPLACE FUNCTION aws_local.json_parse(v text) RETURNS aws_local.super LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT v::jsonb::aws_local.super $$;
CREATE OR REPLACE FUNCTION aws_local.json_serialize(v aws_local.super) RETURNS varchar LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT v::text $$;
CREATE OR REPLACE FUNCTION aws_local.is_valid_json(v text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT AS $$ BEGIN PERFORM v::jsonb; RETURN jsonb_typeof(v::jsonb) = 'object'; EXCEPTION WHEN others THEN RETURN false; END $$;
CREATE OR REPLACE FUNCTION aws_local.json_extract_path_text(v text, VARIADIC path text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT v::json #>> path $$;
CREATE OR REPLACE FUNCTION aws_local.first_value_kept(a anyelement, b anyelement) RETURNS anyelement LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT a $$;
DO $$ BEGIN
  IF to_regprocedure('aws_local.any_value(anyelement)') IS NULL THEN
    CREATE AGGREGATE aws_local.any_value(anyelement) (SFUNC = aws_local.first_value_kept, STYPE = anyelement);
  END IF;
END $$;
`;

/** Settings that make PostgreSQL read text as Redshift does. */
export const SETTINGS: Readonly<Record<string, string>> = {
  search_path: '"$user", public, aws_local',
  standard_conforming_strings: 'off',
  escape_string_warning: 'off',
  backslash_quote: 'on',
  timezone: 'UTC',
  datestyle: 'ISO, MDY',
  bytea_output: 'hex',
  client_min_messages: 'error',
  jit: 'off',
};
