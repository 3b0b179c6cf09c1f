#include "services/gateway/grpc_web/framing.h"

#include "absl/strings/escaping.h"
#include "common/status/errors.h"

namespace crm::gateway::grpc_web {
namespace {

constexpr std::size_t kPrefix = 5;
constexpr char kCompressed = 1;
constexpr char kTrailers = static_cast<char>(0x80);

// Base64 of one or more parts, each padded on its own.
bool DecodeText(std::string_view body, std::string& bytes) {
  while (!body.empty()) {
    std::size_t end = body.find('=');
    end = end == body.npos ? body.size() : std::min(body.size(), (end / 4 + 1) * 4);
    std::string part;
    if (!absl::Base64Unescape({body.data(), end}, &part)) return false;
    bytes.append(part);
    body.remove_prefix(end);
  }
  return true;
}

std::string Frame(char flag, std::string_view content, Mode mode) {
  std::string frame;
  frame.reserve(kPrefix + content.size());
  frame.push_back(flag);
  for (int shift = 24; shift >= 0; shift -= 8)
    frame.push_back(static_cast<char>(content.size() >> shift & 0xFF));
  frame.append(content);
  return mode == Mode::kText ? absl::Base64Escape(frame) : frame;
}

std::string PercentEncode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (c >= ' ' && c <= '~' && c != '%') {
      encoded.push_back(c);
    } else {
      absl::StrAppend(&encoded, "%", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    }
  }
  return encoded;
}

absl::Status Malformed(std::string_view what) {
  return errors::Make(absl::StatusCode::kInvalidArgument, "MALFORMED_FRAME", what);
}

}  // namespace

bool ModeOf(std::string_view content_type, Mode& mode) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  if (type == "application/grpc-web" || type == "application/grpc-web+proto") {
    mode = Mode::kBinary;
  } else if (type == "application/grpc-web-text" || type == "application/grpc-web-text+proto") {
    mode = Mode::kText;
  } else {
    return false;
  }
  return true;
}

std::string_view ContentTypeOf(Mode mode) {
  return mode == Mode::kText ? "application/grpc-web-text+proto" : "application/grpc-web+proto";
}

absl::StatusOr<std::vector<std::string>> ReadFrames(std::string_view body, Mode mode) {
  std::string bytes;
  if (mode == Mode::kText) {
    if (!DecodeText(body, bytes)) return Malformed("the body is not base64, as grpc-web-text has to be");
    body = bytes;
  }
  std::vector<std::string> messages;
  while (!body.empty()) {
    if (body.size() < kPrefix) return Malformed("the body ends inside a frame's prefix");
    std::uint32_t length = 0;
    for (std::size_t i = 1; i < kPrefix; ++i) length = length << 8 | static_cast<unsigned char>(body[i]);
    if (body[0] == kCompressed)
      return errors::Make(absl::StatusCode::kUnimplemented, "COMPRESSED_FRAME",
                          "send frames without compression");
    if (body[0] != 0) return Malformed("a request holds data frames only");
    if (body.size() - kPrefix < length) return Malformed("the body ends inside a frame");
    messages.emplace_back(body.substr(kPrefix, length));
    body.remove_prefix(kPrefix + length);
  }
  return messages;
}

std::string DataFrame(std::string_view message, Mode mode) { return Frame(0, message, mode); }

std::string TrailerFrame(const grpc::Status& status, Mode mode) {
  std::string trailers = absl::StrCat("grpc-status:", static_cast<int>(status.error_code()), "\r\n");
  if (!status.error_message().empty())
    absl::StrAppend(&trailers, "grpc-message:", PercentEncode(status.error_message()), "\r\n");
  if (!status.error_details().empty()) {
    std::string details = absl::Base64Escape(status.error_details());
    while (!details.empty() && details.back() == '=') details.pop_back();
    absl::StrAppend(&trailers, "grpc-status-details-bin:", details, "\r\n");
  }
  return Frame(kTrailers, trailers, mode);
}

std::int64_t TimeoutMillis(std::string_view header) {
  if (header.size() < 2 || header.size() > 9) return 0;
  std::int64_t amount = 0;
  for (const char c : header.substr(0, header.size() - 1)) {
    if (c < '0' || c > '9') return 0;
    amount = amount * 10 + (c - '0');
  }
  switch (header.back()) {
    case 'H':
      return amount * 3600000;
    case 'M':
      return amount * 60000;
    case 'S':
      return amount * 1000;
    case 'm':
      return amount;
    case 'u':
      return std::max<std::int64_t>(1, amount / 1000);
    case 'n':
      return std::max<std::int64_t>(1, amount / 1000000);
    default:
      return 0;
  }
}

}  // namespace crm::gateway::grpc_web
