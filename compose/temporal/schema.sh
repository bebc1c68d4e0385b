#!/bin/sh
# Makes Temporal's databases and brings their schemas to the version of this image. May run again.
set -eu
SQL_PASSWORD=$(cat /run/secrets/temporal/password)
export SQL_PASSWORD

bring_up() {
  temporal-sql-tool --database "$1" create
  temporal-sql-tool --database "$1" setup-schema -v 0.0
  temporal-sql-tool --database "$1" update-schema -d "/etc/temporal/schema/postgresql/v12/$2/versioned"
}

bring_up temporal temporal
bring_up temporal_visibility visibility
