#pragma once
#include <string>
#include <vector>

namespace crm::bench {

// A process found by what its command line holds, and its children.
struct Watched {
  std::string name;
  std::string program, argument;  // both are in its command line
};

// Processor time in seconds that the process and its children, ended ones included, have used. 0 when there
// is none.
double CpuSeconds(const Watched& process);
// The same of this process alone.
double OwnCpuSeconds();

// Resident memory in MiB, without children.
double ResidentMib(const Watched& process);

}  // namespace crm::bench
