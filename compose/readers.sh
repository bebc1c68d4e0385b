#!/bin/sh
# Run once, as the server makes its databases: Metabase's login owns a database of its own, and only reads the marts.
set -eu
psql -X -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -v password="$(cat /run/secrets/metabase/password)" <<'SQL'
CREATE ROLE metabase LOGIN PASSWORD :'password';
CREATE DATABASE metabase OWNER metabase;
REVOKE ALL ON DATABASE warehouse FROM PUBLIC;
GRANT CONNECT ON DATABASE warehouse TO metabase;
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO metabase;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO metabase;
SQL
