#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/customer/domain/follow_up.h"

namespace grpc {
class Channel;
}

namespace crm::customer {

// The plans for these leads that the opportunity service knows of, the oldest first. A lead without any has
// an empty entry; one without an entry could not be asked about. Blocks for a second at most: asked before a
// transaction, never inside one.
using FindPlans = std::function<std::map<Uuid, std::vector<FollowUpPlan>>(const std::vector<Uuid>& lead_ids)>;

// Asks over gRPC, as the service that `token` names.
FindPlans FindPlansOver(std::shared_ptr<grpc::Channel> opportunity, std::string token);

}  // namespace crm::customer
