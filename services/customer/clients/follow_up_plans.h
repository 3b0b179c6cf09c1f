#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace grpc {
class Channel;
}

namespace crm::customer {

// An activity that somebody has planned for a lead.
struct Plan {
  Uuid activity_id;
  absl::Time committed;  // when it was recorded
};

// The plans for these leads that the opportunity service knows of, the oldest first; what it cannot be asked
// for now is left out. Blocks for a second at most: asked before a transaction, never inside one.
using FindPlans = std::function<std::map<Uuid, std::vector<Plan>>(const std::vector<Uuid>& lead_ids)>;

// Asks over gRPC, as the service that `token` names.
FindPlans FindPlansOver(std::shared_ptr<grpc::Channel> opportunity, std::string token);

}  // namespace crm::customer
