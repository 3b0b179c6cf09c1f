#include "services/gateway/http/server.h"

#include <pthread.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>

#include "common/status/errors.h"
#include "common/telemetry/log.h"
#include "common/telemetry/metrics.h"
#include "services/gateway/http/session.h"

namespace crm::gateway {
namespace {

using Acceptor = net::basic_socket_acceptor<net::ip::tcp, Executor>;
using Socket = net::basic_stream_socket<net::ip::tcp, Executor>;

struct Worker {
  explicit Worker(const std::map<std::string, std::string>& addresses) {
    for (const auto& [name, address] : addresses)
      if (!address.empty()) backends[name] = std::make_unique<Backend>(name, address, calls);
  }
  net::io_context context{1};
  CallQueue calls;
  Backends backends;
  std::set<Session*> sessions;  // of this worker's thread
  net::executor_work_guard<Executor> work{context.get_executor()};
  std::thread thread;
};

}  // namespace

struct Server::State {
  State(Gateway& gateway_in, int count) : gateway(gateway_in) {
    for (int i = 0; i < count; ++i) workers.push_back(std::make_unique<Worker>(gateway.backend_addresses()));
    acceptor = std::make_unique<Acceptor>(workers[0]->context);
  }

  Task<void> Accept() {
    for (std::size_t next = 0; acceptor->is_open(); next = (next + 1) % workers.size()) {
      Worker& worker = *workers[next];
      Socket socket(worker.context);
      boost::system::error_code error;
      co_await acceptor->async_accept(socket, net::redirect_error(kTask, error));
      if (error == net::error::operation_aborted || !acceptor->is_open()) co_return;
      if (error) {  // out of descriptors, say: a pause lets others end
        LogWarn("cannot accept a connection: ", error.message());
        Timer pause(workers[0]->context, std::chrono::milliseconds(100));
        co_await pause.async_wait(net::redirect_error(kTask, error));
        continue;
      }
      if (gateway.connections >= gateway.limits().connections) continue;  // closes it
      ++gateway.connections;
      connections.Increment();
      auto session = std::make_shared<Session>(TcpStream(std::move(socket)), gateway, worker.backends);
      net::post(worker.context, [this, &worker, session] {
        worker.sessions.insert(session.get());
        if (gateway.draining) session->CloseIfIdle();
        net::co_spawn(worker.context.get_executor(), session->Run(),
                      [this, &worker, session](std::exception_ptr failure) {
                        try {
                          if (failure) std::rethrow_exception(failure);
                        } catch (const std::exception& error) {
                          LogError("a connection ended by ", error.what());
                        }
                        worker.sessions.erase(session.get());
                        connections.Decrement();
                        --gateway.connections;
                      });
      });
    }
  }

  bool WaitForSessions(absl::Duration patience) {
    const absl::Time until = absl::Now() + patience;
    while (gateway.connections > 0 && absl::Now() < until) absl::SleepFor(absl::Milliseconds(5));
    return gateway.connections == 0;
  }

  Gateway& gateway;
  prometheus::Gauge& connections = metrics::Gauge("crm_gateway_connections", "Open connections");
  std::vector<std::unique_ptr<Worker>> workers;
  std::unique_ptr<Acceptor> acceptor;
  int port = 0;
  bool drained = false;
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(Gateway& gateway, const std::string& listen,
                                                      int workers) {
  auto state = std::make_unique<State>(gateway, workers);
  const std::size_t colon = listen.rfind(':');
  int port = -1;
  boost::system::error_code error;
  const auto address = net::ip::make_address(colon == 0 ? "0.0.0.0" : listen.substr(0, colon), error);
  if (colon == listen.npos || error || !absl::SimpleAtoi(listen.substr(colon + 1), &port) || port < 0 ||
      port > 65535)
    return errors::FailedPrecondition(
        "BAD_ADDRESS", "cannot listen on " + listen + "; give ADDRESS:PORT as in 127.0.0.1:7100");
  const net::ip::tcp::endpoint endpoint(address, static_cast<std::uint16_t>(port));
  state->acceptor->open(endpoint.protocol(), error);
  if (!error) state->acceptor->set_option(net::socket_base::reuse_address(true), error);
  if (!error) state->acceptor->bind(endpoint, error);
  if (!error) state->acceptor->listen(1024, error);
  if (error)
    return errors::FailedPrecondition("ADDRESS_IN_USE",
                                      "cannot listen on " + listen + ": " + error.message() +
                                          "; stop what uses it, or choose another with --listen");
  state->port = state->acceptor->local_endpoint().port();
  net::co_spawn(state->workers[0]->context.get_executor(), state->Accept(), [](std::exception_ptr) {});
  for (auto& worker : state->workers) {
    worker->thread = std::thread([&context = worker->context] {
      pthread_setname_np(pthread_self(), "http");
      context.run();
    });
  }
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::~Server() { Drain(absl::ZeroDuration()); }
int Server::port() const { return state_->port; }

void Server::Drain(absl::Duration grace) {
  if (std::exchange(state_->drained, true)) return;
  state_->gateway.draining = true;
  net::post(state_->workers[0]->context, [state = state_.get()] {
    boost::system::error_code ignored;
    state->acceptor->close(ignored);
  });
  const auto each = [this](void (Session::*what)()) {
    for (auto& worker : state_->workers)
      net::post(worker->context, [&worker = *worker, what] {
        for (Session* session : std::set<Session*>(worker.sessions)) (session->*what)();
      });
  };
  each(&Session::CloseIfIdle);
  if (!state_->WaitForSessions(grace)) {
    LogWarn(state_->gateway.connections.load(), " connections are given up");
    each(&Session::Abort);
    state_->WaitForSessions(absl::Seconds(1));
  }
  for (auto& worker : state_->workers) {
    worker->work.reset();
    worker->context.stop();
    worker->thread.join();
  }
}

}  // namespace crm::gateway
