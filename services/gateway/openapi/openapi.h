#pragma once
#include <string>
#include <string_view>

#include "services/gateway/transcode/routes.h"

namespace crm::gateway {

// An OpenAPI 3.0.3 document in JSON of every method in `routes` that has an HTTP path, with the comments that
// `descriptor_set` carries as descriptions.
std::string OpenApi(const Routes& routes, std::string_view descriptor_set);

}  // namespace crm::gateway
