#pragma once
#include <string>
#include <string_view>

namespace crm {

// `text` when it is a W3C traceparent ("00-<32 hex>-<16 hex>-01"), a new one otherwise: what comes from
// outside is logged and stored with every event.
std::string TraceparentOr(std::string_view text);

}  // namespace crm
