# Private PostgreSQL and Redis: own data folder, loopback and unix socket only, own passwords.
# An instance is "" (what `up` runs) or "test" (thrown away after `test`).
# shellcheck shell=bash

postgres_bin=${GUANXI_POSTGRES_BIN:-/usr/lib/postgresql/15/bin}

# The account a server runs under: PostgreSQL refuses root. "" means the caller's own.
server_user() {
  ((EUID == 0)) || return 0
  local user
  for user in "$1" postgres nobody; do
    if id -u "$user" >/dev/null 2>&1; then
      printf '%s' "$user"
      return
    fi
  done
}

run_as() {
  local user=$1
  shift
  if [[ -z $user ]]; then "$@"; else setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups "$@"; fi
}

# Where the data folders are: .crm/, unless the server's account cannot reach it (a clone in /root).
data_root() {
  local user home=$state
  user=$(server_user postgres)
  if [[ -n $user ]] && ! run_as "$user" test -x "$state" 2>/dev/null; then
    home=/var/lib/guanxi-$(printf '%s' "${state%/.crm}" | cksum | cut -d ' ' -f 1)
    mkdir -p "$home"
    chmod 755 "$home"
    [[ -e $state/data ]] || ln -sfn "$home" "$state/data"
  fi
  printf '%s' "$home"
}

secret() {
  local file=$state/secrets/$1
  if [[ ! -s $file ]]; then
    (umask 077 && mkdir -p "$state/secrets" && od -An -N 24 -tx1 /dev/urandom | tr -d ' \n' >"$file.new" && mv "$file.new" "$file")
  fi
  cat "$file"
}

unescaped() { printf '%b' "${1//%/\\x}"; }

# query URL PSQL-ARGUMENT...: the password goes by the environment, which nobody else can read.
query() {
  local url=$1 in_front='^(postgres(ql)?://[^:@/]*):([^@]*)@(.*)$' behind='^(.*[?&])password=([^&]*)&?(.*)$'
  shift
  if [[ $url =~ $in_front ]]; then
    local -x PGPASSWORD
    PGPASSWORD=$(unescaped "${BASH_REMATCH[3]}")
    url=${BASH_REMATCH[1]}@${BASH_REMATCH[4]}
  elif [[ $url =~ $behind ]]; then
    local -x PGPASSWORD
    PGPASSWORD=$(unescaped "${BASH_REMATCH[2]}")
    url=${BASH_REMATCH[1]}${BASH_REMATCH[3]}
  fi
  PGCONNECT_TIMEOUT=5 psql -XAtq -v ON_ERROR_STOP=1 -d "$url" "$@"
}

# redis_answers URL: whether a Redis at redis://[:PASSWORD@]HOST[:PORT] does.
redis_answers() {
  local pattern='^redis://(([^:@/]*):(.*)@)?([^:/@]+)(:([0-9]+))?(/[0-9]*)?$'
  [[ $1 =~ $pattern ]] || return 1
  local user password host=${BASH_REMATCH[4]} port=${BASH_REMATCH[6]:-6379}
  user=$(unescaped "${BASH_REMATCH[2]}") password=$(unescaped "${BASH_REMATCH[3]}")
  [[ $(REDISCLI_AUTH=$password timeout 5 redis-cli ${user:+--user "$user"} -h "$host" -p "$port" ping 2>/dev/null) == PONG ]]
}

# start_postgres INSTANCE: sets `database_url`, the URL of its administrator.
start_postgres() {
  local name=${1:+$1-}postgres user home port password databases
  user=$(server_user postgres)
  home=$(data_root)/$name
  password=$(secret "$name")
  port=$(port_for "$name" $((${#1} == 0 ? 7132 : 7332)))
  database_url="postgresql://guanxi:$password@127.0.0.1:$port/guanxi"
  if ! alive "$name"; then
    [[ -x $postgres_bin/initdb ]] ||
      fail "PostgreSQL 15 is not at $postgres_bin" "apt-get install postgresql-15, or set GUANXI_POSTGRES_BIN"
    mkdir -p "$home"
    [[ -z $user ]] || chown "$user:" "$home"
    chmod 700 "$home"
    make_cluster "$home" "$user" "$password"
    stop_stray postgres "$home/data" "$home/data/postmaster.pid"
    postgres_settings "$1" "$home" "$port" >"$home/data/postgresql.conf"
    printf 'local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n' >"$home/data/pg_hba.conf"
    launch "$name" "$user" "$postgres_bin/postgres" -D "$home/data"
  fi
  # After a crash it reads its log first; one that has ended is not waited for.
  if ! wait_for "$name" 600 PostgreSQL postgres_ready "$name" "$port"; then
    show_log_tail "$name"
    fail "PostgreSQL did not become ready" "the log above names the cause; ./crm up tries again"
  fi
  databases=$(query "${database_url%/guanxi}/postgres" -c "SELECT count(*) FROM pg_database WHERE datname = 'guanxi'") ||
    fail "the data in $home was made with another password than that in $state/secrets" \
      "put the old $state/secrets back, or delete the data: ./crm down --purge"
  [[ $databases == 1 ]] || query "${database_url%/guanxi}/postgres" -c "CREATE DATABASE guanxi"
}

make_cluster() {
  local home=$1 user=$2 password=$3
  [[ ! -s $home/data/PG_VERSION ]] || return 0
  step "Creating a private PostgreSQL in $home"
  rm -rf "$home/data.new" # what an interrupted run left
  printf '%s\n' "$password" >"$home/password"
  chmod 600 "$home/password"
  [[ -z $user ]] || chown "$user:" "$home/password"
  if ! (cd "$home" && run_as "$user" "$postgres_bin/initdb" -D "$home/data.new" -U guanxi --pwfile="$home/password" \
    --auth=scram-sha-256 -E UTF8 --locale=C.UTF-8 --data-checksums >"$state/log/initdb.log" 2>&1); then
    rm -f "$home/password"
    show_log_tail initdb
    fail "initdb failed" "the lines above name the cause (often a full disk); ./crm up tries again"
  fi
  rm -f "$home/password"
  mv "$home/data.new" "$home/data"
}

# stop_stray PROGRAM FOLDER PID-FILE: one whose remembrance was lost (.crm/run removed by hand) still works in
# its data folder, where a second one would do harm. Only the program itself, in that very folder, is stopped.
stop_stray() {
  local program=$1 folder=$2 stray=''
  [[ -r $3 ]] || return 0
  read -r stray <"$3" || true
  [[ $stray =~ ^[0-9]+$ && $(cat "/proc/$stray/comm" 2>/dev/null) == "$program" ]] || return 0
  [[ $(readlink "/proc/$stray/cwd" 2>/dev/null) == "$(readlink -f "$folder")" ]] || return 0
  warn "stopping $program (process $stray), which an earlier run left in $folder"
  kill -s INT "$stray"
  wait_until 60 "process $stray to end" has_ended "$stray" || kill -s KILL "$stray"
}

has_ended() { [[ -z $(identity_of "$1") ]]; }

# socket_folder FOLDER: FOLDER when a unix socket may stand there, else nothing: its path may have 107 bytes, and
# PostgreSQL reads commas and quotes as its own.
socket_folder() {
  [[ ${#1} -ge 80 || $1 == *[\'\",]* ]] || printf '%s' "$1"
}

postgres_settings() {
  local instance=$1 home=$2 port=$3 shared
  shared=$(awk '$1 == "MemTotal:" { mb = int($2 / 1024 / 16); if (mb > 1024) mb = 1024; if (mb < 64) mb = 64; print mb }' /proc/meminfo)
  cat <<SETTINGS
# Written by ./crm at every start.
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$(socket_folder "$home")'
max_connections = 200
password_encryption = 'scram-sha-256'
shared_buffers = ${shared}MB
max_wal_size = 2GB
checkpoint_timeout = 15min
deadlock_timeout = 100ms
idle_in_transaction_session_timeout = 60s
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %u@%d '
log_checkpoints = off
SETTINGS
  # The throw-away instance outlives a killed server, but need not outlive a power cut.
  [[ $instance != test ]] || printf 'fsync = off\nfull_page_writes = off\n'
}

postgres_ready() {
  alive "$1" && "$postgres_bin/pg_isready" -q -h 127.0.0.1 -p "$2" -U guanxi -d postgres
}

stop_postgres() {
  local name=${1:+$1-}postgres folder
  halt "$name" INT 60
  folder=$(data_root)/$name/data
  stop_stray postgres "$folder" "$folder/postmaster.pid"
}

# start_redis INSTANCE: sets `redis_url`. The test instance has no password and a database per test binary.
start_redis() {
  local name=${1:+$1-}redis user home port password='' socket
  user=$(server_user redis)
  home=$(data_root)/$name
  [[ -n $1 ]] || password=$(secret redis)
  port=$(port_for "$name" $((${#1} == 0 ? 7179 : 7379)))
  redis_url="redis://${password:+:$password@}127.0.0.1:$port"
  if ! alive "$name"; then
    command -v redis-server >/dev/null || fail "redis-server is not installed" "apt-get install redis-server"
    mkdir -p "$home"
    stop_stray redis-server "$home" "$home/redis.pid"
    socket=$(socket_folder "$home")
    [[ -z $socket ]] || socket="unixsocket \"$socket/redis.sock\"
unixsocketperm 700"
    (
      umask 077
      cat >"$home/redis.conf" <<SETTINGS
# Written by ./crm at every start.
bind 127.0.0.1
port $port
$socket
${password:+requirepass $password}
dir "$home"
pidfile "$home/redis.pid"
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
databases 16
save ""
SETTINGS
    )
    chmod 700 "$home"
    [[ -z $user ]] || chown -R "$user:" "$home"
    launch "$name" "$user" redis-server "$home/redis.conf"
  fi
  if ! wait_for "$name" 600 Redis redis_ready "$name"; then
    show_log_tail "$name"
    fail "Redis did not become ready" "the log above names the cause; ./crm up tries again"
  fi
}

redis_ready() { alive "$1" && redis_answers "$redis_url"; }

stop_redis() {
  local name=${1:+$1-}redis folder
  halt "$name" TERM 20
  folder=$(data_root)/$name
  stop_stray redis-server "$folder" "$folder/redis.pid"
}

# role_url ADMIN-URL ROLE PASSWORD: the same database seen by a service's own role.
role_url() {
  local pattern='^postgres(ql)?://([^@/]*@)?(.*)$' place
  [[ $1 =~ $pattern ]]
  place=$(sed -E 's/([?&])(user|password)=[^&]*/\1/g; s/([?&])&+/\1/g; s/[?&]$//' <<<"${BASH_REMATCH[3]}")
  printf 'postgresql://%s:%s@%s' "$2" "$3" "$place"
}

# Servers that the user has named: what is wrong with them is said before anything is made in them.
require_foreign_servers() {
  if [[ -n ${GUANXI_DATABASE_URL:-} ]]; then
    [[ $GUANXI_DATABASE_URL =~ ^postgres(ql)?:// ]] ||
      fail "GUANXI_DATABASE_URL is not a postgresql:// address" "write it as postgresql://ADMIN:PASSWORD@HOST:PORT/DATABASE"
    query "$GUANXI_DATABASE_URL" -c 'SELECT 1' >/dev/null ||
      fail "the PostgreSQL of GUANXI_DATABASE_URL does not let us in" "psql's words are above; check address, name and password"
  fi
  [[ -z ${GUANXI_REDIS_URL:-} ]] || redis_answers "$GUANXI_REDIS_URL" ||
    fail "the Redis of GUANXI_REDIS_URL does not answer" "write it as redis://:PASSWORD@HOST:PORT and check that it runs"
}
