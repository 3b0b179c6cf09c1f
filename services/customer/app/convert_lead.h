#pragma once
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "common/base/money.h"
#include "common/work/unit_of_work.h"
#include "services/customer/domain/lead.h"

namespace crm::customer {

struct ConvertLead {
  Uuid id;
  std::optional<std::int64_t> etag;
  Uuid customer_id;              // to link it to; nil = a new one
  std::string customer_name;     // of a new one; empty = the lead's company, or its contact
  std::string opportunity_name;  // empty = the customer's
  std::optional<Money> amount;
  std::string expected_close_date;  // YYYY-MM-DD or empty
  std::string process_key;          // empty, or one that there is not = "standard"
};

// What the lead became; the reply.
struct LeadConversion {
  const Lead& lead;
  const Conversion& conversion;
};

// Makes the customer (or links it) and the contact, moves the customer to OPPORTUNITY, fixes the
// opportunity's id, which the opportunity service creates from LeadConverted, and frees the owner's place.
// Items fail with LEAD_NOT_FOUND, CUSTOMER_NOT_FOUND, STALE_ETAG, LEAD_NOT_OPEN, LEAD_NOT_QUALIFIED.
std::vector<work::Outcome> ConvertLeads(work::UnitOfWork& work,
                                        absl::Span<const work::Request<ConvertLead>> requests);

}  // namespace crm::customer
