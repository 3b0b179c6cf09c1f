#pragma once
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/customer/app/lead_intake.h"

namespace crm::customer {

struct CaptureLead {
  LeadDraft draft;  // a nil org unit is the caller's
};

// The reply of CaptureLeads.
struct CapturedLead {
  const Lead& lead;
  bool existed = false;  // its external id was known
};

// Takes leads in: a new one is assigned soon after, by a job. Items fail with ORG_UNIT_NOT_FOUND and
// LEAD_ALREADY_EXISTS (the same person is there, and no external id tells them apart).
std::vector<work::Outcome> CaptureLeads(work::UnitOfWork& work,
                                        absl::Span<const work::Request<CaptureLead>> requests);

struct UpdateLead {
  Uuid id;
  std::optional<std::int64_t> etag;
  LeadPatch patch;
};

// Corrects what is known of leads. Replies with the Lead. Items fail with LEAD_NOT_FOUND, STALE_ETAG,
// LEAD_NOT_OPEN and, when nothing that names the lead would be left, LEAD_NAMELESS.
std::vector<work::Outcome> UpdateLeads(work::UnitOfWork& work,
                                       absl::Span<const work::Request<UpdateLead>> requests);

}  // namespace crm::customer
