#pragma once
#include <string>

namespace crm::bench {

// The anchor of reads: answers CustomerService.GetCustomer with the same bytes every time, on a completion
// queue with one poller and nothing else: no token, no permission, no database. Runs until killed; the exit
// code when it cannot.
int RunEchoServer(const std::string& address, const std::string& reply_file);

}  // namespace crm::bench
