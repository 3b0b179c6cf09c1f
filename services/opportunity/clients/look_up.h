#pragma once
#include "crm/customer/v1/customer_service.grpc.pb.h"
#include "crm/directory/v1/directory_service.grpc.pb.h"
#include "services/opportunity/clients/peers.h"

// Names as people write them in files → who that is; see Peers. Names that the other side would refuse, since
// nobody can be called so, are not sent.
namespace crm::opportunity {

// By external id; else the only one of this name; else the only one whose name is the same but for its legal
// form, case, width and punctuation.
Peers::Lookup CustomersByName(std::shared_ptr<crm::customer::v1::CustomerService::Stub> customers);

// By login or external id; else the only one of this name. Case and width do not matter.
Peers::Lookup EmployeesByName(std::shared_ptr<crm::directory::v1::DirectoryService::Stub> directory);

}  // namespace crm::opportunity
