#include "services/opportunity/clients/look_up.h"

#include <algorithm>
#include <array>

#include "absl/types/span.h"
#include "common/base/text.h"
#include "crm/customer/v1/customer_service.grpc.pb.h"
#include "crm/customer/v1/lead_service.grpc.pb.h"
#include "crm/directory/v1/directory_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "services/opportunity/clients/ask.h"

namespace crm::opportunity {
namespace {

namespace cv1 = crm::customer::v1;
namespace dv1 = crm::directory::v1;

using FoundByName = std::map<std::string, Peers::Found>;

constexpr int kNamesPerCall = 500;  // each is asked for as an external id and as a name: 1,000 at most
constexpr int kLeadsPerCall = 1000;
constexpr std::size_t kMaxExternalId = 200, kMaxName = 300;  // characters, as the customer service has it

Uuid IdOf(const std::string& id) { return Uuid::Parse(id).value_or(Uuid()); }

// Who is called how, in several ways: the first that leads to anybody counts.
template <std::size_t kWays>
class Called {
 public:
  void Add(std::size_t way, const std::string& key, const Peers::Found& who) {
    if (!key.empty()) by_key_[way][key].emplace(who.id, who);
  }
  void Find(const std::string& name, const std::array<std::string, kWays>& keys, FoundByName& found) const {
    for (std::size_t way = 0; way < kWays; ++way) {
      const auto namesakes = by_key_[way].find(keys[way]);
      if (namesakes == by_key_[way].end()) continue;
      Peers::Found one = namesakes->second.begin()->second;
      one.ambiguous = namesakes->second.size() > 1;
      found.emplace(name, std::move(one));
      return;
    }
  }

 private:
  std::array<std::map<std::string, std::map<Uuid, Peers::Found>>, kWays> by_key_;
};

absl::Status FindCustomers(cv1::CustomerService::Stub& stub, const work::Caller& caller,
                           absl::Span<const std::string> names, FoundByName& found) {
  cv1::BatchGetCustomersRequest request;
  for (const std::string& name : names) {
    if (text::Length(name) <= kMaxExternalId) request.add_external_ids(name);
    if (text::Length(name) <= kMaxName) request.add_names(name);
  }
  grpc::ClientContext context;
  SpeakFor(context, caller);
  cv1::BatchGetCustomersResponse response;
  const grpc::Status status = stub.BatchGetCustomers(&context, request, &response);
  if (!status.ok()) return Refused("the customer service", status);

  Called<3> called;
  for (const cv1::Customer& customer : response.customers()) {
    const Peers::Found one{IdOf(customer.id()), IdOf(customer.org_unit_id()), customer.name()};
    called.Add(0, customer.external_id(), one);
    called.Add(1, customer.name(), one);
    called.Add(2, text::CompanyKey(customer.name()), one);
  }
  for (const std::string& name : names) called.Find(name, {name, name, text::CompanyKey(name)}, found);
  return absl::OkStatus();
}

absl::Status FindLeads(cv1::LeadService::Stub& stub, const work::Caller& caller,
                       absl::Span<const std::string> external_ids, FoundByName& found) {
  cv1::BatchGetLeadsRequest request;
  for (const std::string& id : external_ids)
    if (text::Length(id) <= kMaxExternalId) request.add_external_ids(id);
  if (request.external_ids().empty()) return absl::OkStatus();
  grpc::ClientContext context;
  SpeakFor(context, caller);
  cv1::BatchGetLeadsResponse response;
  const grpc::Status status = stub.BatchGetLeads(&context, request, &response);
  if (!status.ok()) return Refused("the customer service", status);
  for (const cv1::Lead& lead : response.leads())
    found[lead.external_id()] = {IdOf(lead.id()), IdOf(lead.org_unit_id()), lead.company(),
                                 /*ambiguous=*/false, lead.source()};
  return absl::OkStatus();
}

// All of `names`, at most `per_call` at once. `find(stub, caller, names, found)` asks for some.
template <class Stub, class Find>
Peers::Lookup ByCalls(std::shared_ptr<Stub> stub, int per_call, Find find) {
  return
      [stub = std::move(stub), per_call, find](
          const work::Caller& caller, const std::vector<std::string>& names) -> absl::StatusOr<FoundByName> {
        FoundByName found;
        std::size_t at_once = per_call;
        for (auto rest = absl::MakeConstSpan(names); !rest.empty();) {
          const auto some = rest.subspan(0, at_once);
          absl::Status asked = find(*stub, caller, some, found);
          if (asked.ok()) {
            rest.remove_prefix(some.size());
          } else if (asked.code() == absl::StatusCode::kResourceExhausted && some.size() > 1) {
            at_once = some.size() / 2;  // all that people wrote about them does not fit into one answer
          } else {
            return asked;
          }
        }
        return found;
      };
}

}  // namespace

Peers::Lookup CustomersByName(const std::shared_ptr<grpc::Channel>& customer) {
  return ByCalls(std::shared_ptr(cv1::CustomerService::NewStub(customer)), kNamesPerCall, &FindCustomers);
}

Peers::Lookup LeadsByExternalId(const std::shared_ptr<grpc::Channel>& customer) {
  return ByCalls(std::shared_ptr(cv1::LeadService::NewStub(customer)), kLeadsPerCall, &FindLeads);
}

Peers::Lookup EmployeesByName(const std::shared_ptr<grpc::Channel>& customer) {
  const std::shared_ptr directory = dv1::DirectoryService::NewStub(customer);
  return [directory](const work::Caller& caller,
                     const std::vector<std::string>& names) -> absl::StatusOr<FoundByName> {
    FoundByName found;
    if (names.empty()) return found;
    Called<2> called;
    dv1::ListEmployeesRequest request;
    request.set_page_size(200);
    do {
      grpc::ClientContext context;
      SpeakFor(context, caller);
      dv1::ListEmployeesResponse page;
      const grpc::Status status = directory->ListEmployees(&context, request, &page);
      if (!status.ok()) return Refused("the directory", status);
      for (const dv1::Employee& employee : page.employees()) {
        const Peers::Found one{IdOf(employee.id()), IdOf(employee.org_unit_id()), employee.name()};
        called.Add(0, text::Normalise(employee.login()), one);
        called.Add(0, text::Normalise(employee.external_id()), one);
        called.Add(1, text::Normalise(employee.name()), one);
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    for (const std::string& name : names) {
      const std::string key = text::Normalise(name);
      called.Find(name, {key, key}, found);
    }
    return found;
  };
}

}  // namespace crm::opportunity
