#include "common/rpc/context.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/digest.h"
#include "common/status/errors.h"
#include "common/telemetry/log.h"
#include "common/telemetry/trace.h"
#include "crm/type/v1/options.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace crm::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr absl::Duration kDefaultDeadline = absl::Seconds(5);
constexpr std::size_t kMaxRequestId = 128;

std::string Find(const ClientMetadata& metadata, const char* key) {
  const auto found = metadata.find(key);
  return found == metadata.end() ? "" : std::string(found->second.data(), found->second.size());
}

void FindNul(const Message& message, const std::string& path, errors::Violations& violations) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool text = field->type() == FieldDescriptor::TYPE_STRING;
    const bool nested = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (!text && !nested) continue;
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      const auto name = [&] {
        return field->is_repeated() ? absl::StrCat(path, field->name(), "[", i, "]")
                                    : absl::StrCat(path, field->name());
      };
      if (nested) {
        FindNul(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                     : reflection->GetMessage(message, field),
                absl::StrCat(name(), "."), violations);
        continue;
      }
      std::string scratch;
      const std::string& value = field->is_repeated()
                                     ? reflection->GetRepeatedStringReference(message, field, i, &scratch)
                                     : reflection->GetStringReference(message, field, &scratch);
      if (value.find('\0') != value.npos)
        violations.Add(name(), "HOLDS_NUL", "must not hold the character U+0000");
    }
  }
}

absl::Status Join(errors::Violations violations, const absl::Status& converted) {
  const auto more = errors::ViolationsOf(converted);
  if (!converted.ok() && more.empty() && violations.empty()) return converted;
  for (const auto& violation : more) violations.Add(violation.field, violation.reason, violation.description);
  return violations.ToStatus();
}

}  // namespace

std::string Gate::PermissionOf(const std::string& method) {
  std::string name = method.substr(1);
  std::replace(name.begin(), name.end(), '/', '.');
  const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name);
  std::string permission;
  if (descriptor != nullptr) permission = descriptor->options().GetExtension(crm::type::v1::permission);
  if (permission.empty()) {
    LogCritical(method, " is not a method, or names no permission in its proto");
    std::abort();
  }
  return permission;
}

absl::Status Gate::Admit(const ClientMetadata& metadata, std::chrono::system_clock::time_point deadline,
                         const std::string& method, const std::string& permission, Context& context) const {
  const absl::Time now = absl::Now();
  context.method = method;
  context.caller.traceparent = TraceparentOr(Find(metadata, "traceparent"));
  context.caller.deadline = deadline == std::chrono::system_clock::time_point::max()
                                ? now + kDefaultDeadline
                                : absl::FromChrono(deadline);
  auto principal = verifier_.Verify(Find(metadata, "authorization"), now);
  if (!principal.ok()) return principal.status();
  if (!(*principal)->May(permission)) return errors::PermissionMissing(permission);
  context.caller.principal = *std::move(principal);
  return absl::OkStatus();
}

work::RequestKey KeyOf(const Context& context, std::string_view request_id, const Message& request) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    request.SerializeToCodedStream(&coded);
  }
  return {Sha256(absl::StrCat(context.caller.principal->id.ToString(), "\n", context.method, "\n",
                              absl::string_view(request_id.data(), request_id.size()))),
          Sha256(bytes)};
}

absl::Status CheckWrite(std::string_view request_id, const Message& request, const absl::Status& converted) {
  errors::Violations violations;
  if (request_id.empty())
    violations.Add("request_id", "REQUIRED",
                   "give each write an id of its own, a UUID say, and the same on a repeat");
  if (request_id.size() > kMaxRequestId) violations.Add("request_id", "TOO_LONG", "at most 128 bytes");
  FindNul(request, "", violations);
  return Join(std::move(violations), converted);
}

absl::Status CheckRead(const Message& request, const absl::Status& converted) {
  errors::Violations violations;
  FindNul(request, "", violations);
  return Join(std::move(violations), converted);
}

}  // namespace crm::rpc
