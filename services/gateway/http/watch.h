#pragma once
#include <sys/socket.h>

#include "services/gateway/http/session.h"

namespace crm::gateway {

template <class Call>
void Session::WatchClient(const std::shared_ptr<Call>& call) {
  cancel_ = [call] { call->Cancel(); };
  auto& socket = stream_.socket();
  socket.async_wait(net::ip::tcp::socket::wait_read,
                    [fd = socket.native_handle(),
                     weak = std::weak_ptr<Call>(call)](const boost::system::error_code& error) {
                      const auto call = weak.lock();
                      if (error || call == nullptr) return;
                      char byte;
                      if (::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0) call->Cancel();
                    });
}

inline void Session::StopWatching() {
  cancel_ = nullptr;
  boost::system::error_code ignored;
  stream_.socket().cancel(ignored);
}

}  // namespace crm::gateway
