#pragma once
#include <functional>
#include <string>
#include <vector>

#include "tests/support/suite.h"

namespace crm::bench {

// pgbench beside the service, on the same PostgreSQL, in a schema of its own with the same tables and
// indexes, so that its rows set nothing in motion. Prepared statements, 8 clients. Throws when pgbench cannot
// run.
class Pgbench {
 public:
  // `folder`: where scripts are written.
  Pgbench(testing::Suite& suite, std::string folder);

  // Watches `capture` (its answer: the lead's id) and writes the scripts that insert the same rows: the
  // lead's and those of its event, reply and job, in one statement, or in one transaction with a statement
  // per row.
  void LearnCapture(const std::function<std::string()>& capture);
  // The bare query behind a page of 50 of one owner of `owners`, over the service's own table.
  void LearnList(int owners);

  double CaptureSingle(double seconds);
  double CaptureTransaction(double seconds);
  double List(double seconds);

 private:
  double Run(const std::string& script, const std::string& schema, double seconds);

  testing::Suite& suite_;
  const std::string folder_;
};

// The n-th of the made-up owners.
std::string OwnerId(int n);

}  // namespace crm::bench
