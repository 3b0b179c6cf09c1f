#pragma once
#include <string>

namespace crm::db {

// `url`, a libpq connection string of either form, with limits to how long a server that has vanished is
// waited for, where it names none itself: three seconds for a connection, then some ten until a silent one
// counts as broken. What libpq cannot read is answered as it is: connecting says what is wrong with it.
std::string WithTimeouts(const std::string& url);

}  // namespace crm::db
