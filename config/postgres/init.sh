#!/bin/bash
# First start of the database container: the product's roles with their passwords, and its database.
set -euo pipefail

psql --username "$POSTGRES_USER" --dbname template1 --set ON_ERROR_STOP=1 --file /config/roles.sql
psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 \
    --set migrator="$MIGRATOR_PASSWORD" --set app="$APP_PASSWORD" <<'SQL'
ALTER ROLE migrator PASSWORD :'migrator';
ALTER ROLE app PASSWORD :'app';
CREATE DATABASE bryggan OWNER migrator;
SQL
