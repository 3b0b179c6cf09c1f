#pragma once
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "tests/support/http.h"
#include "tests/support/suite.h"

namespace crm::testing {

// What somebody is told who is refused, over gRPC and over JSON alike.
struct Refusal {
  std::string code;                 // "INVALID_ARGUMENT"; "OK": nothing was refused
  std::string reason;               // of the whole: "INVALID_FIELDS", "STALE_ETAG"
  std::vector<std::string> faults;  // each with its field: "customer.name REQUIRED"
};
Refusal RefusalOf(const grpc::Status& status);
Refusal RefusalOf(const HttpResponse& response);

// A row of a table of bad input. A name with a dollar sign stands for an id or a text: BadInput::Expand.
struct Row {
  const char* method;   // "CustomerService.CreateCustomer"
  const char* request;  // text proto
  const char* code;
  const char* field;  // empty: the error is not about one field
  const char* reason;
};

inline constexpr char kInvalid[] = "INVALID_ARGUMENT", kNotFound[] = "NOT_FOUND", kAborted[] = "ABORTED",
                      kPrecondition[] = "FAILED_PRECONDITION", kExists[] = "ALREADY_EXISTS";

// The real processes and a small enterprise in them: people, customers and leads, deals in every state, and a
// contract in force.
class BadInput : public ::testing::Test {
 public:
  static void SetUpTestSuite();  // once for all themes
  static void End() { suite_.reset(); }

 protected:
  using Message = google::protobuf::Message;
  using MethodDescriptor = google::protobuf::MethodDescriptor;

  static const Suite& suite() { return *suite_; }
  // Puts what they stand for in the place of names with a dollar sign: $customer, $won, $nobody, $long …
  static std::string Expand(const std::string& text);

  // Each row is refused by code, field and reason, and changes nothing. A field is named by its path in the
  // request.
  static void ExpectRefused(absl::Span<const Row> rows);
  // The same of one call: `field` and `reason` are among its faults.
  static void ExpectRefused(const Refusal& refusal, const std::string& code, const std::string& field,
                            const std::string& reason);

  // Every field that is named is one of the request, unless it is one of the record that stands in the way.
  static void ExpectNamesFieldsOf(const google::protobuf::Descriptor& request, const Refusal& refusal);

  // The rule of "nothing has changed": the rows of every table of every service, and the events of every
  // type, are those that they were, once all that happened before has been heard by everybody. Left out are
  // the leases and positions of the processes themselves, and what has one of `but_for` in its name.
  static void ExpectUnchanged(const std::function<void()>& run, const std::vector<std::string>& but_for = {});

  // Every event is sent and heard by whoever hears it, and no job is due.
  static void Settle();

  static const MethodDescriptor* Find(const std::string& method);
  // Every unary method of every service.
  static std::vector<const MethodDescriptor*> UnaryMethods();
  static std::unique_ptr<Message> New(const google::protobuf::Descriptor* type);
  // Gives a write a request_id of its own, unless it has one.
  static void AddRequestId(Message& request);
  static grpc::Status Call(const MethodDescriptor& method, const Message& request,
                           const std::string& authorization, Message* answer = nullptr);
  // "Bearer …" of always the same person, who may do everything.
  static const std::string& Bearer() { return bearer_; }

  using Parameters = std::map<std::string, std::string>;
  static std::string Target(const std::string& path, const Parameters& parameters);
  static HttpResponse Upload(const std::string& path, const Parameters& parameters, const std::string& bytes);

  // A request that must succeed; answers what `field` of the first message in its response holds.
  static std::string Make(const std::string& method, const std::string& text,
                          const std::string& field = "id");
  static constexpr char kLongValid[] = "valid_until_date: '2099-12-31' ";
  // A quote over 100.01 for a new deal that meets every gate, $deal. `terms`: more of the quote.
  static std::string Offer(const std::string& terms = kLongValid);
  // The draft that the event of an accepted quote makes; the quote is $accepted, its deal $won.
  static std::string Contract(const std::string& terms = kLongValid);
  // Names an id or a text.
  static void Name(const std::string& name, const std::string& value) { world_[name] = value; }

 private:
  static void MakeCustomers();
  static void MakeDeals();
  static void MakeContracts();
  static std::vector<std::string> State();
  static bool Settled();

  static inline std::unique_ptr<Suite> suite_;
  static inline std::string bearer_;
  static inline std::map<std::string, std::string> world_;
};

}  // namespace crm::testing
