#!/bin/sh
# Puts the secrets, which come as files, where the programs look for them, and becomes the program.
#   entrypoint secrets            make what is missing of passwords and keys in /run/guanxi
#   entrypoint guanxi-customer …  run it
set -eu
secrets=/run/guanxi
service_names="customer opportunity contract-credit analytics"

make_secret() {
  [ -s "$secrets/$1" ] || { od -An -N 24 -tx1 /dev/urandom | tr -d ' \n' >"$secrets/$1.new" && mv "$secrets/$1.new" "$secrets/$1"; }
}

if [ "$1" = secrets ]; then
  umask 027
  for name in postgres redis $service_names; do make_secret "$name"; done
  if [ ! -s "$secrets/token-public.pem" ]; then
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$secrets/token-private.pem"
    openssl pkey -in "$secrets/token-private.pem" -pubout -out "$secrets/token-public.pem"
  fi
  for name in $service_names; do
    account=$(echo "$name" | tr - _)
    [ -s "$secrets/$name.token" ] ||
      guanxi-token --service "$account" --ttl 31536000 --token-private-key "$secrets/token-private.pem" >"$secrets/$name.token"
  done
  exit 0
fi

host=${POSTGRES_HOST:-postgres}
GUANXI_REDIS_URL="redis://:$(cat "$secrets/redis")@${REDIS_HOST:-redis}:6379"
export GUANXI_REDIS_URL GUANXI_TOKEN_KEYS="$secrets/token-public.pem"
export GUANXI_TOKEN_PRIVATE_KEY="$secrets/token-private.pem"
export GUANXI_SAMPLE_DATA=/usr/share/guanxi/sample-data GUANXI_ROLES=/usr/share/guanxi/sample-data/roles.csv
case $1 in
  guanxi-migrate)
    GUANXI_CUSTOMER_PASSWORD=$(cat "$secrets/customer") GUANXI_OPPORTUNITY_PASSWORD=$(cat "$secrets/opportunity")
    GUANXI_CONTRACT_CREDIT_PASSWORD=$(cat "$secrets/contract-credit") GUANXI_ANALYTICS_PASSWORD=$(cat "$secrets/analytics")
    export GUANXI_CUSTOMER_PASSWORD GUANXI_OPPORTUNITY_PASSWORD GUANXI_CONTRACT_CREDIT_PASSWORD GUANXI_ANALYTICS_PASSWORD
    GUANXI_DATABASE_URL="postgresql://guanxi:$(cat "$secrets/postgres")@$host:5432/guanxi"
    export GUANXI_DATABASE_URL
    ;;
  guanxi-demo)
    GUANXI_DATABASE_URL="postgresql://guanxi:$(cat "$secrets/postgres")@$host:5432/guanxi"
    export GUANXI_DATABASE_URL
    ;;
  guanxi-token)
    GUANXI_DATABASE_URL="postgresql://guanxi_customer:$(cat "$secrets/customer")@$host:5432/guanxi"
    export GUANXI_DATABASE_URL
    ;;
  guanxi-gateway) ;;
  guanxi-*)
    name=${1#guanxi-}
    role=guanxi_$(echo "$name" | tr - _)
    GUANXI_DATABASE_URL="postgresql://$role:$(cat "$secrets/$name")@$host:5432/guanxi"
    GUANXI_SERVICE_TOKEN_FILE="$secrets/$name.token"
    export GUANXI_DATABASE_URL GUANXI_SERVICE_TOKEN_FILE
    ;;
esac
exec "$@"
