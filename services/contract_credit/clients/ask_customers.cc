#include "services/contract_credit/clients/ask_customers.h"

#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "common/status/to_grpc.h"
#include "crm/customer/v1/customer_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"

namespace crm::contract {
namespace {

CustomerReference ToReference(const crm::customer::v1::Customer& customer) {
  return {Uuid::Parse(customer.id()).value_or(Uuid()), customer.name(),
          Uuid::Parse(customer.owner_id()).value_or(Uuid()),
          Uuid::Parse(customer.org_unit_id()).value_or(Uuid()), customer.time_zone()};
}

}  // namespace

AskCustomers AskOver(std::shared_ptr<grpc::Channel> customer, std::string own_token) {
  const std::shared_ptr stub = crm::customer::v1::CustomerService::NewStub(customer);
  return [stub, own_token = std::move(own_token)](
             const work::Caller& caller,
             const std::vector<Uuid>& ids) -> absl::StatusOr<std::vector<CustomerReference>> {
    grpc::ClientContext context;
    const std::string& token = caller.principal->token;
    context.AddMetadata("authorization", "Bearer " + (token.empty() ? own_token : token));
    if (!caller.traceparent.empty()) context.AddMetadata("traceparent", caller.traceparent);
    context.set_deadline(absl::ToChronoTime(std::min(caller.deadline, absl::Now() + absl::Seconds(5))));
    crm::customer::v1::BatchGetCustomersRequest request;
    for (const Uuid& id : ids) request.add_ids(id.ToString());
    crm::customer::v1::BatchGetCustomersResponse response;
    const grpc::Status status = stub->BatchGetCustomers(&context, request, &response);
    if (status.error_code() == grpc::StatusCode::UNAVAILABLE)
      return errors::Unavailable("PEER_UNAVAILABLE", "the customer service cannot be asked now");
    if (!status.ok()) return FromGrpc(status);
    std::vector<CustomerReference> customers;
    for (const auto& found : response.customers()) customers.push_back(ToReference(found));
    return customers;
  };
}

}  // namespace crm::contract
