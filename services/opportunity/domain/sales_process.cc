#include "services/opportunity/domain/sales_process.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/opportunity/domain/contact_roles.h"
#include "services/opportunity/domain/names.h"

namespace crm::opportunity {
namespace {

constexpr std::size_t kMaxStages = 30;

template <class Names>
std::string OneOf(const Names& names) {
  return "use one of " +
         absl::StrJoin(names, ", ", [](std::string* out, std::string_view name) { *out += name; });
}

void CheckGate(const Gate& gate, const std::string& path, errors::Violations& violations) {
  if (gate.value.empty()) return violations.Add(path, "REQUIRED", "must say what is required");
  switch (gate.kind) {
    case Gate::Kind::kRequiredField:
      if (std::ranges::find(GateFields(), gate.value) == GateFields().end())
        violations.Add(absl::StrCat(path, ".required_field"), "UNKNOWN_FIELD", OneOf(GateFields()));
      break;
    case Gate::Kind::kCompletedActivity:
      if (!FromName<Activity::Kind>(gate.value))
        violations.Add(absl::StrCat(path, ".completed_activity"), "UNKNOWN_ACTIVITY_KIND",
                       OneOf(kNames<Activity::Kind>));
      break;
    case Gate::Kind::kContactRole:
      if (!IsContactRole(gate.value))
        violations.Add(absl::StrCat(path, ".contact_role"), "UNKNOWN_CONTACT_ROLE", OneOf(kContactRoles));
      break;
  }
}

}  // namespace

int SalesProcess::IndexOf(std::string_view stage) const {
  const auto found = std::ranges::find(stages, stage, &Stage::key);
  return found == stages.end() ? -1 : static_cast<int>(found - stages.begin());
}

const std::vector<std::string_view>& GateFields() {
  static const std::vector<std::string_view> fields = {"amount", "budget", "customer", "expected_close",
                                                       "grade",  "need",   "products"};
  return fields;
}

void Check(const CreateSalesProcess& command, const std::string& path, errors::Violations& violations) {
  if (command.stages.empty())
    violations.Add(absl::StrCat(path, ".stages"), "REQUIRED", "name at least one stage");
  if (command.stages.size() > kMaxStages)
    violations.Add(absl::StrCat(path, ".stages"), "TOO_MANY",
                   absl::StrCat("at most ", kMaxStages, " stages"));
  std::set<std::string_view> keys;
  for (std::size_t i = 0; i < command.stages.size(); ++i) {
    const Stage& stage = command.stages[i];
    const std::string at = absl::StrCat(path, ".stages[", i, "]");
    if (stage.key.empty()) violations.Add(absl::StrCat(at, ".key"), "REQUIRED", "give the stage a key");
    if (stage.name.empty())
      violations.Add(absl::StrCat(at, ".display_name"), "REQUIRED", "give the stage a name");
    if (!stage.key.empty() && !keys.insert(stage.key).second)
      violations.Add(absl::StrCat(at, ".key"), "DUPLICATE",
                     absl::StrCat("\"", stage.key, "\" is given twice"));
    if (stage.probability_percent < 0 || stage.probability_percent > 100)
      violations.Add(absl::StrCat(at, ".probability_percent"), "OUT_OF_RANGE", "a probability is 0 to 100");
    if (stage.expected_days < 0)
      violations.Add(absl::StrCat(at, ".expected_days"), "NEGATIVE", "days are 0 or more");
    if (stage.maximum_days < 0)
      violations.Add(absl::StrCat(at, ".maximum_days"), "NEGATIVE", "days are 0 or more");
    if (stage.maximum_days > 0 && stage.expected_days > stage.maximum_days)
      violations.Add(absl::StrCat(at, ".expected_days"), "OUT_OF_RANGE", "expected days exceed maximum days");
    for (std::size_t g = 0; g < stage.gates.size(); ++g)
      CheckGate(stage.gates[g], absl::StrCat(at, ".gates[", g, "]"), violations);
  }
}

CreateSalesProcess StandardProcess() {
  using enum Gate::Kind;
  using enum ForecastCategory;
  return {.key = std::string(kStandardProcess),
          .name = "Standard sales process 标准销售流程",
          .stages = {
              {.key = "need",
               .name = "Need 需求确认",
               .probability_percent = 20,
               .forecast = kPipeline,
               .gates = {{kRequiredField, "customer"}, {kRequiredField, "need"}},
               .expected_days = 14,
               .maximum_days = 45,
               .guidance = "Who needs what, why now, and who decides?"},
              {.key = "proposal",
               .name = "Proposal 方案报价",
               .probability_percent = 50,
               .forecast = kBestCase,
               .gates = {{kRequiredField, "amount"}, {kRequiredField, "expected_close"}},
               .expected_days = 21,
               .maximum_days = 60,
               .guidance = "Quote against the need, not the catalogue."},
              {.key = "negotiation",
               .name = "Negotiation 商务谈判",
               .probability_percent = 80,
               .forecast = kCommit,
               .gates = {{kContactRole, "DECISION_MAKER"}},
               .expected_days = 14,
               .maximum_days = 45,
               .guidance = "Agree on terms with whoever signs."},
          }};
}

}  // namespace crm::opportunity
