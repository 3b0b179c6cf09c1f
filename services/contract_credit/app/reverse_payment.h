#pragma once
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/contract_credit/domain/payment.h"

namespace crm::contract {

struct ReversePayment {
  Uuid contract_id, payment_id;
  std::string reason;
};

// Takes payments back: what they paid is owed, and chased, again. Replies with the Payment. Items fail with
// CONTRACT_NOT_FOUND, PAYMENT_NOT_FOUND, PAYMENT_ALREADY_REVERSED.
std::vector<work::Outcome> ReversePayments(work::UnitOfWork& work,
                                           absl::Span<const work::Request<ReversePayment>> requests);

}  // namespace crm::contract
