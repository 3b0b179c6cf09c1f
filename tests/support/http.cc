#include "tests/support/http.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "absl/strings/ascii.h"

namespace crm::testing {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

HttpResponse Http(const std::string& address, const std::string& method, const std::string& target,
                  const std::string& body, const std::map<std::string, std::string>& headers) {
  const std::size_t colon = address.rfind(':');
  http::request<http::string_body> request;
  request.method_string(method);
  request.target(target);
  request.version(11);
  request.set(http::field::host, address);
  if (!body.empty()) request.set(http::field::content_type, "application/json");
  for (const auto& [name, value] : headers) request.set(name, value);
  request.body() = body;
  request.prepare_payload();

  asio::io_context context;
  beast::tcp_stream stream(context);
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(boost::none);
  beast::error_code error = asio::error::would_block;
  stream.expires_after(std::chrono::seconds(30));
  const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(address.substr(0, colon)),
                                         static_cast<unsigned short>(std::stoi(address.substr(colon + 1))));
  stream.async_connect(endpoint, [&](beast::error_code connected) {
    if (connected) return void(error = connected);
    http::async_write(stream, request, [&](beast::error_code written, std::size_t) {
      // A server that refuses early may close before it has read everything; its answer still counts.
      (void)written;
      http::async_read(stream, buffer, parser, [&](beast::error_code read, std::size_t) { error = read; });
    });
  });
  context.run();
  if (error) throw std::runtime_error(method + " " + target + ": " + error.message());

  HttpResponse response;
  response.status = parser.get().result_int();
  for (const auto& field : parser.get())
    response.headers[absl::AsciiStrToLower(std::string(field.name_string()))] = std::string(field.value());
  response.body = parser.get().body();
  return response;
}

}  // namespace crm::testing
