#pragma once
#include <map>
#include <string>

namespace crm::testing {

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

// One HTTP/1.1 exchange with "127.0.0.1:port" over a connection of its own. Throws when there is no answer
// within 30 s.
HttpResponse Http(const std::string& address, const std::string& method, const std::string& target,
                  const std::string& body = "", const std::map<std::string, std::string>& headers = {});

}  // namespace crm::testing
