#pragma once
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/contract_credit/domain/payment.h"

namespace crm::contract {

struct RecordPayment {
  Uuid contract_id;
  PaymentTerms terms;  // id and recorded_by are set here
};

// Records money received and what it pays; a contract of which nothing is outstanding any more is completed.
// Replies with the Payment. Items fail with CONTRACT_NOT_FOUND, and as Receive does.
std::vector<work::Outcome> RecordPayments(work::UnitOfWork& work,
                                          absl::Span<const work::Request<RecordPayment>> requests);

}  // namespace crm::contract
