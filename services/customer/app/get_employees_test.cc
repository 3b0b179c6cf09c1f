#include "services/customer/app/lead_fixture.h"
#include "services/customer/app/read_directory.h"

namespace crm::customer {
namespace {

using GetEmployeesTest = LeadFixture;

// A read that meets a connection which died with the server is asked again, and finds what is there.
TEST_F(GetEmployeesTest, EmployeesAreFoundOverABrokenConnection) {
  const Uuid id = Hire("li.wei", 5);
  Sql("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
      " WHERE datname = current_database() AND pid <> pg_backend_pid()");
  const std::vector requests = {Ask(GetEmployee{id})};
  EXPECT_THAT(GetEmployees(pool_, requests)[0], testing::IsOk());
}

}  // namespace
}  // namespace crm::customer
