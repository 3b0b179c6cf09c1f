#include "services/customer/rpc/lead_converters.h"

#include <gmock/gmock.h>

#include <functional>

#include "common/testing/matchers.h"
#include "services/customer/rpc/directory_converters.h"
#include "services/customer/rpc/import_converters.h"

namespace crm::customer {
namespace {

using testing::HasViolation;
using testing::IsOk;

// One broken rule per row: what breaks it, and the field and reason that must be named.
template <class Request>
struct Broken {
  std::function<void(Request&)> change;
  const char *field, *reason;
};

template <class Request, class Convert>
void ExpectRefused(const Request& good, Convert convert, std::initializer_list<Broken<Request>> rows) {
  ASSERT_THAT(convert(good), IsOk());
  for (const Broken<Request>& row : rows) {
    Request bad = good;
    row.change(bad);
    EXPECT_THAT(convert(bad).status(), HasViolation(row.field, row.reason));
  }
}

TEST(LeadConverters, CaptureRefusesWhatBreaksARule) {
  using R = v1::CaptureLeadRequest;
  R good;
  good.mutable_lead()->set_company("上海贸易有限公司");
  ExpectRefused<R>(
      good, ToCaptureLead,
      {{[](R& r) { r.mutable_lead()->clear_company(); }, "lead", "REQUIRED"},
       {[](R& r) { r.mutable_lead()->set_company(std::string(301, 'x')); }, "lead.company", "TOO_LONG"},
       {[](R& r) { r.mutable_lead()->set_email("nobody"); }, "lead.email", "MALFORMED"},
       {[](R& r) { r.mutable_lead()->set_org_unit_id("x"); }, "lead.org_unit_id", "MALFORMED"},
       {[](R& r) { r.mutable_lead()->mutable_occurred_time()->set_seconds(99'999'999'999); },
        "lead.occurred_time", "IN_FUTURE"},
       {[](R& r) { (*r.mutable_lead()->mutable_attributes())["k"] = std::string(2001, 'x'); },
        "lead.attributes[\"k\"]", "TOO_LONG"}});
  R all = good;
  all.mutable_lead()->set_email("nobody");
  all.mutable_lead()->set_source(std::string(101, 'x'));
  EXPECT_EQ(errors::ViolationsOf(ToCaptureLead(all).status()).size(), 2u) << "all at once";
}

TEST(LeadConverters, ALeadNamesTheOneThatItResembles) {
  Lead lead;
  EXPECT_EQ(ToProto(lead).possible_duplicate_of_id(), "");
  lead.possible_duplicate_of = Uuid::New();
  EXPECT_EQ(ToProto(lead).possible_duplicate_of_id(), lead.possible_duplicate_of.ToString());
}

TEST(LeadConverters, JudgementsRefuseWhatBreaksARule) {
  using Q = v1::QualifyLeadRequest;
  Q good;
  good.set_id(Uuid::New().ToString());
  good.set_outcome(v1::QUALIFICATION_OUTCOME_OPPORTUNITY);
  ExpectRefused<Q>(
      good, ToQualifyLead,
      {{[](Q& r) { r.clear_id(); }, "id", "REQUIRED"},
       {[](Q& r) { r.clear_outcome(); }, "outcome", "REQUIRED"},
       {[](Q& r) { r.set_outcome(static_cast<v1::QualificationOutcome>(77)); }, "outcome", "UNKNOWN_VALUE"},
       {[](Q& r) { r.set_grade("Z"); }, "grade", "UNKNOWN_VALUE"},
       {[](Q& r) { r.set_etag("first"); }, "etag", "MALFORMED"}});
  using C = v1::ConvertLeadRequest;
  C convert;
  convert.set_id(Uuid::New().ToString());
  convert.mutable_amount()->set_currency_code("CNY");
  ExpectRefused<C>(
      convert, ToConvertLead,
      {{[](C& r) { r.mutable_amount()->set_minor_units(-1); }, "amount.minor_units", "NEGATIVE"},
       {[](C& r) { r.mutable_amount()->set_currency_code("XQZ"); }, "amount.currency_code",
        "UNKNOWN_CURRENCY"},
       {[](C& r) { r.set_expected_close_date("2026-02-30"); }, "expected_close_date", "MALFORMED"}});
}

TEST(LeadConverters, ABatchOfLeadsHasAThousandAtMost) {
  using R = v1::BatchGetLeadsRequest;
  R good;
  for (int i = 0; i < 500; ++i) {
    good.add_ids(Uuid::New().ToString());
    good.add_external_ids("mql-" + std::to_string(i));
  }
  ExpectRefused<R>(
      good, ToBatchGetLeads,
      {{[](R& r) { r.add_external_ids("one more"); }, "external_ids", "TOO_MANY"},
       {[](R& r) { r.set_ids(7, "x"); }, "ids[7]", "MALFORMED"},
       {[](R& r) { r.set_external_ids(7, ""); }, "external_ids[7]", "REQUIRED"},
       {[](R& r) { r.set_external_ids(7, std::string(201, 'x')); }, "external_ids[7]", "TOO_LONG"}});
}

TEST(LeadConverters, RulesRefuseWhatBreaksARule) {
  using R = v1::CreateAssignmentRuleRequest;
  R good;
  v1::AssignmentRule& rule = *good.mutable_assignment_rule();
  rule.set_name("everybody");
  rule.set_phase(v1::ASSIGNMENT_PHASE_UNJUDGED);
  rule.set_strategy(v1::ASSIGNMENT_STRATEGY_ROUND_ROBIN);
  rule.set_team_org_unit_id(Uuid::New().ToString());
  ExpectRefused<R>(
      good, ToCreateRule,
      {{[](R& r) { r.mutable_assignment_rule()->clear_name(); }, "assignment_rule.name", "REQUIRED"},
       {[](R& r) { r.mutable_assignment_rule()->clear_phase(); }, "assignment_rule.phase", "REQUIRED"},
       {[](R& r) { r.mutable_assignment_rule()->clear_team_org_unit_id(); },
        "assignment_rule.team_org_unit_id", "REQUIRED"},
       {[](R& r) { r.mutable_assignment_rule()->set_strategy(v1::ASSIGNMENT_STRATEGY_PERSON); },
        "assignment_rule.employee_id", "REQUIRED"},
       {[](R& r) { r.mutable_assignment_rule()->set_follow_up_minutes(-1); },
        "assignment_rule.follow_up_minutes", "OUT_OF_RANGE"},
       {[](R& r) {
          auto& criterion = *r.mutable_assignment_rule()->add_criteria();
          criterion.set_field("colour");
          criterion.add_values("red");
        },
        "assignment_rule.criteria[0].field", "UNKNOWN_FIELD"}});
}

TEST(LeadConverters, AnUploadsHeaderRefusesWhatBreaksARule) {
  using H = v1::ImportLeadsHeader;
  H good;
  good.set_request_id("r-1");
  ExpectRefused<H>(good, ToUpload,
                   {{[](H& h) { h.clear_request_id(); }, "header.request_id", "REQUIRED"},
                    {[](H& h) { h.set_delimiter(";;"); }, "header.delimiter", "MALFORMED"},
                    {[](H& h) { h.set_date_order("DMY"); }, "header.date_order", "UNKNOWN_VALUE"},
                    {[](H& h) { h.set_time_zone("/etc/localtime"); }, "header.time_zone", "UNKNOWN_VALUE"}});
}

TEST(DirectoryConverters, RefuseWhatBreaksARule) {
  using E = directory::CreateEmployeeRequest;
  E good;
  good.mutable_employee()->set_name("王芳");
  good.mutable_employee()->set_login("WangFang");
  good.mutable_employee()->set_org_unit_id(Uuid::New().ToString());
  EXPECT_EQ(ToCreateEmployee(good)->employee.login, "wangfang");
  ExpectRefused<E>(
      good, ToCreateEmployee,
      {{[](E& r) { r.mutable_employee()->clear_login(); }, "employee.login", "REQUIRED"},
       {[](E& r) { r.mutable_employee()->set_capacity(-1); }, "employee.capacity", "NEGATIVE"},
       {[](E& r) { r.mutable_employee()->set_email("x"); }, "employee.email", "MALFORMED"},
       {[](E& r) { r.mutable_employee()->set_time_zone("localtime"); }, "employee.time_zone",
        "UNKNOWN_VALUE"},
       {[](E& r) { r.mutable_employee()->clear_org_unit_id(); }, "employee.org_unit_id", "REQUIRED"}});
  using U = directory::CreateOrgUnitRequest;
  U unit;
  unit.mutable_org_unit()->set_name("总部");
  unit.mutable_org_unit()->set_kind(directory::ORG_UNIT_KIND_HEADQUARTERS);
  ExpectRefused<U>(unit, ToCreateOrgUnit,
                   {{[](U& r) { r.mutable_org_unit()->set_kind(directory::ORG_UNIT_KIND_TEAM); },
                     "org_unit.parent_id", "REQUIRED"},
                    {[](U& r) { r.mutable_org_unit()->set_parent_id(Uuid::New().ToString()); },
                     "org_unit.parent_id", "NOT_ALLOWED"}});
}

}  // namespace
}  // namespace crm::customer
