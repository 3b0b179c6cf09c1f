#include "common/testing/write_methods.h"

#include <fstream>
#include <map>
#include <stdexcept>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"

namespace crm::testing {
namespace {

using google::protobuf::Descriptor;

// What every service serves belongs to "*".
const std::map<std::string, std::string> kServiceOf = {
    {"crm.directory.v1", "customer"},      {"crm.customer.v1", "customer"},
    {"crm.opportunity.v1", "opportunity"}, {"crm.contract.v1", "contract_credit"},
    {"crm.analytics.v1", "analytics"},     {"crm.event.v1", "*"},
};

bool Writes(const Descriptor& message) {
  if (message.FindFieldByName("request_id") != nullptr) return true;
  for (int i = 0; i < message.field_count(); ++i) {
    const Descriptor* part = message.field(i)->message_type();
    if (part != nullptr && part->file() == message.file() && Writes(*part)) return true;
  }
  return false;
}

}  // namespace

std::set<std::string> WriteMethodsOf(const std::string& service) {
  std::ifstream file(CRM_DESCRIPTOR_SET, std::ios::binary);
  google::protobuf::FileDescriptorSet set;
  if (!set.ParseFromIstream(&file)) throw std::runtime_error("cannot read " CRM_DESCRIPTOR_SET);
  google::protobuf::DescriptorPool pool;
  std::set<std::string> methods;
  for (const auto& proto : set.file()) {
    const auto* described = pool.BuildFile(proto);
    if (described->service_count() == 0) continue;
    const auto served_by = kServiceOf.find(described->package());
    if (served_by == kServiceOf.end())
      throw std::runtime_error(described->package() + " belongs to no service: name it in write_methods.cc");
    if (served_by->second != service && served_by->second != "*") continue;
    for (int s = 0; s < described->service_count(); ++s)
      for (int m = 0; m < described->service(s)->method_count(); ++m) {
        const auto* method = described->service(s)->method(m);
        if (Writes(*method->input_type())) methods.insert(method->service()->name() + "." + method->name());
      }
  }
  return methods;
}

}  // namespace crm::testing
