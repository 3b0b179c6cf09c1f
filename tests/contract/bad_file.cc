#include "tests/contract/bad_file.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "common/testing/concurrent.h"

namespace crm::testing {
namespace {

std::string PercentEncoded(const std::string& text) {
  std::string encoded;
  for (const char c : text)
    absl::StrAppend(&encoded, "%", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
  return encoded;
}

}  // namespace

std::string BadFile::Target(const std::string& path, const Parameters& parameters) {
  std::string target = path;
  for (const auto& [name, value] : parameters)
    absl::StrAppend(&target, target == path ? "?" : "&", name, "=", PercentEncoded(value));
  return target;
}

HttpResponse BadFile::Upload(const std::string& path, const Parameters& parameters,
                             const std::string& bytes) {
  return Http(suite().gateway(), "POST", Target(path, parameters), bytes,
              {{"authorization", Bearer()}, {"content-type", "text/csv"}});
}

void BadFile::BreakOff(const std::string& target, const std::string& beginning, std::size_t promised_bytes,
                       const std::function<bool()>& arrived) {
  const std::string& gateway = suite().gateway();
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(gateway.substr(gateway.rfind(':') + 1))));
  const int connection = socket(AF_INET, SOCK_STREAM, 0);
  ASSERT_EQ(connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const std::string sent =
      absl::StrCat("POST ", target, " HTTP/1.1\r\nHost: ", gateway, "\r\nAuthorization: ", Bearer(),
                   "\r\nContent-Type: text/csv\r\nContent-Length: ", promised_bytes, "\r\n\r\n", beginning);
  EXPECT_EQ(send(connection, sent.data(), sent.size(), MSG_NOSIGNAL), static_cast<ssize_t>(sent.size()));
  EXPECT_TRUE(Eventually(arrived)) << "what was sent never arrived";
  close(connection);
}

}  // namespace crm::testing
