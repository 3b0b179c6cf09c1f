#pragma once
#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace crm::testing {

// A child process with its output in a file. Killed, if it still runs, when this goes.
class Process {
 public:
  Process(std::vector<std::string> command, std::string log_path,
          const std::map<std::string, std::string>& env = {}, uid_t user = 0);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  bool running();
  void Signal(int signal);
  // Waits until it has ended; its exit code, or minus the signal that ended it.
  int Wait();
  std::string Log() const;

 private:
  const std::string log_path_;
  pid_t pid_ = -1;
  int status_ = 0;
};

// A TCP port of the loopback address that was free a moment ago.
int FreePort();

}  // namespace crm::testing
