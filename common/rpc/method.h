#pragma once
#include <memory>
#include <string>

#include "common/rpc/context.h"

namespace crm::rpc {

// A method that is served: its name, permission and metrics. Thread safe.
class Method {
 public:
  // "/crm.customer.v1.LeadService/CaptureLead". Ends the process when there is none, or it names no
  // permission.
  explicit Method(std::string name);
  const std::string& name() const { return name_; }
  const std::string& permission() const { return permission_; }
  // The metric and the one log line of a finished call.
  void Finished(const Context& context, const absl::Status& status, absl::Time begin) const;

 private:
  struct Metrics;
  const std::string name_, permission_;
  std::shared_ptr<Metrics> metrics_;
};

}  // namespace crm::rpc
