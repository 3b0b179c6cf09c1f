#include "services/opportunity/clients/look_up.h"

#include <gmock/gmock.h>

#include "crm/customer/v1/customer_service.grpc.pb.h"
#include "crm/directory/v1/directory_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "services/opportunity/clients/connect.h"

namespace crm::opportunity {
namespace {

namespace cv1 = crm::customer::v1;
namespace dv1 = crm::directory::v1;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The other side as far as names go: it answers with all that it has, and keeps the questions.
class Customers final : public cv1::CustomerService::Service {
 public:
  grpc::Status BatchGetCustomers(grpc::ServerContext*, const cv1::BatchGetCustomersRequest* request,
                                 cv1::BatchGetCustomersResponse* response) override {
    asked.push_back(*request);
    for (const cv1::Customer& customer : all) *response->add_customers() = customer;
    return grpc::Status::OK;
  }
  Uuid Add(const std::string& name, const std::string& external_id = "") {
    const Uuid id = Uuid::New();
    cv1::Customer& customer = all.emplace_back();
    customer.set_id(id.ToString());
    customer.set_name(name);
    customer.set_external_id(external_id);
    return id;
  }
  std::vector<cv1::Customer> all;
  std::vector<cv1::BatchGetCustomersRequest> asked;
};

class Directory final : public dv1::DirectoryService::Service {
 public:
  grpc::Status ListEmployees(grpc::ServerContext*, const dv1::ListEmployeesRequest* request,
                             dv1::ListEmployeesResponse* response) override {
    const std::size_t page = request->page_token().empty() ? 0 : std::stoul(request->page_token());
    *response->add_employees() = all.at(page);
    if (page + 1 < all.size()) response->set_next_page_token(std::to_string(page + 1));
    return grpc::Status::OK;
  }
  Uuid Add(const std::string& name, const std::string& login, const std::string& external_id = "") {
    const Uuid id = Uuid::New();
    dv1::Employee& employee = all.emplace_back();
    employee.set_id(id.ToString());
    employee.set_name(name);
    employee.set_login(login);
    employee.set_external_id(external_id);
    return id;
  }
  std::vector<dv1::Employee> all;
};

class LookUpTest : public ::testing::Test {
 protected:
  LookUpTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&customers_);
    builder.RegisterService(&directory_);
    server_ = builder.BuildAndStart();
    const auto channel = server_->InProcessChannel({});
    peers_ = Connect(channel, channel);
  }
  ~LookUpTest() override { server_->Shutdown(); }

  // Nil for nobody.
  static Uuid In(const absl::StatusOr<std::map<std::string, Peers::Found>>& found, const std::string& name) {
    EXPECT_TRUE(found.ok()) << found.status();
    if (!found.ok() || !found->contains(name)) return Uuid();
    return found->at(name).ambiguous ? kSeveral : found->at(name).id;
  }
  Uuid Customer(const std::string& name) { return In(peers_.customers_by_name(caller_, {name}), name); }
  Uuid Employee(const std::string& name) { return In(peers_.employees_by_name(caller_, {name}), name); }

  static constexpr Uuid kSeveral{1, 1};
  Customers customers_;
  Directory directory_;
  std::unique_ptr<grpc::Server> server_;
  Peers peers_;
  const work::Caller caller_{auth::ServicePrincipal("test"), absl::InfiniteFuture(), ""};
};

TEST_F(LookUpTest, ACustomerIsKnownByExternalIdThenByNameThenByAlike) {
  const Uuid limited = customers_.Add("Acme Trading Co., Ltd."),
             gmbh = customers_.Add("Acme Trading GmbH", "C-7"), huawei = customers_.Add("华为技术有限公司");
  customers_.Add("C-7");
  EXPECT_EQ(Customer("C-7"), gmbh);
  EXPECT_EQ(Customer("Acme Trading Co., Ltd."), limited);
  EXPECT_EQ(Customer("華為技術"), huawei);
  EXPECT_EQ(Customer("ACME trading"), kSeveral);
  EXPECT_EQ(Customer("Zenith"), Uuid());
}

TEST_F(LookUpTest, CustomersOfOneNameAreSeveral) {
  customers_.Add("华东机械");
  EXPECT_NE(Customer("华东机械"), kSeveral);
  customers_.Add("华东机械");
  EXPECT_EQ(Customer("华东机械"), kSeveral);
}

TEST_F(LookUpTest, ManyCustomersAreAskedForInOneCall) {
  std::vector<std::string> names;
  for (int i = 0; i < 500; ++i) names.push_back("Customer " + std::to_string(i));
  ASSERT_TRUE(peers_.customers_by_name(caller_, names).ok());
  ASSERT_EQ(customers_.asked.size(), 1u);
  EXPECT_EQ(customers_.asked[0].names_size(), 500);
  EXPECT_EQ(customers_.asked[0].external_ids_size(), 500);
  names.push_back("one more");
  ASSERT_TRUE(peers_.customers_by_name(caller_, names).ok());
  EXPECT_EQ(customers_.asked.size(), 3u);
}

TEST_F(LookUpTest, WhatTheOtherSideWouldRefuseIsNotSent) {
  const std::string longer_than_a_key(201, 'x'), longer_than_a_name(301, 'x');
  ASSERT_TRUE(peers_.customers_by_name(caller_, {longer_than_a_key, longer_than_a_name}).ok());
  ASSERT_EQ(customers_.asked.size(), 1u);
  EXPECT_THAT(customers_.asked[0].external_ids(), IsEmpty());
  EXPECT_THAT(customers_.asked[0].names(), ElementsAre(longer_than_a_key));
}

TEST_F(LookUpTest, AnEmployeeIsKnownByLoginOrExternalIdThenByName) {
  const Uuid ann = directory_.Add("Ann", "ann"), li = directory_.Add("李雷", "li.lei", "E-1"),
             other_ann = directory_.Add("Ann", "ann.2");
  EXPECT_EQ(Employee("李雷"), li);
  EXPECT_EQ(Employee("e-1"), li);
  EXPECT_EQ(Employee("ann.2"), other_ann);
  EXPECT_EQ(Employee("ANN"), ann) << "a login goes before a name";
  directory_.all[0].set_login("somebody");
  EXPECT_EQ(Employee("Ann"), kSeveral);
  EXPECT_EQ(Employee("Nobody"), Uuid());
}

}  // namespace
}  // namespace crm::opportunity
