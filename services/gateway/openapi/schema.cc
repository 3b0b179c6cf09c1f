#include "services/gateway/openapi/schema.h"

#include "crm/type/v1/options.pb.h"
#include "services/gateway/transcode/scalars.h"

namespace crm::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

std::string Reference(const std::string& name) { return "{\"$ref\":\"#/components/schemas/" + name + "\"}"; }

// A reference cannot have neighbours in OpenAPI 3.0: a description goes beside an allOf.
std::string Described(std::string schema, const std::string& description, bool read_only) {
  if (description.empty()) return schema;
  if (schema.find("\"$ref\"") == 1) schema = "{\"allOf\":[" + schema + "]}";
  schema.pop_back();
  return absl::StrCat(schema, ",\"description\":", Quoted(description),
                      read_only ? ",\"readOnly\":true}" : "}");
}

bool SetByServer(const std::string& comment) { return comment.rfind("Set by the server", 0) == 0; }

// What a text field of this name may hold.
std::string TextExample(const std::string& name) {
  const auto ends = [&](std::string_view suffix) {
    return name.size() >= suffix.size() &&
           name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0;
  };
  static const std::map<std::string, std::string> kExamples = {
      {"company", "上海远景贸易有限公司"},
      {"customer_name", "上海远景贸易有限公司"},
      {"contact_name", "王芳"},
      {"name", "Yuanjing Trading"},
      {"phone", "+8613800138000"},
      {"phones", "+8613800138000"},
      {"email", "wang.fang@example.com"},
      {"emails", "wang.fang@example.com"},
      {"source", "paid_search"},
      {"campaign", "spring"},
      {"region", "East"},
      {"industry", "retail"},
      {"size", "50-200"},
      {"currency_code", "CNY"},
      {"grade", "A"},
      {"etag", "3"},
      {"page_token", ""},
      {"next_page_token", ""},
      {"time_zone", "Asia/Shanghai"},
      {"external_id", "SITE-1042"},
      {"request_id", "8f3a1f0e-1c5e-4a43-9d51-0c7f4be4a1d2"},
      {"login", "wang.fang"},
      {"reason", "NO_BUDGET"},
      {"process_key", "standard"}};
  if (const auto found = kExamples.find(name); found != kExamples.end()) return found->second;
  if (name == "id" || ends("_id") || ends("_ids")) return "01933b6e-8f2a-7c11-9d54-2f1c6b7a9e10";
  if (ends("_date")) return "2026-12-31";
  return "text";
}

}  // namespace

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonText(text, out);
  return out;
}

std::string Schemas::OfField(const FieldDescriptor* field) {
  const std::string comment = CommentOf(field);
  std::string schema;
  if (field->is_map()) {
    schema =
        "{\"type\":\"object\",\"additionalProperties\":" + OfValue(field->message_type()->map_value()) + "}";
  } else if (field->is_repeated()) {
    schema = "{\"type\":\"array\",\"items\":" + OfValue(field) + "}";
  } else {
    schema = OfValue(field);
  }
  schema = Described(std::move(schema), comment, SetByServer(comment));
  if (field->options().GetExtension(crm::type::v1::personal))
    schema.insert(schema.size() - 1, ",\"x-personal\":true");
  return schema;
}

std::string Schemas::OfValue(const FieldDescriptor* field) {
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_UINT32:
      return R"({"type":"integer","format":"int32"})";
    case FieldDescriptor::CPPTYPE_INT64:
      return R"({"type":"string","format":"int64"})";
    case FieldDescriptor::CPPTYPE_UINT64:
      return R"({"type":"string","format":"uint64"})";
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return R"({"type":"number","format":"double"})";
    case FieldDescriptor::CPPTYPE_FLOAT:
      return R"({"type":"number","format":"float"})";
    case FieldDescriptor::CPPTYPE_BOOL:
      return R"({"type":"boolean"})";
    case FieldDescriptor::CPPTYPE_ENUM:
      return OfEnum(field->enum_type());
    case FieldDescriptor::CPPTYPE_STRING:
      return field->type() == FieldDescriptor::TYPE_BYTES ? R"({"type":"string","format":"byte"})"
                                                          : R"({"type":"string"})";
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return OfMessage(field->message_type());
  }
  return "{}";
}

std::string Schemas::OfMessage(const Descriptor* type) {
  const std::string& name = type->full_name();
  if (name == "google.protobuf.Timestamp") return R"({"type":"string","format":"date-time"})";
  if (name == "google.protobuf.Duration") return R"({"type":"string","example":"1.5s"})";
  if (name == "google.protobuf.FieldMask") return R"({"type":"string","example":"name,capacity"})";
  if (name == "google.protobuf.Any")
    return R"({"type":"object","properties":{"@type":{"type":"string"}},"required":["@type"],"additionalProperties":true})";
  if (IsScalarMessage(type)) return OfValue(type->FindFieldByNumber(1));
  if (begun_.insert(name).second) {
    std::string properties;
    for (int i = 0; i < type->field_count(); ++i)
      absl::StrAppend(&properties, i ? "," : "", Quoted(type->field(i)->name()), ":",
                      OfField(type->field(i)));
    schemas_[name] =
        Described("{\"type\":\"object\",\"properties\":{" + properties + "}}", CommentOf(type), false);
  }
  return Reference(name);
}

std::string Schemas::OfEnum(const EnumDescriptor* type) {
  const std::string& name = type->full_name();
  if (begun_.insert(name).second) {
    std::string values, description = CommentOf(type);
    for (int i = 0; i < type->value_count(); ++i) {
      absl::StrAppend(&values, i ? "," : "", Quoted(type->value(i)->name()));
      absl::StrAppend(&description, "\n- ", type->value(i)->name(), ": ", CommentOf(type->value(i)));
    }
    schemas_[name] = Described("{\"type\":\"string\",\"enum\":[" + values + "]}", description, false);
  }
  return Reference(name);
}

std::string Schemas::ExampleOfValue(const FieldDescriptor* field, int depth) {
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_UINT32:
      return field->name() == "page_size" ? "50" : "1";
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT64:
      return field->name() == "minor_units" ? "\"125000\"" : "\"1\"";
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return "0.5";
    case FieldDescriptor::CPPTYPE_BOOL:
      return "true";
    case FieldDescriptor::CPPTYPE_ENUM: {
      const EnumDescriptor* type = field->enum_type();
      return Quoted(type->value(type->value_count() > 1 ? 1 : 0)->name());
    }
    case FieldDescriptor::CPPTYPE_STRING:
      return Quoted(field->type() == FieldDescriptor::TYPE_BYTES ? "dGV4dA==" : TextExample(field->name()));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ExampleOf(field->message_type(), depth + 1);
  }
  return "null";
}

std::string Schemas::ExampleOf(const Descriptor* type, int depth) {
  const std::string& name = type->full_name();
  if (name == "google.protobuf.Timestamp") return "\"2026-11-22T08:00:00Z\"";
  if (name == "google.protobuf.Duration") return "\"1.5s\"";
  if (name == "google.protobuf.FieldMask") return "\"name\"";
  if (IsScalarMessage(type)) return ExampleOfValue(type->FindFieldByNumber(1), depth);
  if (depth > 3) return "{}";
  std::string members;
  std::set<const google::protobuf::OneofDescriptor*> chosen;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (SetByServer(CommentOf(field))) continue;
    if (field->real_containing_oneof() != nullptr && !chosen.insert(field->real_containing_oneof()).second)
      continue;
    std::string value;
    if (field->is_map()) {
      value = "{\"key\":" + ExampleOfValue(field->message_type()->map_value(), depth) + "}";
    } else {
      value = ExampleOfValue(field, depth);
      if (field->is_repeated()) value = "[" + value + "]";
    }
    absl::StrAppend(&members, members.empty() ? "" : ",", Quoted(field->name()), ":", value);
  }
  return "{" + members + "}";
}

std::string Schemas::All() const {
  std::string all;
  for (const auto& [name, schema] : schemas_)
    absl::StrAppend(&all, all.empty() ? "" : ",", Quoted(name), ":", schema);
  return all;
}

}  // namespace crm::gateway
