#include "services/opportunity/clients/connect.h"

#include "absl/time/clock.h"
#include "common/base/text.h"
#include "common/status/errors.h"
#include "common/status/to_grpc.h"
#include "crm/contract/v1/contract_service.grpc.pb.h"
#include "crm/customer/v1/customer_service.grpc.pb.h"
#include "crm/customer/v1/lead_service.grpc.pb.h"
#include "crm/directory/v1/directory_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"

namespace crm::opportunity {
namespace {

namespace cv1 = crm::customer::v1;
namespace dv1 = crm::directory::v1;
namespace kv1 = crm::contract::v1;

constexpr int kIdsPerCall = 500;

void Prepare(grpc::ClientContext& context, const work::Caller& caller) {
  context.AddMetadata("authorization", "Bearer " + caller.principal->token);
  if (!caller.traceparent.empty()) context.AddMetadata("traceparent", caller.traceparent);
  context.set_deadline(absl::ToChronoTime(std::min(caller.deadline, absl::Now() + absl::Seconds(5))));
}

absl::Status Refused(const char* whom, const grpc::Status& status) {
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE)
    return errors::Unavailable("PEER_UNAVAILABLE", std::string(whom) + " cannot be asked now");
  return FromGrpc(status);
}

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
    Prepare(call->context, caller);
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

Peers::Found ToFound(const cv1::Customer& customer) {
  return {Uuid::Parse(customer.id()).value_or(Uuid()), Uuid::Parse(customer.org_unit_id()).value_or(Uuid()),
          customer.name()};
}

absl::StatusOr<cv1::BatchGetCustomersResponse> BatchGet(cv1::CustomerService::Stub& stub,
                                                        const work::Caller& caller,
                                                        const cv1::BatchGetCustomersRequest& request) {
  grpc::ClientContext context;
  Prepare(context, caller);
  cv1::BatchGetCustomersResponse response;
  const grpc::Status status = stub.BatchGetCustomers(&context, request, &response);
  if (!status.ok()) return Refused("the customer service", status);
  return response;
}

absl::StatusOr<Peers::Names> CustomerNames(cv1::CustomerService::Stub& stub, const work::Caller& caller,
                                           const std::vector<Uuid>& ids) {
  Peers::Names names;
  for (std::size_t from = 0; from < ids.size(); from += kIdsPerCall) {
    cv1::BatchGetCustomersRequest request;
    for (std::size_t i = from; i < std::min(ids.size(), from + kIdsPerCall); ++i)
      request.add_ids(ids[i].ToString());
    const auto response = BatchGet(stub, caller, request);
    if (!response.ok()) return response.status();
    for (const cv1::Customer& customer : response->customers())
      names[Uuid::Parse(customer.id()).value_or(Uuid())] = customer.name();
  }
  return names;
}

// The customer whose name is the same but for its legal form, case, width and punctuation.
absl::StatusOr<std::optional<Peers::Found>> SearchByName(cv1::CustomerService::Stub& stub,
                                                         const work::Caller& caller,
                                                         const std::string& name) {
  grpc::ClientContext context;
  Prepare(context, caller);
  cv1::SearchCustomersRequest request;
  request.set_query(name);
  cv1::SearchCustomersResponse response;
  const grpc::Status status = stub.SearchCustomers(&context, request, &response);
  if (status.error_code() == grpc::StatusCode::INVALID_ARGUMENT)
    return std::nullopt;  // too short to be searched
  if (!status.ok()) return Refused("the customer service", status);
  for (const cv1::Customer& customer : response.customers())
    if (text::CompanyKey(customer.name()) == text::CompanyKey(name)) return ToFound(customer);
  return std::nullopt;
}

absl::StatusOr<std::map<std::string, Peers::Found>> CustomersByName(cv1::CustomerService::Stub& stub,
                                                                    const work::Caller& caller,
                                                                    const std::vector<std::string>& names) {
  std::map<std::string, Peers::Found> found;
  cv1::BatchGetCustomersRequest request;
  for (const std::string& name : names)
    if (!name.empty() && name.size() <= 200) request.add_external_ids(name);
  if (request.external_ids().empty()) return found;
  const auto response = BatchGet(stub, caller, request);
  if (!response.ok()) return response.status();
  for (const cv1::Customer& customer : response->customers())
    found[customer.external_id()] = ToFound(customer);
  for (const std::string& name : names) {
    if (name.empty() || found.contains(name)) continue;
    const auto match = SearchByName(stub, caller, name);
    if (!match.ok()) return match.status();
    if (*match) found[name] = **match;
  }
  return found;
}

absl::StatusOr<std::map<std::string, Peers::Found>> EmployeesByName(dv1::DirectoryService::Stub& stub,
                                                                    const work::Caller& caller,
                                                                    const std::vector<std::string>& names) {
  std::map<std::string, Peers::Found> by_key, found;
  if (names.empty()) return found;
  dv1::ListEmployeesRequest request;
  request.set_page_size(200);
  do {
    grpc::ClientContext context;
    Prepare(context, caller);
    dv1::ListEmployeesResponse page;
    const grpc::Status status = stub.ListEmployees(&context, request, &page);
    if (!status.ok()) return Refused("the directory", status);
    for (const dv1::Employee& employee : page.employees()) {
      const Peers::Found one{Uuid::Parse(employee.id()).value_or(Uuid()),
                             Uuid::Parse(employee.org_unit_id()).value_or(Uuid()), employee.name()};
      for (const std::string& key : {employee.name(), employee.login(), employee.external_id()})
        if (!key.empty()) by_key.emplace(text::Normalise(key), one);
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  for (const std::string& name : names)
    if (const auto match = by_key.find(text::Normalise(name)); match != by_key.end())
      found[name] = match->second;
  return found;
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
  peers.customers_by_name = [customers](const auto& caller, const auto& names) {
    return CustomersByName(*customers, caller, names);
  };
  peers.employees_by_name = [directory](const auto& caller, const auto& names) {
    return EmployeesByName(*directory, caller, names);
  };
  return peers;
}

}  // namespace crm::opportunity
