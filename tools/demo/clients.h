#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "crm/analytics/v1/analytics_service.grpc.pb.h"
#include "crm/contract/v1/contract_service.grpc.pb.h"
#include "crm/contract/v1/credit_service.grpc.pb.h"
#include "crm/customer/v1/customer_service.grpc.pb.h"
#include "crm/customer/v1/import_service.grpc.pb.h"
#include "crm/customer/v1/lead_service.grpc.pb.h"
#include "crm/directory/v1/directory_service.grpc.pb.h"
#include "crm/opportunity/v1/activity_service.grpc.pb.h"
#include "crm/opportunity/v1/notification_service.grpc.pb.h"
#include "crm/opportunity/v1/opportunity_service.grpc.pb.h"
#include "crm/opportunity/v1/product_service.grpc.pb.h"
#include "crm/opportunity/v1/quote_service.grpc.pb.h"
#include "crm/opportunity/v1/sales_process_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"

namespace crm::demo {

// A call that was refused; what() names the method, the code and the words of the server.
class Refused : public std::runtime_error {
 public:
  explicit Refused(const grpc::Status& status)
      : std::runtime_error(absl::StrCat(status.error_message(), " (code ", status.error_code(), ")")),
        code(status.error_code()) {}
  const grpc::StatusCode code;
};

struct Addresses {
  std::string customer, opportunity, contract_credit, analytics;
};

// Stubs of the public API. Thread safe.
struct Clients {
  explicit Clients(const Addresses& addresses);

  std::unique_ptr<directory::v1::DirectoryService::Stub> directory;
  std::unique_ptr<customer::v1::LeadService::Stub> leads;
  std::unique_ptr<customer::v1::ImportService::Stub> imports;
  std::unique_ptr<customer::v1::CustomerService::Stub> customers;
  std::unique_ptr<opportunity::v1::OpportunityService::Stub> opportunities;
  std::unique_ptr<opportunity::v1::ActivityService::Stub> activities;
  std::unique_ptr<opportunity::v1::NotificationService::Stub> notifications;
  std::unique_ptr<opportunity::v1::ProductService::Stub> products;
  std::unique_ptr<opportunity::v1::QuoteService::Stub> quotes;
  std::unique_ptr<opportunity::v1::SalesProcessService::Stub> processes;
  std::unique_ptr<contract::v1::ContractService::Stub> contracts;
  std::unique_ptr<contract::v1::CreditService::Stub> credit;
  std::unique_ptr<analytics::v1::AnalyticsService::Stub> analytics;
};

// Calls with `token`. What may pass by itself (overload, a service that restarts, an edit that came between)
// is tried again; every write carries a request_id, so a repetition changes nothing. Throws Refused.
template <class Stub, class Request, class Response>
Response Call(const std::unique_ptr<Stub>& stub,
              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
              const std::string& token, const std::type_identity_t<Request>& request) {
  for (int attempt = 1;; ++attempt) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    context.AddMetadata("authorization", "Bearer " + token);
    Response response;
    const grpc::Status status = (stub.get()->*method)(&context, request, &response);
    if (status.ok()) return response;
    const auto code = status.error_code();
    const bool passing = code == grpc::StatusCode::UNAVAILABLE ||
                         code == grpc::StatusCode::RESOURCE_EXHAUSTED || code == grpc::StatusCode::ABORTED;
    if (!passing || attempt == 8)
      throw Refused(
          grpc::Status(code, absl::StrCat(Request::descriptor()->name(), ": ", status.error_message())));
    std::this_thread::sleep_for(std::chrono::milliseconds(50 << attempt));
  }
}

// Polls `look` until it is true; throws with `what` when it stays false for `seconds`.
template <class Look>
void Await(const std::string& what, int seconds, Look look) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (!look()) {
    if (std::chrono::steady_clock::now() > until)
      throw std::runtime_error(
          absl::StrCat(what, " did not happen within ", seconds, " s; ./crm status and ./crm logs say more"));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace crm::demo
