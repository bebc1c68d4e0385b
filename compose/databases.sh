#!/bin/sh
# Makes each database named on the command line that is not there. May run again.
set -eu
PGPASSWORD=$(cat /run/secrets/source/password)
export PGPASSWORD
for database in "$@"; do
  [ "$(psql -XAtc "select 1 from pg_database where datname = '$database'")" = 1 ] || createdb "$database"
done
