#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/base/digest.h"
#include "common/testing/database.h"
#include "common/testing/matchers.h"
#include "services/customer/app/convert_lead.h"
#include "services/customer/app/create_customer.h"
#include "services/customer/domain/contact.h"
#include "services/customer/domain/customer_lifecycle.h"
#include "services/customer/domain/interaction.h"
#include "services/customer/storage/lead_store.h"

namespace crm::customer {

// The customer service's tables on a real database; replies and events in short words.
class CustomerFixture : public ::testing::Test {
 protected:
  CustomerFixture() {
    schema_.Empty();
    BindShort<Customer>();
    BindShort<Contact>();
    BindShort<Interaction>();
    BindShort<Lead>();
    codecs_.BindReply<LeadConversion>([](const LeadConversion& made) {
      const Conversion& to = made.conversion;
      return to.customer_id.ToString() + "/" + to.contact_id.ToString() + "/" + to.opportunity_id.ToString();
    });
    BindNamed<CustomerCreated>("CustomerCreated");
    BindNamed<CustomerUpdated>("CustomerUpdated");
    BindNamed<CustomerLifecycleChanged>("CustomerLifecycleChanged");
    BindNamed<ContactChanged>("ContactChanged");
    BindNamed<InteractionLogged>("InteractionLogged");
    BindNamed<LeadFact<LeadQualified>>("LeadQualified");
    BindNamed<LeadFact<LeadNurtured>>("LeadNurtured");
    BindNamed<LeadFact<LeadConverted>>("LeadConverted");
    BindNamed<LeadFact<LeadDisqualified>>("LeadDisqualified");
  }

  template <class Command>
  work::Request<Command> Ask(Command command, work::Once once = {}) const {
    return {{caller_, absl::InfiniteFuture(), ""}, std::move(command), std::move(once)};
  }
  static work::RequestKey Key(const std::string& id, const std::string& body = "") {
    return {Sha256(id), Sha256(body)};
  }

  // The id in a short reply ("id@version").
  static Uuid IdOf(const work::Outcome& outcome) {
    EXPECT_THAT(outcome, testing::IsOk());
    return outcome.ok() ? Uuid::Parse(outcome->substr(0, 36)).value_or(Uuid()) : Uuid();
  }

  static CreateCustomer Called(const std::string& name, const std::string& external_id = "") {
    CreateCustomer command;
    command.profile.name = name;
    command.profile.external_id = external_id;
    return command;
  }
  Uuid Create(const std::string& name) { return IdOf(CreateCustomers(work_, {Ask(Called(name))})[0]); }

  // Statements that `run` sends, BEGIN and COMMIT included.
  template <class Run>
  std::int64_t RoundTripsOf(Run run) {
    const std::int64_t before = pool_.round_trips();
    run();
    return pool_.round_trips() - before;
  }

  // A lead of somebody who has it as one of his open ones.
  Uuid OwnedLead(const Uuid& owner_id, const std::string& company, const std::string& contact = "") {
    Lead lead;
    lead.id = Uuid::New();
    lead.version = 1;
    lead.org_unit_id = unit_id_;
    lead.details.company = company;
    lead.details.contact = contact;
    lead.occurred_time = lead.create_time = lead.update_time = absl::Now();
    EXPECT_THAT(db::RunTransaction(pool_, absl::Now() + absl::Seconds(5),
                                   [&](db::Transaction& tx) {
                                     work::Tracked<Lead> leads;
                                     leads.AddNew(lead);
                                     EXPECT_TRUE(LeadStore(tx).Save(leads));
                                     return absl::OkStatus();
                                   }),
                testing::IsOk());
    const std::string owner = owner_id.ToString();
    Sql("UPDATE lead SET owner_id = '" + owner + "', state = 'ASSIGNED' WHERE id = '" + lead.id.ToString() +
        "'");
    Sql("INSERT INTO workload (employee_id, capacity, ceiling, open_leads, turn) VALUES ('" + owner +
        "', 10000, 10000, 1, 1) ON CONFLICT (employee_id) DO UPDATE SET open_leads = workload.open_leads + "
        "1");
    return lead.id;
  }

  std::vector<std::string> Sql(const std::string& sql) { return schema_.Sql(sql); }
  std::string One(const std::string& sql) { return Sql(sql).at(0); }

  testing::TestSchema schema_{"guanxi_customer", "services/customer/migrations"};
  db::Pool pool_{{.url = schema_.url(), .application = "test", .size = 8}};
  work::Codecs codecs_;
  work::UnitOfWork work_{pool_, "customer", codecs_, {}};
  const Uuid unit_id_ = Uuid::New();
  const auth::PrincipalRef caller_ = [this] {
    auth::Principal principal;
    principal.id = Uuid::New();
    principal.name = "王芳";
    principal.org_unit_id = unit_id_;
    principal.permissions = {"*"};
    return std::make_shared<const auth::Principal>(std::move(principal));
  }();

 private:
  template <class Reply>
  void BindShort() {
    codecs_.BindReply<Reply>(
        [](const Reply& reply) { return reply.id.ToString() + "@" + std::to_string(reply.version); });
  }
  template <class Event>
  void BindNamed(const char* name) {
    codecs_.BindEvent<Event>([name](const Event&) { return outbox::EncodedEvent{name, ""}; });
  }
};

}  // namespace crm::customer
