#include "services/opportunity/clients/look_up.h"

#include <gmock/gmock.h>

#include "crm/customer/v1/customer_service.grpc.pb.h"
#include "crm/customer/v1/lead_service.grpc.pb.h"
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

// Leads as they are: it answers with those of the external ids it is asked for, and keeps the questions.
class Leads final : public cv1::LeadService::Service {
 public:
  grpc::Status BatchGetLeads(grpc::ServerContext*, const cv1::BatchGetLeadsRequest* request,
                             cv1::BatchGetLeadsResponse* response) override {
    asked.push_back(*request);
    if (request->external_ids_size() > fit_into_an_answer)
      return {grpc::StatusCode::RESOURCE_EXHAUSTED, "the answer is larger than its reader takes"};
    for (const std::string& id : request->external_ids())
      if (const auto found = all.find(id); found != all.end()) *response->add_leads() = found->second;
    return refusal;
  }
  Uuid Add(const std::string& external_id, const std::string& source) {
    const Uuid id = Uuid::New();
    cv1::Lead& lead = all[external_id];
    lead.set_id(id.ToString());
    lead.set_external_id(external_id);
    lead.set_company("Acme");
    lead.set_source(source);
    return id;
  }
  std::map<std::string, cv1::Lead> all;
  std::vector<cv1::BatchGetLeadsRequest> asked;
  int fit_into_an_answer = 1000;
  grpc::Status refusal;
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
    builder.RegisterService(&leads_);
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
  Leads leads_;
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

TEST_F(LookUpTest, ALeadIsKnownByExternalIdAlone) {
  const Uuid id = leads_.Add("mql-1", "paid_search");
  const auto found = peers_.leads_by_external_id(caller_, {"mql-1", "Acme"});
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->at("mql-1").id, id);
  EXPECT_EQ(found->at("mql-1").source, "paid_search");
}

TEST_F(LookUpTest, AThousandLeadsAreAskedForInOneCall) {
  std::vector<std::string> external_ids;
  for (int i = 0; i < 1000; ++i) external_ids.push_back("mql-" + std::to_string(i));
  leads_.Add("mql-0", "");
  leads_.Add("one more", "");
  EXPECT_EQ(peers_.leads_by_external_id(caller_, external_ids)->size(), 1u);
  ASSERT_EQ(leads_.asked.size(), 1u);
  EXPECT_EQ(leads_.asked[0].external_ids_size(), 1000);
  external_ids.push_back("one more");
  EXPECT_EQ(peers_.leads_by_external_id(caller_, external_ids)->size(), 2u);
  EXPECT_EQ(leads_.asked.size(), 3u);
  EXPECT_TRUE(peers_.leads_by_external_id(caller_, {std::string(201, 'x')})->empty());
  EXPECT_EQ(leads_.asked.size(), 3u) << "nobody is called so";
}

TEST_F(LookUpTest, LeadsThatDoNotFitIntoOneAnswerAreAskedForByHalves) {
  const std::vector<std::string> external_ids = {"a", "b", "c", "d", "e", "f", "g"};
  for (const std::string& id : external_ids) leads_.Add(id, "");
  leads_.fit_into_an_answer = 2;
  EXPECT_EQ(peers_.leads_by_external_id(caller_, external_ids)->size(), 7u);
  leads_.fit_into_an_answer = 0;
  EXPECT_EQ(peers_.leads_by_external_id(caller_, external_ids).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST_F(LookUpTest, WhoMayNotSeeLeadsIsToldSo) {
  leads_.refusal = {grpc::StatusCode::PERMISSION_DENIED, "lead:read"};
  EXPECT_EQ(peers_.leads_by_external_id(caller_, {"mql-1"}).status().code(),
            absl::StatusCode::kPermissionDenied);
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
