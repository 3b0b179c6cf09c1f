#include "services/opportunity/clients/connect.h"

#include <algorithm>

#include "crm/contract/v1/contract_service.grpc.pb.h"
#include "crm/customer/v1/customer_service.grpc.pb.h"
#include "crm/customer/v1/lead_service.grpc.pb.h"
#include "crm/directory/v1/directory_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "services/opportunity/clients/ask.h"
#include "services/opportunity/clients/look_up.h"

namespace crm::opportunity {
namespace {

namespace cv1 = crm::customer::v1;
namespace dv1 = crm::directory::v1;
namespace kv1 = crm::contract::v1;

constexpr int kIdsPerCall = 500;

// All of `ids` at once: they wait together, and the other side answers them as one set. `call(context, id,
// response, queue)` starts one; what is NOT_FOUND is left out.
template <class Response, class Start, class NameOf>
absl::StatusOr<Peers::Names> GetEach(const char* whom, const work::Caller& caller,
                                     const std::vector<Uuid>& ids, Start start, NameOf name_of) {
  struct Call {
    grpc::ClientContext context;
    Response response;
    grpc::Status status;
    std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> reader;
  };
  grpc::CompletionQueue queue;
  std::vector<std::unique_ptr<Call>> calls;
  for (const Uuid& id : ids) {
    auto& call = calls.emplace_back(std::make_unique<Call>());
    SpeakFor(call->context, caller);
    call->reader = start(call->context, id.ToString(), queue);
    call->reader->Finish(&call->response, &call->status, call.get());
  }
  void* tag = nullptr;
  bool ok = false;
  for (std::size_t i = 0; i < calls.size(); ++i) queue.Next(&tag, &ok);
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
  Peers::Names names;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (calls[i]->status.ok())
      names[ids[i]] = name_of(calls[i]->response);
    else if (calls[i]->status.error_code() != grpc::StatusCode::NOT_FOUND)
      return Refused(whom, calls[i]->status);
  }
  return names;
}

absl::StatusOr<Peers::Names> CustomerNames(cv1::CustomerService::Stub& stub, const work::Caller& caller,
                                           const std::vector<Uuid>& ids) {
  Peers::Names names;
  for (std::size_t from = 0; from < ids.size(); from += kIdsPerCall) {
    cv1::BatchGetCustomersRequest request;
    for (std::size_t i = from; i < std::min(ids.size(), from + kIdsPerCall); ++i)
      request.add_ids(ids[i].ToString());
    grpc::ClientContext context;
    SpeakFor(context, caller);
    cv1::BatchGetCustomersResponse response;
    const grpc::Status status = stub.BatchGetCustomers(&context, request, &response);
    if (!status.ok()) return Refused("the customer service", status);
    for (const cv1::Customer& customer : response.customers())
      names[Uuid::Parse(customer.id()).value_or(Uuid())] = customer.name();
  }
  return names;
}

}  // namespace

Peers Connect(std::shared_ptr<grpc::Channel> customer, std::shared_ptr<grpc::Channel> contract_credit) {
  const std::shared_ptr customers = cv1::CustomerService::NewStub(customer);
  const std::shared_ptr leads = cv1::LeadService::NewStub(customer);
  const std::shared_ptr directory = dv1::DirectoryService::NewStub(customer);
  const std::shared_ptr contracts = kv1::ContractService::NewStub(contract_credit);
  Peers peers;
  peers.customers = [customers](const auto& caller, const auto& ids) {
    return CustomerNames(*customers, caller, ids);
  };
  peers.leads = [leads](const work::Caller& caller, const std::vector<Uuid>& ids) {
    return GetEach<cv1::GetLeadResponse>(
        "the customer service", caller, ids,
        [&](grpc::ClientContext& context, const std::string& id, grpc::CompletionQueue& queue) {
          cv1::GetLeadRequest request;
          request.set_id(id);
          return leads->AsyncGetLead(&context, request, &queue);
        },
        [](const cv1::GetLeadResponse& response) { return response.lead().company(); });
  };
  peers.contracts = [contracts](const work::Caller& caller, const std::vector<Uuid>& ids) {
    return GetEach<kv1::GetContractResponse>(
        "the contract service", caller, ids,
        [&](grpc::ClientContext& context, const std::string& id, grpc::CompletionQueue& queue) {
          kv1::GetContractRequest request;
          request.set_id(id);
          return contracts->AsyncGetContract(&context, request, &queue);
        },
        [](const kv1::GetContractResponse&) { return std::string(); });
  };
  peers.employees = [directory](const work::Caller& caller, const std::vector<Uuid>& ids) {
    return GetEach<dv1::GetEmployeeResponse>(
        "the directory", caller, ids,
        [&](grpc::ClientContext& context, const std::string& id, grpc::CompletionQueue& queue) {
          dv1::GetEmployeeRequest request;
          request.set_id(id);
          return directory->AsyncGetEmployee(&context, request, &queue);
        },
        [](const dv1::GetEmployeeResponse& response) { return response.employee().name(); });
  };
  peers.org_units = [directory](const work::Caller& caller, const std::vector<Uuid>& ids) {
    return GetEach<dv1::GetOrgUnitResponse>(
        "the directory", caller, ids,
        [&](grpc::ClientContext& context, const std::string& id, grpc::CompletionQueue& queue) {
          dv1::GetOrgUnitRequest request;
          request.set_id(id);
          return directory->AsyncGetOrgUnit(&context, request, &queue);
        },
        [](const dv1::GetOrgUnitResponse& response) { return response.org_unit().name(); });
  };
  peers.customers_by_name = CustomersByName(customer);
  peers.employees_by_name = EmployeesByName(customer);
  peers.leads_by_external_id = LeadsByExternalId(customer);
  return peers;
}

}  // namespace crm::opportunity
