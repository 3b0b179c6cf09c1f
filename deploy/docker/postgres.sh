#!/bin/sh
# PostgreSQL 15 of Debian in a container: makes its cluster once, then serves the internal network.
set -eu
data=/var/lib/postgresql/data/cluster
[ ! -s /var/lib/postgresql/data/PG_VERSION ] || data=/var/lib/postgresql/data # made before clusters had a folder
bin=/usr/lib/postgresql/15/bin
if [ ! -s "$data/PG_VERSION" ]; then
  rm -rf "$data.new" # what an interrupted start left
  "$bin/initdb" -D "$data.new" -U guanxi --pwfile=/run/guanxi/postgres --auth=scram-sha-256 -E UTF8 --locale=C.UTF-8 --data-checksums
  printf 'local all all scram-sha-256\nhost all all all scram-sha-256\n' >"$data.new/pg_hba.conf"
  mv "$data.new" "$data"
fi
# The database is made once the server answers; a failure shows in the health check.
(
  until "$bin/pg_isready" -q -h 127.0.0.1 -U guanxi -d postgres; do sleep 0.2; done
  printf '%s\n' "SELECT 'CREATE DATABASE guanxi' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'guanxi') \gexec" |
    PGPASSWORD=$(cat /run/guanxi/postgres) "$bin/psql" -XAtq -h 127.0.0.1 -U guanxi -d postgres
) &
exec "$bin/postgres" -D "$data" -c listen_addresses='*' -c unix_socket_directories=/tmp -c max_connections=200 \
  -c password_encryption=scram-sha-256 -c deadlock_timeout=100ms -c jit=off -c timezone=UTC -c log_timezone=UTC \
  -c max_wal_size=2GB -c checkpoint_timeout=15min
