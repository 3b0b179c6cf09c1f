#pragma once
#include <set>
#include <string>
#include <vector>

#include "tests/support/suite.h"

namespace crm::testing {

// The ids of what clients were told was done.
struct Acknowledged {
  std::set<std::string> leads;          // captured
  std::set<std::string> opportunities;  // that leads were converted into
  std::set<std::string> quotes;         // accepted
  std::set<std::string> contracts;      // activated
};

// Who hears whom: as bound in each service's main.cc.
const std::vector<std::string>& HeardBy(const std::string& service);

// Judges the databases after a full drain. Each broken promise is a line; an empty answer is a clean one. It
// takes every opportunity to come from a lead and every contract from a quote.
std::vector<std::string> FindBrokenPromises(const Suite& suite, const Acknowledged& acknowledged);

// True when nothing is under way any more: every outbox row is sent, every due job is done, and every service
// has heard every event of the services it hears.
bool Drained(const Suite& suite);

}  // namespace crm::testing
