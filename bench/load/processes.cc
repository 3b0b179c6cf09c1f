#include "bench/load/processes.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace crm::bench {
namespace {

namespace fs = std::filesystem;

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

bool IsNumber(const std::string& text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c); });
}

struct Stat {
  std::string pid, parent;
  double own = 0, ended_children = 0;  // seconds
};

Stat StatOf(const std::string& pid) {
  const std::string text = ReadAll("/proc/" + pid + "/stat");
  Stat stat{.pid = pid, .parent = ""};
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return stat;
  std::istringstream fields(text.substr(name_end + 2));
  std::vector<std::string> field;  // field[0] is the state, the third of proc(5)
  for (std::string value; fields >> value;) field.push_back(value);
  if (field.size() < 15) return stat;
  const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto seconds = [&](std::size_t at) { return std::strtod(field[at].c_str(), nullptr) / ticks; };
  stat.parent = field[1];
  stat.own = seconds(11) + seconds(12);
  stat.ended_children = seconds(13) + seconds(14);
  return stat;
}

std::vector<std::string> Pids() {
  std::vector<std::string> pids;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc"))
    if (std::string name = entry.path().filename(); IsNumber(name)) pids.push_back(std::move(name));
  return pids;
}

std::string Find(const Watched& process) {
  for (const std::string& pid : Pids()) {
    const std::string command = ReadAll("/proc/" + pid + "/cmdline");
    if (command.find(process.program) != std::string::npos &&
        command.find(process.argument) != std::string::npos)
      return pid;
  }
  return "";
}

}  // namespace

double CpuSeconds(const Watched& process) {
  const std::string pid = Find(process);
  if (pid.empty()) return 0;
  const Stat stat = StatOf(pid);
  double sum = stat.own + stat.ended_children;
  for (const std::string& other : Pids())
    if (const Stat child = StatOf(other); child.parent == pid) sum += child.own;
  return sum;
}

double OwnCpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double ResidentMib(const Watched& process) {
  std::istringstream status(ReadAll("/proc/" + Find(process) + "/status"));
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
  return 0;
}

}  // namespace crm::bench
