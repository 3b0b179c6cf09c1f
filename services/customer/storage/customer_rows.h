#pragma once
#include "common/db/statement.h"
#include "services/customer/domain/customer.h"

// The columns that ReadCustomer reads, in its order.
#define CRM_CUSTOMER_COLUMNS                                                                          \
  "id, kind, name, other_names, tax_id, phone, email, website, industry, region, size, source, grade, " \
  "parent_id, tags, time_zone, external_id, note, lifecycle, owner_id, org_unit_id, version, create_time, update_time"

namespace crm::customer {

Customer ReadCustomer(db::Row row);

}  // namespace crm::customer
