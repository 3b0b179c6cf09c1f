#pragma once
#include <string>

#include "common/base/uuid.h"

namespace crm::contract {

// What is known here of a customer of the customer service.
struct CustomerReference {
  Uuid id;
  std::string name;
  Uuid owner_id, org_unit_id;
  std::string time_zone;  // IANA; empty: not stated
};

}  // namespace crm::contract
