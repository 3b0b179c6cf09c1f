#pragma once
#include <functional>
#include <string>

#include "bench/load/load.h"

namespace crm::bench {

// GET over HTTP/1.1 with JSON, `outstanding` connections that stay open, one call at a time on each: a closed
// loop from one thread.
class JsonLoad {
 public:
  using Target = std::function<std::string()>;  // the path of the next call

  // `address`: "127.0.0.1:port".
  JsonLoad(std::string address, Target target) : address_(std::move(address)), target_(std::move(target)) {}

  LoadResult Run(const LoadOptions& options);

 private:
  const std::string address_;
  const Target target_;
};

}  // namespace crm::bench
