#include "services/gateway/openapi/openapi.h"

#include "crm/type/v1/options.pb.h"
#include "google/protobuf/descriptor.pb.h"
#include "services/gateway/openapi/schema.h"

namespace crm::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

constexpr const char* kError =
    R"("Error":{"type":"object","description":"Every error, whatever its cause.","properties":{"error":{"type":"object",)"
    R"("properties":{"code":{"type":"integer","description":"The HTTP status."},)"
    R"("status":{"type":"string","description":"The google.rpc.Code: NOT_FOUND, INVALID_ARGUMENT, …"},)"
    R"("message":{"type":"string","description":"For people: what is wrong, and what to do."},)"
    R"("details":{"type":"array","items":{"anyOf":[{"$ref":"#/components/schemas/ErrorInfo"},)"
    R"({"$ref":"#/components/schemas/BadRequest"},{"$ref":"#/components/schemas/RetryInfo"}]}}},)"
    R"("required":["code","status","message","details"]}},"required":["error"],)"
    R"("example":{"error":{"code":404,"status":"NOT_FOUND","message":"there is no lead with this id that you may see",)"
    R"("details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"LEAD_NOT_FOUND","domain":"guanxi","metadata":{"resource":"lead"}}]}}},)"
    R"("ErrorInfo":{"type":"object","properties":{"@type":{"type":"string"},"reason":{"type":"string",)"
    R"("description":"Stable: programs may branch on it."},"domain":{"type":"string"},)"
    R"("metadata":{"type":"object","additionalProperties":{"type":"string"}}}},)"
    R"("BadRequest":{"type":"object","description":"Every broken rule of the request.","properties":{"@type":{"type":"string"},)"
    R"("field_violations":{"type":"array","items":{"type":"object","properties":{"field":{"type":"string",)"
    R"("description":"Path of the field: lead.email"},"description":{"type":"string",)"
    R"("description":"REASON: the rule and the remedy."}}}}}},)"
    R"("RetryInfo":{"type":"object","description":"When a repeat makes sense.","properties":{"@type":{"type":"string"},)"
    R"("retry_delay":{"type":"string","example":"1s"}}})";

constexpr const char* kErrorResponse =
    R"("default":{"description":"An error.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}}})";

// The document's builder. Descriptors come from a pool with comments, not from the linked ones.
class Document {
 public:
  explicit Document(std::string_view descriptor_set) {
    google::protobuf::FileDescriptorSet files;
    files.ParseFromArray(descriptor_set.data(), static_cast<int>(descriptor_set.size()));
    for (const auto& file : files.file()) pool_.BuildFile(file);
  }

  void Add(const Method& method) {
    const MethodDescriptor* descriptor = pool_.FindMethodByName(method.descriptor->full_name());
    if (descriptor == nullptr || method.verb.empty() || !(method.unary() || method.upload())) return;
    std::string verb = method.verb;
    for (char& c : verb) c = static_cast<char>(c | 0x20);
    auto& operations = paths_[method.path.text()];
    absl::StrAppend(&operations, operations.empty() ? "" : ",", Quoted(verb), ":",
                    Operation(method, descriptor));
    services_[descriptor->service()->name()] = CommentOf(descriptor->service());
  }

  std::string Text() const {
    std::string paths, tags;
    for (const auto& [path, operations] : paths_)
      absl::StrAppend(&paths, paths.empty() ? "" : ",", Quoted(path), ":{", operations, "}");
    for (const auto& [name, comment] : services_)
      absl::StrAppend(&tags, tags.empty() ? "" : ",", "{\"name\":", Quoted(name),
                      ",\"description\":", Quoted(comment), "}");
    const std::string schemas = schemas_.All();
    return absl::StrCat(
        R"({"openapi":"3.0.3","info":{"title":"Guanxi","version":"v1","description":)",
        Quoted("The customer-relationship backend over JSON. Field names are those of the protos; camelCase "
               "is accepted "
               "too. 64-bit integers are text. Every write takes a request_id that makes repeating it safe."),
        R"(},"servers":[{"url":"/"}],"security":[{"token":[]}],"tags":[)", tags, R"(],"paths":{)", paths,
        R"(},"components":{"securitySchemes":{"token":{"type":"http","scheme":"bearer","bearerFormat":"JWT"}},"schemas":{)",
        kError, schemas.empty() ? "" : ",", schemas, "}}}");
  }

 private:
  std::string Operation(const Method& method, const MethodDescriptor* descriptor) {
    const std::string comment = CommentOf(descriptor);
    const std::string summary = comment.substr(0, comment.find(". "));
    const Descriptor* input = descriptor->input_type();
    const Descriptor* content = method.upload() ? input->FindFieldByName("header")->message_type() : input;
    std::string parameters, body;
    std::set<std::string> in_path(method.path.variables().begin(), method.path.variables().end());
    for (const std::string& path : method.path.variables()) AddParameter(content, path, parameters);
    if (method.upload()) {
      AddQuery(content, "", in_path, parameters);
      body = R"({"required":true,"content":{"text/csv":{"schema":{"type":"string","format":"binary"}}}})";
    } else if (method.body.empty()) {
      AddQuery(content, "", in_path, parameters);
    } else {
      const Descriptor* type =
          method.body == "*" ? input : input->FindFieldByName(method.body)->message_type();
      body = absl::StrCat(R"({"required":true,"content":{"application/json":{"schema":)",
                          schemas_.OfMessage(type), ",\"example\":", schemas_.ExampleOf(type), "}}}");
      if (method.body != "*") {
        in_path.insert(method.body);
        AddQuery(content, "", in_path, parameters);
      }
    }
    return absl::StrCat(
        "{\"operationId\":", Quoted(descriptor->service()->name() + "_" + descriptor->name()), ",\"tags\":[",
        Quoted(descriptor->service()->name()), "],\"summary\":", Quoted(summary),
        ",\"description\":", Quoted(comment),
        ",\"x-permission\":", Quoted(descriptor->options().GetExtension(crm::type::v1::permission)),
        ",\"x-grpc-method\":", Quoted(method.grpc_path), ",\"parameters\":[", parameters, "]",
        body.empty() ? "" : ",\"requestBody\":", body, R"(,"responses":{"200":{"description":)",
        Quoted(CommentOf(descriptor->output_type())), R"(,"content":{"application/json":{"schema":)",
        schemas_.OfMessage(descriptor->output_type()), "}}},", kErrorResponse, "}}");
  }

  void AddParameter(const Descriptor* type, const std::string& path, std::string& parameters) {
    const FieldDescriptor* field = nullptr;
    for (std::string_view rest = path; type != nullptr;) {
      const std::size_t dot = rest.find('.');
      field = type->FindFieldByName(std::string(rest.substr(0, dot)));
      if (dot == rest.npos || field == nullptr) break;
      type = field->message_type();
      rest.remove_prefix(dot + 1);
    }
    if (field != nullptr) Append(path, "path", field, parameters);
  }

  void AddQuery(const Descriptor* type, const std::string& prefix, const std::set<std::string>& except,
                std::string& parameters) {
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      const std::string path = prefix + field->name();
      if (except.contains(path)) continue;
      const bool message = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_map();
      const bool own = message && field->message_type()->file()->package() != "google.protobuf";
      if (own && !field->is_repeated() && prefix.size() < 64) {
        AddQuery(field->message_type(), path + ".", except, parameters);
      } else if (!own) {
        Append(field->is_map() ? path + ".KEY" : path, "query", field, parameters);
      }
    }
  }

  void Append(const std::string& name, const char* place, const FieldDescriptor* field,
              std::string& parameters) {
    const bool in_path = std::string_view(place) == "path";
    const std::string schema = field->is_map() ? R"({"type":"string"})" : schemas_.OfField(field);
    absl::StrAppend(&parameters, parameters.empty() ? "" : ",", "{\"name\":", Quoted(name), ",\"in\":\"",
                    place, "\"", in_path ? ",\"required\":true" : "",
                    ",\"description\":", Quoted(CommentOf(field)), ",\"schema\":", schema, "}");
  }

  google::protobuf::DescriptorPool pool_;
  Schemas schemas_;
  std::map<std::string, std::string> paths_, services_;
};

}  // namespace

std::string OpenApi(const Routes& routes, std::string_view descriptor_set) {
  Document document(descriptor_set);
  for (const Method& method : routes.methods()) document.Add(method);
  return document.Text();
}

}  // namespace crm::gateway
