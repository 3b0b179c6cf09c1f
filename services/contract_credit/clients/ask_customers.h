#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/work/batch.h"
#include "services/contract_credit/domain/customer_reference.h"

namespace grpc {
class Channel;
}

namespace crm::contract {

// Asks the customer service which of `ids` there are, as far as the caller may see them: for a whole set,
// before its transaction opens, with the caller's token, or this service's own where an event is the cause.
// Answers those, or why it could not be asked
// (UNAVAILABLE, DEADLINE_EXCEEDED, PERMISSION_DENIED). Thread safe.
using AskCustomers = std::function<absl::StatusOr<std::vector<CustomerReference>>(
    const work::Caller& caller, const std::vector<Uuid>& ids)>;

AskCustomers AskOver(std::shared_ptr<grpc::Channel> customer, std::string own_token);

}  // namespace crm::contract
