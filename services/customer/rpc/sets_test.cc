#include "common/testing/write_sets.h"
#include "services/customer/app/change_lifecycle.h"
#include "services/customer/app/contacts.h"
#include "services/customer/app/lead_fixture.h"
#include "services/customer/app/log_interaction.h"
#include "services/customer/app/update_customer.h"
#include "services/customer/app/upsert_customer.h"

namespace crm::customer {
namespace {

using testing::IsOk;

class SetsTest : public testing::WriteSets<LeadFixture> {
 protected:
  SetsTest() {
    Customers();
    Leads();
    Directory();
  }

  // `count` commands, each made of the next id.
  template <class Command>
  static std::function<std::vector<Command>(int)> Of(std::function<std::vector<Uuid>(int)> ids,
                                                     std::function<Command(const Uuid&)> make) {
    return [ids, make](int count) {
      std::vector<Command> commands;
      for (const Uuid& id : ids(count)) commands.push_back(make(id));
      return commands;
    };
  }
  static std::vector<Uuid> NewIds(int count) {
    std::vector<Uuid> ids(static_cast<std::size_t>(count));
    for (Uuid& id : ids) id = Uuid::New();
    return ids;
  }

  template <class Command, class Run>
  std::vector<Uuid> Made(int count, Run run, std::function<Command(const Uuid&)> make) {
    std::vector<work::Request<Command>> requests;
    for (const Uuid& name : NewIds(count)) requests.push_back(Ask(make(name)));
    std::vector<Uuid> ids;
    for (const auto& outcome : run(work_, requests)) ids.push_back(IdOf(outcome));
    return ids;
  }
  std::vector<Uuid> NewCustomers(int count) {
    return Made<CreateCustomer>(count, &CreateCustomers, [](const Uuid& id) { return Named(id); });
  }
  std::vector<Uuid> NewContacts(int count) {
    const Uuid customer = NewCustomers(1)[0];
    return Made<CreateContact>(count, &CreateContacts, [&](const Uuid&) {
      return CreateContact{customer, {}};
    });
  }
  std::vector<Uuid> NewLeads(int count) {
    return Made<CaptureLead>(count, &CaptureLeads, [&](const Uuid& id) { return Draft(id.ToString()); });
  }
  std::vector<Uuid> JudgedLeads(int count) {
    const std::vector<Uuid> ids = NewLeads(count);
    std::vector<work::Request<QualifyLead>> requests;
    for (const Uuid& id : ids) requests.push_back(Ask(Judge(id)));
    EXPECT_THAT(QualifyLeads(work_, requests), ::testing::Each(IsOk()));
    return ids;
  }
  std::vector<Uuid> NewEmployees(int count) {
    return Made<CreateEmployee>(count, &CreateEmployees, [&](const Uuid& id) { return Joins(id); });
  }
  std::vector<Uuid> NewRules(int count) {
    return Made<CreateAssignmentRule>(count, &CreateAssignmentRules, [&](const Uuid&) { return InTurn(); });
  }

  static CreateCustomer Named(const Uuid& name) { return Called("客户 " + name.ToString(), name.ToString()); }
  static QualifyLead Judge(const Uuid& id) { return {id, {}, {LeadVerdict::kOpportunity, "A", ""}}; }
  CreateEmployee Joins(const Uuid& login) const {
    CreateEmployee command;
    command.employee.name = command.employee.login = login.ToString();
    command.employee.org_unit_id = headquarters_;
    command.employee.capacity = 1000;
    return command;
  }
  CreateAssignmentRule InTurn() const {
    CreateAssignmentRule command;
    command.rule.org_unit_id = command.rule.team_org_unit_id = headquarters_;
    command.rule.name = "in turn";
    return command;
  }

  template <class Command>
  auto Over(std::vector<work::Outcome> (*run)(work::UnitOfWork&, absl::Span<const work::Request<Command>>)) {
    return [this, run](absl::Span<const work::Request<Command>> requests) { return run(work_, requests); };
  }
  // Commands about a record, of which one names a record that is not there.
  template <class Command>
  void OnRows(const std::string& method, std::vector<Uuid> (SetsTest::*rows)(int),
              std::function<Command(const Uuid&)> make,
              std::vector<work::Outcome> (*run)(work::UnitOfWork&, absl::Span<const work::Request<Command>>),
              Uuid Command::*id = &Command::id) {
    Write<Command>(
        method, Of<Command>([this, rows](int count) { return (this->*rows)(count); }, make),
        [id](Command& command) { command.*id = Uuid::New(); }, Over(run));
  }

  void Customers() {
    Write<CreateCustomer>(
        "CustomerService.CreateCustomer", Of<CreateCustomer>(NewIds, Named),
        [](CreateCustomer& command) { command.profile.parent_id = Uuid::New(); }, Over(&CreateCustomers));
    Write<UpsertCustomer>(
        "CustomerService.UpsertCustomer",
        Of<UpsertCustomer>(NewIds, [](const Uuid& name) { return UpsertCustomer{Named(name)}; }),
        [](UpsertCustomer& command) { command.customer.profile.parent_id = Uuid::New(); },
        Over(&UpsertCustomers));
    OnRows<UpdateCustomer>(
        "CustomerService.UpdateCustomer", &SetsTest::NewCustomers,
        [](const Uuid& id) {
          UpdateCustomer command;
          command.id = id;
          command.patch.name = "新名";
          return command;
        },
        &UpdateCustomers);
    OnRows<OverrideLifecycle>(
        "CustomerService.OverrideCustomerLifecycle", &SetsTest::NewCustomers,
        [](const Uuid& id) {
          return OverrideLifecycle{id, {}, Lifecycle::kPotential, "盘点"};
        },
        &OverrideLifecycles, &OverrideLifecycle::customer_id);
    OnRows<CreateContact>(
        "CustomerService.CreateContact", &SetsTest::NewCustomers,
        [](const Uuid& id) {
          return CreateContact{id, {}};
        },
        &CreateContacts, &CreateContact::customer_id);
    OnRows<UpdateContact>(
        "CustomerService.UpdateContact", &SetsTest::NewContacts,
        [](const Uuid& id) {
          UpdateContact command;
          command.id = id;
          command.patch.title = "采购";
          return command;
        },
        &UpdateContacts);
    Write<LogInteraction>(
        "CustomerService.LogInteraction",
        Of<LogInteraction>([this](int count) { return NewCustomers(count); },
                           [](const Uuid& id) {
                             LogInteraction command;
                             command.interaction.subject_id = id;
                             command.interaction.subject = "电话";
                             return command;
                           }),
        [](LogInteraction& command) { command.interaction.subject_id = Uuid::New(); },
        Over(&LogInteractions));
  }

  void Leads() {
    Write<CaptureLead>(
        "LeadService.CaptureLead",
        Of<CaptureLead>(NewIds, [this](const Uuid& name) { return Draft(name.ToString()); }),
        [](CaptureLead& command) { command.draft.org_unit_id = Uuid::New(); }, Over(&CaptureLeads));
    OnRows<UpdateLead>(
        "LeadService.UpdateLead", &SetsTest::NewLeads,
        [](const Uuid& id) {
          UpdateLead command;
          command.id = id;
          command.patch.details.note = "回电";
          command.patch.fields = {"note"};
          return command;
        },
        &UpdateLeads);
    OnRows<AssignLeadTo>(
        "LeadService.AssignLead", &SetsTest::NewLeads,
        [this](const Uuid& id) {
          if (rep_.nil()) rep_ = NewEmployees(1)[0];
          return AssignLeadTo{id, rep_, {}, ""};
        },
        &AssignLeadsTo);
    OnRows<QualifyLead>("LeadService.QualifyLead", &SetsTest::NewLeads, Judge, &QualifyLeads);
    OnRows<ConvertLead>(
        "LeadService.ConvertLead", &SetsTest::JudgedLeads,
        [](const Uuid& id) {
          ConvertLead command;
          command.id = id;
          return command;
        },
        &ConvertLeads);
    OnRows<DisqualifyLead>(
        "LeadService.DisqualifyLead", &SetsTest::NewLeads,
        [](const Uuid& id) {
          return DisqualifyLead{id, {}, {"NO_BUDGET", ""}};
        },
        &DisqualifyLeads);
    Write<CreateAssignmentRule>(
        "LeadService.CreateAssignmentRule",
        Of<CreateAssignmentRule>(NewIds, [this](const Uuid&) { return InTurn(); }),
        [](CreateAssignmentRule& command) { command.rule.team_org_unit_id = Uuid::New(); },
        Over(&CreateAssignmentRules));
    OnRows<UpdateAssignmentRule>(
        "LeadService.UpdateAssignmentRule", &SetsTest::NewRules,
        [](const Uuid& id) {
          UpdateAssignmentRule command;
          command.id = id;
          command.rule.name = "轮流";
          command.fields = {"name"};
          return command;
        },
        &UpdateAssignmentRules);
  }

  void Directory() {
    Write<CreateOrgUnit>(
        "DirectoryService.CreateOrgUnit",
        Of<CreateOrgUnit>(NewIds,
                          [this](const Uuid& name) {
                            return CreateOrgUnit{headquarters_, OrgUnitKind::kTeam, "组", name.ToString()};
                          }),
        [](CreateOrgUnit& command) { command.parent_id = Uuid::New(); }, Over(&CreateOrgUnits));
    Write<CreateEmployee>(
        "DirectoryService.CreateEmployee",
        Of<CreateEmployee>(NewIds, [this](const Uuid& login) { return Joins(login); }),
        [](CreateEmployee& command) { command.employee.org_unit_id = Uuid::New(); }, Over(&CreateEmployees));
    OnRows<UpdateEmployee>(
        "DirectoryService.UpdateEmployee", &SetsTest::NewEmployees,
        [](const Uuid& id) {
          UpdateEmployee command;
          command.id = id;
          command.update.capacity = 2000;
          return command;
        },
        &UpdateEmployees);
    OnRows<UpdateEmployee>(
        "DirectoryService.ChangeEmployeeState", &SetsTest::NewEmployees,
        [](const Uuid& id) {
          UpdateEmployee command;
          command.id = id;
          command.update.state = EmployeeState::kOnLeave;
          return command;
        },
        &UpdateEmployees);
  }

  Uuid rep_;
};

TEST_F(SetsTest, EveryWriteMethodIsShown) {
  ExpectEveryWriteMethod(
      "customer", {{"LeadService.BatchCaptureLeads", "its entries join CaptureLead's sets"},
                   {"ImportService.ImportLeads", "the rows of a file are one set: import_leads_test.cc"}});
}

TEST_F(SetsTest, SetsGetWhatTheyAreOwed) { ExpectWhatIsOwedToSets(); }

// Customers: customer_test.cc.
TEST_F(SetsTest, TwoDifferentCommandsOnOneRowBothCount) {
  const auto both = [&](auto run, const auto& first, const auto& second) {
    EXPECT_THAT(run(work_, {Ask(first), Ask(second)}), ::testing::Each(IsOk()));
  };
  UpdateContact titled, called;
  titled.id = called.id = NewContacts(1)[0];
  titled.patch.title = "采购";
  called.patch.name = "李娜";
  both(&UpdateContacts, titled, called);
  EXPECT_EQ(One("SELECT title || name || version FROM contact"), "采购李娜3");

  UpdateLead noted, placed;
  noted.id = placed.id = NewLeads(1)[0];
  noted.patch.details.note = "回电";
  noted.patch.fields = {"note"};
  placed.patch.details.industry = "制造";
  placed.patch.fields = {"industry"};
  both(&UpdateLeads, noted, placed);
  EXPECT_EQ(One("SELECT note || industry || version FROM lead"), "回电制造3");

  UpdateEmployee raised, away;
  raised.id = away.id = NewEmployees(1)[0];
  raised.update.capacity = 7;
  away.update.state = EmployeeState::kOnLeave;
  both(&UpdateEmployees, raised, away);
  EXPECT_EQ(One("SELECT e.capacity || state || version || w.capacity || active FROM employee e, workload w"),
            "7ON_LEAVE37false");

  UpdateAssignmentRule named, moved;
  named.id = moved.id = NewRules(1)[0];
  named.rule.name = "轮流";
  named.fields = {"name"};
  moved.rule.position = 5;
  moved.fields = {"position"};
  both(&UpdateAssignmentRules, named, moved);
  EXPECT_EQ(One("SELECT name || position || version FROM assignment_rule"), "轮流53");

  const Uuid customer = *Uuid::Parse(One("SELECT id FROM customer"));
  both(&OverrideLifecycles, OverrideLifecycle{customer, {}, Lifecycle::kPotential, "盘点"},
       OverrideLifecycle{customer, {}, Lifecycle::kDormant, "停业"});
  EXPECT_EQ(One("SELECT lifecycle || version FROM customer"), "DORMANT3");
  EXPECT_EQ(One("SELECT string_agg(to_lifecycle || reason, ' ' ORDER BY to_lifecycle)"
                " FROM customer_lifecycle_move"),
            "DORMANT停业 POTENTIAL盘点 UNIDENTIFIED");
}

}  // namespace
}  // namespace crm::customer
