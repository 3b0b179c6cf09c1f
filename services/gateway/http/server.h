#pragma once
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "services/gateway/http/gateway.h"

namespace crm::gateway {

// The HTTP server. Each worker has one thread for its connections and one for its calls to backends; a
// connection stays with its worker.
class Server {
 public:
  // FAILED_PRECONDITION when `listen` ("127.0.0.1:7100", ":0" = a free port) cannot be bound.
  static absl::StatusOr<std::unique_ptr<Server>> Start(Gateway& gateway, const std::string& listen,
                                                       int workers = 1);
  ~Server();

  int port() const;

  // Takes no new connection, closes idle ones, lets requests under way end for up to `grace`, then gives them
  // up. Idempotent.
  void Drain(absl::Duration grace);

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace crm::gateway
