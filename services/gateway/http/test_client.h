#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace crm::gateway {

// A client that sends exactly the bytes a test wants; for tests only.
class TestClient {
 public:
  struct Answer {
    int status = 0;                              // 0 = the connection ended without an answer
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
  };

  explicit TestClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const timeval patience{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~TestClient() { Close(); }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;
  void Close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  bool connected() const { return connected_; }

  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // An answer without body, as to HEAD.
  Answer ReadHead() {
    Answer answer;
    std::string head;
    while (head.size() < 4 || head.compare(head.size() - 4, 4, "\r\n\r\n") != 0) {
      const int c = Byte();
      if (c < 0) return {};
      head.push_back(static_cast<char>(c));
    }
    if (!absl::SimpleAtoi(head.substr(9, 3), &answer.status)) return {};
    for (std::size_t begin = head.find("\r\n") + 2; begin + 2 < head.size();) {
      const std::size_t end = head.find("\r\n", begin), colon = head.find(": ", begin);
      answer.headers[absl::AsciiStrToLower(head.substr(begin, colon - begin))] =
          head.substr(colon + 2, end - colon - 2);
      begin = end + 2;
    }
    return answer;
  }

  Answer Read() {
    Answer answer = ReadHead();
    if (answer.headers.contains("transfer-encoding")) {
      for (std::size_t length; (length = ChunkLength()) > 0;) answer.body += Bytes(length), Bytes(2);
      Bytes(2);
    } else if (answer.headers.contains("content-length")) {
      answer.body = Bytes(std::stoul(answer.headers["content-length"]));
    }
    return answer;
  }

  Answer Call(const std::string& verb, const std::string& target, const std::string& body = "",
              const std::string& headers = "Content-Type: application/json\r\n") {
    std::string request = absl::StrCat(verb, " ", target, " HTTP/1.1\r\nHost: test\r\n");
    if (!body.empty()) absl::StrAppend(&request, headers, "Content-Length: ", body.size(), "\r\n");
    if (body.empty() && headers != "Content-Type: application/json\r\n") request += headers;
    if (!Send(request + "\r\n" + body)) return {};
    return Read();
  }

  // True when the server has closed the connection.
  bool Closed() { return Byte() < 0; }

 private:
  int Byte() {
    unsigned char c;
    return ::recv(socket_, &c, 1, 0) == 1 ? c : -1;
  }
  std::string Bytes(std::size_t count) {
    std::string bytes;
    for (int c; bytes.size() < count && (c = Byte()) >= 0;) bytes.push_back(static_cast<char>(c));
    return bytes;
  }
  std::size_t ChunkLength() {
    std::string line;
    for (int c; (c = Byte()) >= 0 && c != '\n';) line.push_back(static_cast<char>(c));
    return line.empty() ? 0 : std::stoul(line, nullptr, 16);
  }

  int socket_;
  bool connected_ = false;
};

}  // namespace crm::gateway
