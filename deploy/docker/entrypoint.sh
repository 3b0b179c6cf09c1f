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
    openssl pkey -in "$secrets/token-private.pem" -pubout -out "$secrets/token-public.pem.new"
    mv "$secrets/token-public.pem.new" "$secrets/token-public.pem"
  fi
  # Good for a year, and new at every start.
  for name in $service_names; do
    account=$(echo "$name" | tr - _)
    guanxi-token --service "$account" --ttl 31536000 --token-private-key "$secrets/token-private.pem" >"$secrets/$name.token.new"
    mv "$secrets/$name.token.new" "$secrets/$name.token"
  done
  exit 0
fi

# database ROLE SECRET
database() { echo "postgresql://$1:$(cat "$secrets/$2")@${POSTGRES_HOST:-postgres}:5432/guanxi"; }

case $1 in
  guanxi-migrate)
    GUANXI_DATABASE_URL=$(database guanxi postgres)
    GUANXI_CUSTOMER_PASSWORD=$(cat "$secrets/customer") GUANXI_OPPORTUNITY_PASSWORD=$(cat "$secrets/opportunity")
    GUANXI_CONTRACT_CREDIT_PASSWORD=$(cat "$secrets/contract-credit") GUANXI_ANALYTICS_PASSWORD=$(cat "$secrets/analytics")
    export GUANXI_DATABASE_URL GUANXI_CUSTOMER_PASSWORD GUANXI_OPPORTUNITY_PASSWORD GUANXI_CONTRACT_CREDIT_PASSWORD \
      GUANXI_ANALYTICS_PASSWORD
    ;;
  guanxi-demo)
    GUANXI_DATABASE_URL=$(database guanxi postgres)
    export GUANXI_DATABASE_URL GUANXI_TOKEN_PRIVATE_KEY="$secrets/token-private.pem" \
      GUANXI_SAMPLE_DATA=/usr/share/guanxi/sample-data
    ;;
  guanxi-token)
    GUANXI_DATABASE_URL=$(database guanxi_customer customer)
    export GUANXI_DATABASE_URL GUANXI_TOKEN_PRIVATE_KEY="$secrets/token-private.pem" \
      GUANXI_ROLES=/usr/share/guanxi/sample-data/roles.csv
    ;;
  guanxi-gateway) ;; # it faces the world and knows no secret
  guanxi-*)
    name=${1#guanxi-}
    GUANXI_DATABASE_URL=$(database "guanxi_$(echo "$name" | tr - _)" "$name")
    GUANXI_REDIS_URL="redis://:$(cat "$secrets/redis")@${REDIS_HOST:-redis}:6379"
    export GUANXI_DATABASE_URL GUANXI_REDIS_URL GUANXI_TOKEN_KEYS="$secrets/token-public.pem" \
      GUANXI_SERVICE_TOKEN_FILE="$secrets/$name.token"
    ;;
esac
exec "$@"
