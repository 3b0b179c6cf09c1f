#pragma once
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/coalescer.h"
#include "common/rpc/context.h"
#include "common/rpc/executor.h"
#include "google/protobuf/message.h"

// What surrounds every handler is in unary_call.h: token, permission, deadline, error mapping, metrics, one
// log line. Here are the four ways in which a unary method reaches its use case. A service's rpc/ room binds
// each method with one of them and writes nothing but conversions.
namespace crm::rpc {

template <class Response>
using Reply = std::function<void(absl::StatusOr<Response>)>;

template <class Request, class Response>
struct Handler {
  std::function<void(const Context&, const Request&, Reply<Response>)> run;
  bool cancellable = false;  // what it reads is ended when its caller leaves
};

// The same without the types. The answer's second part is null when the first is an error.
struct AnyHandler {
  using Message = google::protobuf::Message;
  using Answer = std::function<void(const absl::Status&, const Message*)>;
  std::function<void(const Context&, const Message&, Answer)> run;
  bool cancellable = false;
};
template <class Request, class Response>
AnyHandler Any(Handler<Request, Response> handler) {
  return {[run = std::move(handler.run)](const Context& context, const google::protobuf::Message& request,
                                         AnyHandler::Answer answer) {
            run(context, static_cast<const Request&>(request),
                [answer = std::move(answer)](absl::StatusOr<Response> reply) {
                  answer(reply.status(), reply.ok() ? &*reply : nullptr);
                });
          },
          handler.cancellable};
}

// A write's coalescer: commands in, encoded replies out (work::Outcome).
template <class Command>
using WriteCoalescer = Coalescer<Command, std::string>;

namespace internal {
template <class Request, class Response, class Command, class Target>
Handler<Request, Response> WriteInto(WriteCoalescer<Command>& coalescer,
                                     absl::StatusOr<Command> (*to_command)(const Request&), Target target) {
  return {[&coalescer, to_command, target](const Context& context, const Request& request,
                                           Reply<Response> reply) {
    absl::StatusOr<Command> command = to_command(request);
    if (absl::Status bad = CheckWrite(request.request_id(), request, command.status()); !bad.ok())
      return reply(std::move(bad));
    coalescer.Submit({context.caller, *std::move(command), KeyOf(context, request.request_id(), request)},
                     [target, reply = std::move(reply)](work::Outcome outcome) {
                       if (!outcome.ok()) return reply(outcome.status());
                       Response response;
                       target(response).ParseFromString(*outcome);
                       reply(std::move(response));
                     });
  }};
}
}  // namespace internal

// A write. `to_command`: Request → StatusOr<Command>, every violation at once. The stored reply is the
// encoded message that `entity` (a pointer to Response::mutable_x) names, so a repetition gets the same
// bytes.
template <class Request, class Response, class Command, class Entity>
Handler<Request, Response> Write(WriteCoalescer<Command>& coalescer,
                                 absl::StatusOr<Command> (*to_command)(const Request&),
                                 Entity* (Response::*entity)()) {
  return internal::WriteInto<Request, Response>(
      coalescer, to_command,
      [entity](Response& response) -> google::protobuf::Message& { return *(response.*entity)(); });
}

// The same for a response of several parts: the codec encodes the Response itself.
template <class Response, class Request, class Command>
Handler<Request, Response> WriteWhole(WriteCoalescer<Command>& coalescer,
                                      absl::StatusOr<Command> (*to_command)(const Request&)) {
  return internal::WriteInto<Request, Response>(
      coalescer, to_command, [](Response& response) -> google::protobuf::Message& { return response; });
}

// A write of several items in one call, each with its own request_id and its own outcome. `items`: the
// request's repeated field; `add(response, outcome)` appends one item's result.
template <class Request, class Response, class Item, class Command>
Handler<Request, Response> WriteBatch(WriteCoalescer<Command>& coalescer,
                                      const google::protobuf::RepeatedPtrField<Item>& (Request::*items)()
                                          const,
                                      absl::StatusOr<Command> (*to_command)(const Item&),
                                      void (*add)(Response&, const work::Outcome&)) {
  return {[&coalescer, items, to_command, add](const Context& context, const Request& request,
                                               Reply<Response> reply) {
    struct Gathering {
      std::atomic<int> missing;
      std::vector<work::Outcome> outcomes;
      Reply<Response> reply;
    };
    const auto& all = (request.*items)();
    auto gathering = std::make_shared<Gathering>();
    gathering->missing = all.size() + 1;
    gathering->outcomes.resize(static_cast<std::size_t>(all.size()), work::Outcome(std::string()));
    gathering->reply = std::move(reply);
    const auto arrived = [gathering, add] {
      if (--gathering->missing > 0) return;
      Response response;
      for (const work::Outcome& outcome : gathering->outcomes) add(response, outcome);
      gathering->reply(std::move(response));
    };
    for (int i = 0; i < all.size(); ++i) {
      absl::StatusOr<Command> command = to_command(all[i]);
      work::Outcome& outcome = gathering->outcomes[static_cast<std::size_t>(i)];
      if (absl::Status bad = CheckWrite(all[i].request_id(), all[i], command.status()); !bad.ok()) {
        outcome = std::move(bad);
        arrived();
        continue;
      }
      coalescer.Submit({context.caller, *std::move(command), KeyOf(context, all[i].request_id(), all[i])},
                       [&outcome, arrived](work::Outcome result) {
                         outcome = std::move(result);
                         arrived();
                       });
    }
    arrived();
  }};
}

// A get: calls waiting at the same moment are answered by one statement. `to_query`: Request →
// StatusOr<Query>; `to_proto`: Result → Response.
template <class Request, class Response, class Query, class Result>
Handler<Request, Response> Read(Coalescer<Query, Result>& coalescer,
                                absl::StatusOr<Query> (*to_query)(const Request&),
                                Response (*to_proto)(const Result&)) {
  return {[&coalescer, to_query, to_proto](const Context& context, const Request& request,
                                           Reply<Response> reply) {
    absl::StatusOr<Query> query = to_query(request);
    if (absl::Status bad = CheckRead(request, query.status()); !bad.ok()) return reply(std::move(bad));
    coalescer.Submit({context.caller, *std::move(query), {}},
                     [to_proto, reply = std::move(reply)](absl::StatusOr<Result> result) {
                       if (!result.ok()) return reply(result.status());
                       reply(to_proto(*result));
                     });
  }};
}

// A list, search or report: runs alone on `executor`, and is ended in PostgreSQL when its caller leaves.
template <class Request, class Response>
Handler<Request, Response> Alone(
    Executor& executor, std::function<absl::StatusOr<Response>(const Context&, const Request&)> run) {
  const auto submit = [&executor, run = std::move(run)](const Context& context, const Request& request,
                                                        Reply<Response> reply) {
    if (absl::Status bad = CheckRead(request, absl::OkStatus()); !bad.ok()) return reply(std::move(bad));
    // `request` lives until `reply` has been called.
    const bool taken = executor.Submit([&run, context, &request, reply] {
      const db::Cancellation::Scope scope(*context.cancellation);
      reply(run(context, request));
    });
    if (!taken) reply(errors::Overloaded(absl::Milliseconds(200)));
  };
  return {submit, /*cancellable=*/true};
}

}  // namespace crm::rpc
