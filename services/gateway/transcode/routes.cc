#include "services/gateway/transcode/routes.h"

#include "common/status/errors.h"
#include "crm/type/v1/options.pb.h"
#include "google/api/annotations.pb.h"
#include "google/protobuf/descriptor.pb.h"

namespace crm::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

// Which backend serves a package: "crm.<area>.v1".
std::string BackendOf(const std::string& package) {
  static const std::map<std::string, std::string> kBackends = {{"crm.directory.v1", "customer"},
                                                               {"crm.customer.v1", "customer"},
                                                               {"crm.opportunity.v1", "opportunity"},
                                                               {"crm.contract.v1", "contract-credit"},
                                                               {"crm.analytics.v1", "analytics"}};
  const auto found = kBackends.find(package);
  return found == kBackends.end() ? "" : found->second;
}

std::string FirstSegment(std::string_view path) {
  const std::size_t begin = path.find('/', 1);  // behind the version, "/v1"
  if (begin == path.npos) return std::string(path);
  return std::string(path.substr(0, path.find_first_of("/:", begin + 1)));
}

bool HasField(const Descriptor* type, std::string_view path) {
  while (type != nullptr) {
    const std::size_t dot = path.find('.');
    const FieldDescriptor* field = type->FindFieldByName(std::string(path.substr(0, dot)));
    if (field == nullptr || field->is_repeated()) return false;
    if (dot == path.npos) return field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE;
    type = field->message_type();
    path.remove_prefix(dot + 1);
  }
  return false;
}

void FindUpload(Method& method) {
  if (!method.descriptor->client_streaming() || method.descriptor->server_streaming()) return;
  const Descriptor* input = method.descriptor->input_type();
  const FieldDescriptor* header = input->FindFieldByName("header");
  const FieldDescriptor* chunk = input->FindFieldByName("chunk");
  if (header == nullptr || chunk == nullptr || header->message_type() == nullptr ||
      chunk->type() != FieldDescriptor::TYPE_BYTES)
    return;
  method.header = header;
  method.chunk = chunk;
}

absl::Status ReadHttp(Method& method) {
  const auto& options = method.descriptor->options();
  if (!options.HasExtension(google::api::http)) return absl::OkStatus();
  const google::api::HttpRule& rule = options.GetExtension(google::api::http);
  std::string path;
  switch (rule.pattern_case()) {
    case google::api::HttpRule::kGet:
      method.verb = "GET";
      path = rule.get();
      break;
    case google::api::HttpRule::kPost:
      method.verb = "POST";
      path = rule.post();
      break;
    case google::api::HttpRule::kPut:
      method.verb = "PUT";
      path = rule.put();
      break;
    case google::api::HttpRule::kPatch:
      method.verb = "PATCH";
      path = rule.patch();
      break;
    case google::api::HttpRule::kDelete:
      method.verb = "DELETE";
      path = rule.delete_();
      break;
    default:
      return errors::FailedPrecondition("BAD_ANNOTATION", method.grpc_path + " names no known HTTP method");
  }
  auto parsed = PathTemplate::Parse(path);
  if (!parsed.ok())
    return errors::FailedPrecondition("BAD_ANNOTATION", std::string(parsed.status().message()));
  method.path = *std::move(parsed);
  method.body = rule.body();
  for (const std::string& variable : method.path.variables())
    if (!HasField(method.descriptor->input_type(), variable))
      return errors::FailedPrecondition("BAD_ANNOTATION",
                                        method.grpc_path + " has no field " + variable + " for its path");
  if (!method.body.empty() && method.body != "*" &&
      method.descriptor->input_type()->FindFieldByName(method.body) == nullptr)
    return errors::FailedPrecondition("BAD_ANNOTATION",
                                      method.grpc_path + " has no field " + method.body + " for its body");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Routes> Routes::Of(const std::vector<const google::protobuf::ServiceDescriptor*>& services) {
  Routes routes;
  for (const auto* service : services) {
    const std::string backend = BackendOf(service->file()->package());
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor* descriptor = service->method(i);
      if (backend.empty() || descriptor->options().GetExtension(crm::type::v1::internal)) continue;
      Method method;
      method.descriptor = descriptor;
      method.backend = backend;
      method.grpc_path = "/" + service->full_name() + "/" + descriptor->name();
      FindUpload(method);
      if (absl::Status status = ReadHttp(method); !status.ok()) return status;
      routes.methods_.push_back(std::move(method));
    }
  }
  for (std::size_t i = 0; i < routes.methods_.size(); ++i) {
    const Method& method = routes.methods_[i];
    routes.by_grpc_path_[method.grpc_path] = i;
    if (method.verb.empty()) continue;
    auto& siblings = routes.by_first_segment_[FirstSegment(method.path.text())];
    for (const std::size_t k : siblings) {
      const Method& other = routes.methods_[k];
      if (other.verb == method.verb && other.path.Overlaps(method.path) &&
          other.path.literals() == method.path.literals())
        return errors::FailedPrecondition(
            "BAD_ANNOTATION", method.grpc_path + " and " + other.grpc_path + " claim the same paths");
    }
    siblings.push_back(i);
    std::stable_sort(siblings.begin(), siblings.end(), [&](std::size_t a, std::size_t b) {
      return routes.methods_[a].path.literals() > routes.methods_[b].path.literals();
    });
  }
  return routes;
}

Routes::Match Routes::Find(std::string_view verb, std::string_view path) const {
  Match match;
  const auto siblings = by_first_segment_.find(FirstSegment(path));
  if (siblings == by_first_segment_.end()) return match;
  // A verb at the end belongs to the special paths, so those come first also when they have fewer literals.
  for (const bool with_verb : {true, false}) {
    for (const std::size_t i : siblings->second) {
      const Method& method = methods_[i];
      if ((method.path.text().rfind(':') != std::string::npos) != with_verb) continue;
      auto variables = method.path.Match(path);
      if (!variables) continue;
      if (method.verb == verb) return {&method, *std::move(variables), ""};
      if (match.allow.find(method.verb) == std::string::npos)
        absl::StrAppend(&match.allow, match.allow.empty() ? "" : ", ", method.verb);
    }
  }
  return match;
}

const Method* Routes::FindGrpc(std::string_view grpc_path) const {
  const auto found = by_grpc_path_.find(grpc_path);
  return found == by_grpc_path_.end() ? nullptr : &methods_[found->second];
}

std::vector<const google::protobuf::ServiceDescriptor*> LinkedServices(std::string_view descriptor_set) {
  google::protobuf::FileDescriptorSet files;
  files.ParseFromArray(descriptor_set.data(), static_cast<int>(descriptor_set.size()));
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  for (const auto& file : files.file()) {
    const auto* linked = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(file.name());
    for (int i = 0; linked != nullptr && i < linked->service_count(); ++i)
      services.push_back(linked->service(i));
  }
  return services;
}

}  // namespace crm::gateway
