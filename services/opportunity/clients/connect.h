#pragma once
#include <memory>

#include "services/opportunity/clients/peers.h"

namespace grpc {
class Channel;
}

namespace crm::opportunity {

// Peers over gRPC: customers, leads and employees from the customer service, contracts from the contract
// service.
Peers Connect(std::shared_ptr<grpc::Channel> customer, std::shared_ptr<grpc::Channel> contract_credit);

}  // namespace crm::opportunity
