#include "services/gateway/transcode/request_builder.h"

#include "common/status/errors.h"
#include "services/gateway/transcode/json_reader.h"

namespace crm::gateway {
namespace {

using google::protobuf::Message;

void ReadQuery(std::string_view query, Message& message, std::set<std::string>& given,
               errors::Violations& violations) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const auto name = PercentDecode(pair.substr(0, equals), true);
    const auto value =
        PercentDecode(equals == pair.npos ? std::string_view() : pair.substr(equals + 1), true);
    if (!name || !value) {
      violations.Add(name ? *name : pair, "INVALID_UTF8", "must be percent-encoded UTF-8");
      continue;
    }
    SetFromText(message, *name, *value, given, violations);
  }
}

// The text of the field at `path`; empty when it is not set or not text.
std::string TextAt(const Message& message, std::string_view path) {
  const Message* at = &message;
  for (std::size_t dot; (dot = path.find('.')) != path.npos; path.remove_prefix(dot + 1)) {
    const auto* field = at->GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
    at = &at->GetReflection()->GetMessage(*at, field);
  }
  const auto* leaf = at->GetDescriptor()->FindFieldByName(std::string(path));
  if (leaf->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) return "";
  return at->GetReflection()->GetString(*at, leaf);
}

}  // namespace

std::unique_ptr<Message> NewMessage(const google::protobuf::Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

absl::StatusOr<std::unique_ptr<Message>> BuildRequest(const Routes::Match& match, std::string_view query,
                                                      std::string_view body) {
  const Method& method = *match.method;
  auto message = NewMessage(method.descriptor->input_type());
  errors::Violations violations;
  if (method.body == "*") {
    if (!body.empty())
      if (absl::Status status = ReadJson(body, *message, violations); !status.ok()) return status;
  } else if (!method.body.empty()) {
    const auto* field = message->GetDescriptor()->FindFieldByName(method.body);
    if (!body.empty())
      if (absl::Status status = ReadJsonField(body, *message, field, violations); !status.ok()) return status;
  } else if (!body.empty()) {
    violations.Add("", "UNEXPECTED_BODY",
                   absl::StrCat(method.verb, " of this path takes no body; use query parameters"));
  }
  std::set<std::string> given;
  // The path says which record it is: an id in the body may repeat it, but not differ.
  for (const auto& [path, value] : match.variables) {
    const std::string before = TextAt(*message, path);
    if (!before.empty() && before != value)
      violations.Add(path, "DIFFERS_FROM_PATH", "must be the one in the path, or be left out");
    SetFromText(*message, path, value, given, violations);
  }
  if (method.body == "*" && !query.empty()) {
    violations.Add("", "UNEXPECTED_QUERY",
                   absl::StrCat(method.verb, " of this path takes no query parameters; use the body"));
  } else {
    ReadQuery(query, *message, given, violations);
  }
  if (!violations.empty()) return violations.ToStatus();
  return message;
}

absl::StatusOr<std::unique_ptr<Message>> BuildUploadHeader(const Routes::Match& match,
                                                           std::string_view query) {
  auto message = NewMessage(match.method->descriptor->input_type());
  Message* header = message->GetReflection()->MutableMessage(message.get(), match.method->header);
  errors::Violations violations;
  std::set<std::string> given;
  for (const auto& [path, value] : match.variables) SetFromText(*header, path, value, given, violations);
  ReadQuery(query, *header, given, violations);
  if (!violations.empty()) return violations.ToStatus();
  return message;
}

std::unique_ptr<Message> BuildUploadChunk(const Method& method, std::string_view bytes) {
  auto message = NewMessage(method.descriptor->input_type());
  message->GetReflection()->SetString(message.get(), method.chunk, std::string(bytes));
  return message;
}

}  // namespace crm::gateway
