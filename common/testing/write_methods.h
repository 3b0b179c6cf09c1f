#pragma once
#include <set>
#include <string>

namespace crm::testing {

// The methods of a service that write, "LeadService.CaptureLead", as the descriptors of the build have them:
// those whose request, or a message in it, has a request_id. Throws when a package belongs to no service.
std::set<std::string> WriteMethodsOf(const std::string& service);

}  // namespace crm::testing
