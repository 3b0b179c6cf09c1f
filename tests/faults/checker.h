#pragma once
#include <set>
#include <string>
#include <vector>

#include "tests/support/suite.h"

namespace crm::testing {

// Judges the databases after a full drain. Each broken promise is a line; an empty answer is a clean one.
// `acknowledged`: the ids of leads whose capture was answered OK.
std::vector<std::string> FindBrokenPromises(const Suite& suite, const std::set<std::string>& acknowledged);

// True when nothing is under way any more: every outbox row is sent, every due job is done, and every service
// has heard every event of the services it hears.
bool Drained(const Suite& suite);

}  // namespace crm::testing
