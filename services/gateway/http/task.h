#pragma once
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <chrono>
#include <functional>
#include <memory>

namespace crm::gateway {

namespace net = boost::asio;
namespace beast = boost::beast;

using Executor = net::io_context::executor_type;
template <class Result>
using Task = net::awaitable<Result, Executor>;
inline constexpr net::use_awaitable_t<Executor> kTask;
using Timer = net::basic_waitable_timer<std::chrono::steady_clock,
                                        net::wait_traits<std::chrono::steady_clock>, Executor>;
using TcpStream = beast::basic_stream<net::ip::tcp, Executor>;

// Waits for something that another thread finishes: `start` is given a function to call once, from any
// thread, with the result. The coroutine goes on where it ran before.
template <class Result, class Start>
Task<Result> Await(Start start) {
  auto initiate = [&start](auto handler) {
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    start(std::function<void(Result)>([shared](Result result) {
      net::post(net::get_associated_executor(*shared),
                [shared, result = std::move(result)]() mutable { (*shared)(std::move(result)); });
    }));
  };
  Result result =
      co_await net::async_initiate<const net::use_awaitable_t<Executor>, void(Result)>(initiate, kTask);
  co_return result;
}

}  // namespace crm::gateway
