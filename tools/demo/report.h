#pragma once
#include <string>

#include "tools/demo/clients.h"
#include "tools/demo/counts.h"

namespace crm::demo {

// What a manager sees at the end: the funnel, the ageing of receivables and the resource plan, as the
// analytics service answers. Waits until it has heard of `expected.opportunities`.
void PrintManagersView(const Clients& clients, const std::string& token, const Counts& expected);

// "128,000.00 CNY"
std::string Readable(const type::v1::Money& money);

}  // namespace crm::demo
