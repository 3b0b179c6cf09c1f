#pragma once
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/strings/substitute.h"
#include "common/base/uuid.h"
#include "google/protobuf/message.h"
#include "grpcpp/grpcpp.h"
#include "tests/support/suite.h"

namespace crm::testing {

// Somebody who calls the suite: with a token, over gRPC straight to a service or as JSON through the gateway.
// Requests are written as text protos; a request_id that is not given is made. Whatever is refused fails the
// test, unless the refusal is what was asked for.
class Person {
 public:
  Person(const Suite& suite, const Uuid& id, const std::vector<std::string>& permissions = {"*"})
      : suite_(suite), token_(suite.Token(permissions, id)) {}

  // rep.Asks(&LeadService::Stub::GetLead, R"(id: "$0")", lead_id)
  template <class Stub, class Request, class Response, class... Values>
  Response Asks(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                const char* text, const Values&... values) const {
    Response response;
    const grpc::Status status = Call(method, absl::Substitute(text, values...), response);
    EXPECT_TRUE(status.ok()) << Request::descriptor()->full_name() << " {"
                             << absl::Substitute(text, values...) << "}: " << status.error_message();
    return response;
  }

  // The same when a refusal is expected: its stable reason ("MISSING_GATES"), empty when there was none.
  template <class Stub, class Request, class Response, class... Values>
  std::string IsRefused(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                        const char* text, const Values&... values) const {
    Response response;
    return ReasonOf(Call(method, absl::Substitute(text, values...), response));
  }

  // Asks until `holds(response)`, refusals included; fails the test when it never does.
  template <class Stub, class Request, class Response, class Holds>
  Response Awaits(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                  const std::string& text, Holds holds) const {
    Response response;
    const bool came_true = Eventually([&] { return Call(method, text, response).ok() && holds(response); });
    EXPECT_TRUE(came_true) << Request::descriptor()->full_name() << " {" << text
                           << "} never came true; last answer: " << response.ShortDebugString();
    return response;
  }

  // Repeats one request, under one request_id, until it is acknowledged by an answer that holds, as a polite
  // client does while servers are killed: straight to the service or, where there is a path, as JSON through
  // the gateway. Nothing when `gives_up()`, which is asked before each attempt, comes true first.
  template <class Stub, class Request, class Response, class GivesUp, class Holds>
  std::optional<Response> Insists(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                               Response*),
                                  const std::string& path, const std::string& text, GivesUp gives_up,
                                  Holds holds) const {
    Request request;
    Fill(request, text);
    for (Response response; !gives_up(); std::this_thread::sleep_for(std::chrono::milliseconds(20))) {
      const bool answered =
          path.empty() ? Call(method, request, response, kAttempt).ok() : IsAnswered(path, request, response);
      if (answered && holds(response)) return response;
    }
    return std::nullopt;
  }

  // Through the gateway: web.Posts<AcceptQuoteRequest, AcceptQuoteResponse>("/v1/quotes/…:accept", R"(…)")
  template <class Request, class Response>
  Response Posts(const std::string& path, const std::string& text) const {
    Request request;
    Fill(request, text);
    return Read<Response>("POST", path, Json(request), "application/json");
  }
  template <class Response>
  Response Gets(const std::string& path) const {
    return Read<Response>("GET", path, "", "");
  }
  // Sends a file as it is.
  template <class Response>
  Response Uploads(const std::string& path, const std::string& file) const {
    return Read<Response>("POST", path, file, "text/csv");
  }

 private:
  static constexpr std::chrono::seconds kAttempt{2};  // of somebody who will ask again

  static bool Eventually(const std::function<bool()>& holds);
  static void Fill(google::protobuf::Message& request, const std::string& text);
  static std::string Json(const google::protobuf::Message& request);
  static std::string ReasonOf(const grpc::Status& status);
  // Which process serves the package of a request.
  static std::string ProcessOf(const google::protobuf::Descriptor& request);
  std::shared_ptr<grpc::Channel> Channel(const std::string& process) const;
  void Read(const std::string& verb, const std::string& path, const std::string& body,
            const std::string& type, google::protobuf::Message& response) const;
  // One attempt, like Call.
  bool IsAnswered(const std::string& path, const google::protobuf::Message& request,
                  google::protobuf::Message& response) const;

  template <class Response>
  Response Read(const std::string& verb, const std::string& path, const std::string& body,
                const std::string& type) const {
    Response response;
    Read(verb, path, body, type, response);
    return response;
  }

  template <class Stub, class Request, class Response>
  grpc::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const std::string& text, Response& response) const {
    Request request;
    Fill(request, text);
    return Call(method, request, response, std::chrono::seconds(10));
  }
  template <class Stub, class Request, class Response>
  grpc::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response& response, std::chrono::seconds patience) const {
    Stub stub(Channel(ProcessOf(*Request::descriptor())));
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + token_);
    context.set_deadline(std::chrono::system_clock::now() + patience);
    response.Clear();
    return (stub.*method)(&context, request, &response);
  }

  const Suite& suite_;
  const std::string token_;
  mutable std::map<std::string, std::shared_ptr<grpc::Channel>> channels_;
};

}  // namespace crm::testing
