#!/bin/sh
# Makes the role with which runs connect, when the database is made; its password is in a secret.
set -eu
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
\set password `cat "${RUN_PASSWORD_FILE:-/run/secrets/PGPASSWORD}"`
CREATE ROLE jeoul_run LOGIN PASSWORD :'password';
SQL
