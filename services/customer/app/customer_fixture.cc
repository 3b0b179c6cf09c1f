#include "services/customer/app/customer_fixture.h"

#include <memory>

#include "common/base/digest.h"
#include "common/testing/short_codecs.h"
#include "services/customer/domain/contact.h"
#include "services/customer/domain/customer_lifecycle.h"
#include "services/customer/domain/interaction.h"
#include "services/customer/storage/lead_store.h"

namespace crm::customer {
namespace {

using testing::BindNamed;
using testing::BindShort;

auth::PrincipalRef AllowedAll(const Uuid& unit_id) {
  auth::Principal principal;
  principal.id = Uuid::New();
  principal.name = "王芳";
  principal.org_unit_id = unit_id;
  principal.permissions = {"*"};
  return std::make_shared<const auth::Principal>(std::move(principal));
}

}  // namespace

CustomerFixture::CustomerFixture() : caller_(AllowedAll(unit_id_)) {
  schema_.Empty();
  BindShort<Customer>(codecs_);
  BindShort<Contact>(codecs_);
  BindShort<Interaction>(codecs_);
  BindShort<Lead>(codecs_);
  codecs_.BindReply<LeadConversion>([](const LeadConversion& made) {
    const Conversion& to = made.conversion;
    return to.customer_id.ToString() + "/" + to.contact_id.ToString() + "/" + to.opportunity_id.ToString();
  });
  BindNamed<CustomerCreated>(codecs_, "CustomerCreated");
  BindNamed<CustomerUpdated>(codecs_, "CustomerUpdated");
  BindNamed<CustomerLifecycleChanged>(codecs_, "CustomerLifecycleChanged");
  BindNamed<ContactChanged>(codecs_, "ContactChanged");
  BindNamed<InteractionLogged>(codecs_, "InteractionLogged");
  BindNamed<LeadFact<LeadQualified>>(codecs_, "LeadQualified");
  BindNamed<LeadFact<LeadNurtured>>(codecs_, "LeadNurtured");
  BindNamed<LeadFact<LeadConverted>>(codecs_, "LeadConverted");
  BindNamed<LeadFact<LeadDisqualified>>(codecs_, "LeadDisqualified");
}

work::RequestKey CustomerFixture::Key(const std::string& id, const std::string& body) {
  return {Sha256(id), Sha256(body)};
}

Uuid CustomerFixture::IdOf(const work::Outcome& outcome) {
  EXPECT_THAT(outcome, testing::IsOk());
  return outcome.ok() ? Uuid::Parse(outcome->substr(0, 36)).value_or(Uuid()) : Uuid();
}

CreateCustomer CustomerFixture::Called(const std::string& name, const std::string& external_id) {
  CreateCustomer command;
  command.profile.name = name;
  command.profile.external_id = external_id;
  return command;
}

Uuid CustomerFixture::Create(const std::string& name) {
  return IdOf(CreateCustomers(work_, {Ask(Called(name))})[0]);
}

Uuid CustomerFixture::OwnedLead(const Uuid& owner_id, const std::string& company,
                                const std::string& contact) {
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

}  // namespace crm::customer
