#pragma once
#include "common/db/statement.h"
#include "services/customer/domain/customer.h"

// The columns that ReadCustomer reads, in its order.
#define CRM_CUSTOMER_COLUMNS                                                                              \
  "id, version, owner_id, org_unit_id, lead_id, kind, name, other_names, identifiers, industry, region, " \
  "size, "                                                                                                \
  "source, grade, parent_id, tags, time_zone, external_id, attributes, lifecycle, create_time, update_time"

namespace crm::customer {

Customer ReadCustomer(db::Row& row);

}  // namespace crm::customer
