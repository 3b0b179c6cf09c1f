#include "bench/load/json_load.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "absl/strings/str_cat.h"

namespace crm::bench {
namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

struct Measured {
  absl::Time begin, end;
  std::vector<float> latencies;
  std::int64_t errors = 0;
  std::string first_error;
};

class Connection {
 public:
  Connection(net::io_context& io, const net::ip::tcp::endpoint& peer, std::string headers,
             const JsonLoad::Target& target, Measured& measured)
      : socket_(io), headers_(std::move(headers)), target_(target), measured_(measured) {
    socket_.connect(peer);
    socket_.set_option(net::ip::tcp::no_delay(true));
  }

  void Begin() {
    begin_ = absl::Now();
    request_ = absl::StrCat("GET ", target_(), " HTTP/1.1\r\n", headers_, "\r\n");
    net::async_write(socket_, net::buffer(request_), [this](const error_code& error, std::size_t) {
      if (error) return Fail(error.message());
      response_ = {};
      http::async_read(socket_, buffer_, response_, [this](const error_code& failed, std::size_t) {
        if (failed) return Fail(failed.message());
        End();
      });
    });
  }

 private:
  void End() {
    const absl::Time now = absl::Now();
    if (response_.result() != http::status::ok) return Fail(response_.body());
    if (now >= measured_.begin && now < measured_.end)
      measured_.latencies.push_back(static_cast<float>(absl::ToDoubleMilliseconds(now - begin_)));
    if (now < measured_.end) Begin();
  }
  void Fail(const std::string& error) {
    if (measured_.errors++ == 0) measured_.first_error = error;
  }

  net::ip::tcp::socket socket_;
  const std::string headers_;
  const JsonLoad::Target& target_;
  Measured& measured_;
  boost::beast::flat_buffer buffer_;
  http::response<http::string_body> response_;
  std::string request_;
  absl::Time begin_;
};

}  // namespace

LoadResult JsonLoad::Run(const LoadOptions& options) {
  net::io_context io(1);
  const std::size_t colon = address_.rfind(':');
  const net::ip::tcp::endpoint peer(net::ip::make_address(address_.substr(0, colon)),
                                    static_cast<std::uint16_t>(std::stoi(address_.substr(colon + 1))));
  const std::string headers =
      absl::StrCat("Host: ", address_, "\r\nAuthorization: Bearer ", options.token, "\r\n");
  Measured measured;
  measured.begin = absl::Now() + options.warm_up;
  measured.end = measured.begin + options.length;
  std::vector<std::unique_ptr<Connection>> connections;
  for (int i = 0; i < options.outstanding; ++i)
    connections.push_back(std::make_unique<Connection>(io, peer, headers, target_, measured));
  for (const auto& connection : connections) connection->Begin();
  io.run();
  return Summarize(std::move(measured.latencies), measured.errors, options.length,
                   std::move(measured.first_error));
}

}  // namespace crm::bench
