#include "tests/support/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace crm::testing {

Process::Process(std::vector<std::string> command, std::string log_path,
                 const std::map<std::string, std::string>& env, uid_t user)
    : log_path_(std::move(log_path)) {
  std::vector<char*> argv;
  for (std::string& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ > 0) return;

  prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that crashes leaves nothing behind
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int log = open(log_path_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  for (int fd = 3; fd < 1024; ++fd) close(fd);
  for (const auto& [name, value] : env) setenv(name.c_str(), value.c_str(), 1);
  if (user != 0) {
    const passwd* entry = getpwuid(user);
    if (setgroups(0, nullptr) != 0 || setgid(entry->pw_gid) != 0 || setuid(user) != 0) _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
  }
  execvp(argv[0], argv.data());
  _exit(127);
}

Process::~Process() {
  Signal(SIGKILL);
  Wait();
}

bool Process::running() {
  if (pid_ < 0) return false;
  if (waitpid(pid_, &status_, WNOHANG) == 0) return true;
  pid_ = -1;
  return false;
}

void Process::Signal(int signal) {
  if (running()) kill(pid_, signal);
}

int Process::Wait() {
  if (pid_ > 0) {
    waitpid(pid_, &status_, 0);
    pid_ = -1;
  }
  return WIFSIGNALED(status_) ? -WTERMSIG(status_) : WEXITSTATUS(status_);
}

std::string Process::Log() const {
  std::ifstream file(log_path_);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no free port");
  close(fd);
  return ntohs(address.sin_port);
}

}  // namespace crm::testing
