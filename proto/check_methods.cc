// check_methods DESCRIPTOR_SET: refuses a crm method that names no permission, a public unary one that has no
// HTTP path, and a public one that writes and has no request_id. Exit code 1 with one line per fault.
#include <algorithm>
#include <cctype>
#include <fstream>
#include <iostream>
#include <string>

#include "crm/type/v1/options.pb.h"
#include "google/api/annotations.pb.h"
#include "google/protobuf/descriptor.pb.h"

namespace {

using google::protobuf::DescriptorProto;
using google::protobuf::FileDescriptorProto;

// "resource:action", both of lower-case letters and underscores.
bool IsPermission(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (i != colon && !std::islower(static_cast<unsigned char>(text[i])) && text[i] != '_') return false;
  return true;
}

// Whatever is not "resource:read" changes something.
bool Writes(const std::string& permission) { return permission.substr(permission.find(':') + 1) != "read"; }

// By its full name with a dot in front, as fields and methods give it; nullptr = not of this file.
const DescriptorProto* Find(const FileDescriptorProto& file, const std::string& type) {
  for (const auto& message : file.message_type())
    if ("." + file.package() + "." + message.name() == type) return &message;
  return nullptr;
}

bool HasRequestId(const DescriptorProto& message) {
  return std::any_of(message.field().begin(), message.field().end(),
                     [](const auto& field) { return field.name() == "request_id"; });
}

// Of its own, or in its parts: the entries of a batch, the header of an upload.
bool RequestHasRequestId(const FileDescriptorProto& file, const std::string& type) {
  const DescriptorProto* const request = Find(file, type);
  if (request == nullptr) return false;
  return HasRequestId(*request) ||
         std::any_of(request->field().begin(), request->field().end(), [&](const auto& field) {
           const DescriptorProto* const part = Find(file, field.type_name());
           return part != nullptr && HasRequestId(*part);
         });
}

}  // namespace

int main(int argc, char** argv) {
  google::protobuf::FileDescriptorSet files;
  std::ifstream in(argc > 1 ? argv[1] : "", std::ios::binary);
  if (!in || !files.ParseFromIstream(&in)) {
    std::cerr << "cannot read a descriptor set; usage: check_methods DESCRIPTOR_SET\n";
    return 2;
  }
  int faults = 0;
  const auto fault = [&](const std::string& method, const char* what) {
    std::cerr << method << " " << what << "\n";
    ++faults;
  };
  for (const auto& file : files.file()) {
    if (file.package().rfind("crm.", 0) != 0) continue;
    for (const auto& service : file.service()) {
      for (const auto& method : service.method()) {
        const std::string name = file.package() + "." + service.name() + "." + method.name();
        const std::string& permission = method.options().GetExtension(crm::type::v1::permission);
        if (permission.empty())
          fault(name, "names no permission: add option (crm.type.v1.permission) = \"resource:action\"");
        else if (!IsPermission(permission))
          fault(name, "names a permission that is not \"resource:action\" in lower case");
        const bool unary = !method.client_streaming() && !method.server_streaming();
        const bool internal = method.options().GetExtension(crm::type::v1::internal);
        if (unary && !internal && !method.options().HasExtension(google::api::http))
          fault(name, "has no HTTP path: add option (google.api.http)");
        if (!internal && IsPermission(permission) && Writes(permission) &&
            !RequestHasRequestId(file, method.input_type()))
          fault(name, "writes, and has no request_id: add one to its request, or to each entry of a batch");
      }
    }
  }
  return faults == 0 ? 0 : 1;
}
