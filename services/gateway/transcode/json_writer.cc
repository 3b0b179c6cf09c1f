#include "services/gateway/transcode/json_writer.h"

#include <charconv>
#include <cmath>

#include "absl/strings/escaping.h"
#include "google/protobuf/any.pb.h"
#include "services/gateway/transcode/scalars.h"

namespace crm::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

template <class Number>
void AppendNumber(Number number, std::string& out) {
  char digits[32];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

template <class Number>
void AppendReal(Number number, std::string& out) {
  if (std::isfinite(number)) return AppendNumber(number, out);
  out.append(std::isnan(number) ? "\"NaN\"" : number > 0 ? "\"Infinity\"" : "\"-Infinity\"");
}

template <class Number>
void AppendQuoted(Number number, std::string& out) {
  out.push_back('"');
  AppendNumber(number, out);
  out.push_back('"');
}

void AppendFields(const Message& message, bool first, std::string& out);
void AppendMessage(const Message& message, std::string& out);

void AppendBytes(const std::string& bytes, std::string& out) {
  out.push_back('"');
  out.append(absl::Base64Escape(bytes));
  out.push_back('"');
}

// The field's value; its `index`-th one when it is repeated.
void AppendValue(const Message& message, const FieldDescriptor* field, int index, std::string& out) {
  const Reflection* reflection = message.GetReflection();
  const bool many = field->is_repeated();
#define CRM_GET(Type) \
  (many ? reflection->GetRepeated##Type(message, field, index) : reflection->Get##Type(message, field))
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return AppendNumber(CRM_GET(Int32), out);
    case FieldDescriptor::CPPTYPE_UINT32:
      return AppendNumber(CRM_GET(UInt32), out);
    case FieldDescriptor::CPPTYPE_INT64:
      return AppendQuoted(CRM_GET(Int64), out);
    case FieldDescriptor::CPPTYPE_UINT64:
      return AppendQuoted(CRM_GET(UInt64), out);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return AppendReal(CRM_GET(Double), out);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return AppendReal(CRM_GET(Float), out);
    case FieldDescriptor::CPPTYPE_BOOL:
      out.append(CRM_GET(Bool) ? "true" : "false");
      return;
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number = CRM_GET(EnumValue);
      const auto* value = field->enum_type()->FindValueByNumber(number);
      return value != nullptr ? AppendJsonText(value->name(), out) : AppendNumber(number, out);
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      const std::string& text = many ? reflection->GetRepeatedStringReference(message, field, index, &scratch)
                                     : reflection->GetStringReference(message, field, &scratch);
      return field->type() == FieldDescriptor::TYPE_BYTES ? AppendBytes(text, out)
                                                          : AppendJsonText(text, out);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return AppendMessage(CRM_GET(Message), out);
  }
#undef CRM_GET
}

void AppendMap(const Message& message, const FieldDescriptor* field, std::string& out) {
  const Reflection* reflection = message.GetReflection();
  const auto* key = field->message_type()->map_key();
  const auto* value = field->message_type()->map_value();
  // Sorted, so that equal messages are equal JSON.
  std::map<std::string, std::string> entries;
  for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
    const Message& entry = reflection->GetRepeatedMessage(message, field, i);
    std::string name, text;
    AppendValue(entry, key, 0, name);
    if (name.front() != '"') name = absl::StrCat("\"", name, "\"");
    AppendValue(entry, value, 0, text);
    entries[std::move(name)] = std::move(text);
  }
  out.push_back('{');
  bool first = true;
  for (const auto& [name, text] : entries) {
    absl::StrAppend(&out, first ? "" : ",", name, ":", text);
    first = false;
  }
  out.push_back('}');
}

void AppendAny(const Message& message, std::string& out) {
  google::protobuf::Any any;
  any.ParsePartialFromString(message.SerializePartialAsString());
  const std::string& url = any.type_url();
  out.append("{\"@type\":");
  AppendJsonText(url, out);
  const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
      url.substr(url.rfind('/') + 1));
  const Message* prototype =
      type == nullptr ? nullptr : google::protobuf::MessageFactory::generated_factory()->GetPrototype(type);
  const std::unique_ptr<Message> content(prototype == nullptr ? nullptr : prototype->New());
  if (content != nullptr && content->ParseFromString(any.value()) && !IsScalarMessage(type)) {
    AppendFields(*content, false, out);
  } else {
    out.append(",\"value\":");
    AppendBytes(any.value(), out);
  }
  out.push_back('}');
}

void AppendMessage(const Message& message, std::string& out) {
  const auto* type = message.GetDescriptor();
  const Reflection* reflection = message.GetReflection();
  if (type->file()->package() == "google.protobuf") {
    if (type->name() == "Any") return AppendAny(message, out);
    if (type->name() == "Timestamp" || type->name() == "Duration") {
      const std::int64_t seconds = reflection->GetInt64(message, type->FindFieldByNumber(1));
      const std::int32_t nanos = reflection->GetInt32(message, type->FindFieldByNumber(2));
      return AppendJsonText(
          type->name() == "Timestamp" ? TimestampText(seconds, nanos) : DurationText(seconds, nanos), out);
    }
    if (type->name() == "FieldMask") {
      std::string paths;
      const auto* field = type->FindFieldByNumber(1);
      for (int i = 0; i < reflection->FieldSize(message, field); ++i)
        absl::StrAppend(&paths, i ? "," : "", reflection->GetRepeatedString(message, field, i));
      return AppendJsonText(paths, out);
    }
    if (IsScalarMessage(type)) return AppendValue(message, type->FindFieldByNumber(1), 0, out);
  }
  out.push_back('{');
  AppendFields(message, true, out);
  out.push_back('}');
}

void AppendFields(const Message& message, bool first, std::string& out) {
  const auto* type = message.GetDescriptor();
  const Reflection* reflection = message.GetReflection();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->has_presence() && !reflection->HasField(message, field)) continue;
    if (!first) out.push_back(',');
    first = false;
    out.push_back('"');
    out.append(field->name());
    out.append("\":");
    if (field->is_map()) {
      AppendMap(message, field, out);
    } else if (field->is_repeated()) {
      out.push_back('[');
      const int size = reflection->FieldSize(message, field);
      for (int k = 0; k < size; ++k) {
        if (k > 0) out.push_back(',');
        AppendValue(message, field, k, out);
      }
      out.push_back(']');
    } else {
      AppendValue(message, field, 0, out);
    }
  }
}

}  // namespace

void WriteJson(const Message& message, std::string& out) { AppendMessage(message, out); }

}  // namespace crm::gateway
