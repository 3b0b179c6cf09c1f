#!/usr/bin/env bash
# Plants one forbidden include of each kind and expects check_layers.sh to name it; a clean tree must pass.
set -euo pipefail
check=$(cd "$(dirname "$0")" && pwd)/check_layers.sh
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

plant() { # FILE INCLUDE
  mkdir -p "$tree/common/base" "$tree/services/customer" "$tree/$(dirname "$1")"
  printf '#include <string>\n#include "%s"\n' "$2" >"$tree/$1"
}

refuses() {
  rm -rf "${tree:?}"/*
  plant "$1" "$2"
  if "$check" "$tree" >"$tree.out"; then
    printf 'not refused: %s includes %s\n' "$1" "$2"
    exit 1
  fi
  grep -q "^$1:2: includes $2" "$tree.out"
}

accepts() {
  rm -rf "${tree:?}"/*
  plant "$1" "$2"
  "$check" "$tree" >"$tree.out" || {
    printf 'refused: %s includes %s\n' "$1" "$2"
    exit 1
  }
}

refuses services/customer/domain/lead.h common/db/pool.h
refuses services/customer/domain/lead.cc crm/customer/v1/lead_service.pb.h
refuses services/customer/domain/lead.cc services/customer/storage/lead_store.h
refuses services/customer/app/capture_lead.cc crm/customer/v1/lead_service.pb.h
refuses services/customer/app/capture_lead.cc grpcpp/grpcpp.h
refuses services/customer/app/capture_lead.cc services/opportunity/app/win_opportunity.h
refuses services/customer/app/capture_lead_test.cc services/opportunity/app/win_opportunity.h
refuses services/customer/storage/lead_store.h pqxx/pqxx
refuses services/customer/storage/lead_store.cc pqxx/pqxx
refuses services/customer/rpc/lead_service.cc services/customer/storage/lead_store.h
refuses services/customer/rpc/lead_service.cc pqxx/pqxx
refuses services/customer/events/on_activity.cc services/customer/rpc/convert.h
refuses services/customer/clients/opportunity.h grpcpp/grpcpp.h
refuses services/customer/helpers/x.cc common/base/uuid.h
refuses common/base/uuid.cc common/status/errors.h
refuses common/db/pool.cc services/customer/domain/lead.h
accepts services/customer/domain/lead.h common/base/uuid.h
accepts services/customer/app/capture_lead.cc services/customer/storage/lead_store.h
accepts services/customer/rpc/lead_service.cc services/customer/app/capture_lead.h
accepts services/customer/main.cc grpcpp/grpcpp.h
rm -f "$tree.out"
printf '20 cases judged as expected\n'
