#pragma once
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/customer/domain/lead.h"

namespace crm::customer {

struct QualifyLead {
  Uuid id;
  std::optional<std::int64_t> etag;
  LeadQualified judgement;  // OPPORTUNITY or POTENTIAL
};

// Judges. An OPPORTUNITY goes to the rules for sales, a POTENTIAL is nurtured by whom the rules for marketing
// name; the present owner's deadline holds until one of them has a new owner for it. Replies with the Lead.
// Items fail with LEAD_NOT_FOUND, STALE_ETAG, LEAD_NOT_OPEN, LEAD_ALREADY_QUALIFIED.
std::vector<work::Outcome> QualifyLeads(work::UnitOfWork& work,
                                        absl::Span<const work::Request<QualifyLead>> requests);

struct DisqualifyLead {
  Uuid id;
  std::optional<std::int64_t> etag;
  LeadDisqualified disqualified;
};

// Gives up: the owner's place is free again. Replies with the Lead. Items fail with LEAD_NOT_FOUND,
// STALE_ETAG, LEAD_NOT_OPEN.
std::vector<work::Outcome> DisqualifyLeads(work::UnitOfWork& work,
                                           absl::Span<const work::Request<DisqualifyLead>> requests);

}  // namespace crm::customer
