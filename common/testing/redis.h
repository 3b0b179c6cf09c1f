#pragma once
#include <string>
#include <vector>

namespace crm::testing {

// A numbered database of its own on the server of GUANXI_TEST_REDIS_URL, empty at first, given back when this
// goes. Without that variable the constructor throws, which fails the test. Thread safe.
class TestRedis {
 public:
  TestRedis();
  ~TestRedis();
  TestRedis(const TestRedis&) = delete;
  TestRedis& operator=(const TestRedis&) = delete;

  const std::string& url() const { return url_; }

  // Loses everything, consumer groups included, as a Redis that was replaced has.
  void Flush();

  // Runs one command; arrays are joined by spaces, nil is "nil".
  std::string Run(const std::vector<std::string>& command);

 private:
  std::string server_, url_;
  int database_ = 0;
};

}  // namespace crm::testing
