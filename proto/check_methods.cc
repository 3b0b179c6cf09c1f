// check_methods DESCRIPTOR_SET: refuses a crm method that names no permission, and a public unary one that
// has no HTTP path. Exit code 1 with one line per fault.
#include <cctype>
#include <fstream>
#include <iostream>
#include <string>

#include "crm/type/v1/options.pb.h"
#include "google/api/annotations.pb.h"
#include "google/protobuf/descriptor.pb.h"

namespace {

// "resource:action", both of lower-case letters and underscores.
bool IsPermission(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (i != colon && !std::islower(static_cast<unsigned char>(text[i])) && text[i] != '_') return false;
  return true;
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
      }
    }
  }
  return faults == 0 ? 0 : 1;
}
