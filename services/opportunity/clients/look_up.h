#pragma once
#include <memory>

#include "services/opportunity/clients/peers.h"

namespace grpc {
class Channel;
}

// Names as people write them in files → who that is; see Peers. Names that the other side would refuse, since
// nobody can be called so, are not sent.
namespace crm::opportunity {

// By external id; else the only one of this name; else the only one whose name is the same but for its legal
// form, case, width and punctuation.
Peers::Lookup CustomersByName(const std::shared_ptr<grpc::Channel>& customer);

// By login or external id; else the only one of this name. Case and width do not matter.
Peers::Lookup EmployeesByName(const std::shared_ptr<grpc::Channel>& customer);

// By external id alone: leads have no name that is only theirs.
Peers::Lookup LeadsByExternalId(const std::shared_ptr<grpc::Channel>& customer);

}  // namespace crm::opportunity
