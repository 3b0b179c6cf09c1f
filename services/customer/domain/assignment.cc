#include "services/customer/domain/assignment.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace crm::customer {
namespace {

constexpr std::array<std::pair<std::string_view, std::string LeadDetails::*>, 11> kFields = {{
    {"external_id", &LeadDetails::external_id},
    {"company", &LeadDetails::company},
    {"contact", &LeadDetails::contact},
    {"phone", &LeadDetails::phone},
    {"email", &LeadDetails::email},
    {"source", &LeadDetails::source},
    {"region", &LeadDetails::region},
    {"industry", &LeadDetails::industry},
    {"size", &LeadDetails::size},
    {"campaign", &LeadDetails::campaign},
    {"note", &LeadDetails::note},
}};
constexpr std::string_view kAttributes = "attributes.";

std::string_view FieldOf(const LeadDetails& details, std::string_view field) {
  for (const auto& [name, member] : kFields)
    if (name == field) return details.*member;
  if (field.starts_with(kAttributes)) {
    const auto found = details.attributes.find(std::string(field.substr(kAttributes.size())));
    if (found != details.attributes.end()) return found->second;
  }
  return "";
}

bool Equal(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase(absl::string_view(a.data(), a.size()), absl::string_view(b.data(), b.size()));
}

bool IsCandidate(const AssignmentRule& rule, const std::string& team, const Seat& seat) {
  if (rule.target == TargetKind::kPerson) return seat.employee_id == rule.target_id;
  if (!rule.role.empty() && std::find(seat.roles.begin(), seat.roles.end(), rule.role) == seat.roles.end())
    return false;
  return seat.org_path.find(team) != std::string::npos;
}

std::string_view WhyNot(const Lead& lead, const Seat& seat, absl::Time now) {
  if (seat.state == EmployeeState::kTerminated) return "TERMINATED";
  if (seat.state == EmployeeState::kOnLeave) return "ON_LEAVE";
  if (lead.passed_owner_id == seat.employee_id && lead.passed_until && now < *lead.passed_until)
    return "COOLING_DOWN";
  const std::int64_t others = seat.open_leads - (lead.owner_id == seat.employee_id ? 1 : 0);
  if (others >= seat.capacity) return "AT_CAPACITY";
  return "";
}

// Less is better; the id makes the order total.
using Rank = std::tuple<std::int64_t, std::int64_t, Uuid>;
Rank RankOf(Strategy strategy, const Seat& seat) {
  if (strategy == Strategy::kRoundRobin) return {seat.turn, 0, seat.employee_id};
  return {seat.open_leads - seat.capacity, seat.turn, seat.employee_id};
}

std::string TieBreak(Strategy strategy, const Rank& best, const std::vector<Rank>& ranks) {
  const auto ties = std::count_if(ranks.begin(), ranks.end(),
                                  [&](const Rank& rank) { return std::get<0>(rank) == std::get<0>(best); });
  if (ranks.size() == 1) return "the only one eligible";
  if (strategy == Strategy::kRoundRobin)
    return ties == 1 ? "least recently assigned" : absl::StrCat("least recently assigned, ", ties, " alike: lowest id");
  if (ties == 1) return "largest remaining capacity";
  const auto twins = std::count_if(ranks.begin(), ranks.end(), [&](const Rank& rank) {
    return std::get<0>(rank) == std::get<0>(best) && std::get<1>(rank) == std::get<1>(best);
  });
  return absl::StrCat("largest remaining capacity, ", ties, " alike: least recently assigned",
                      twins == 1 ? "" : ", then lowest id");
}

std::string_view WhyNobody(const std::vector<CandidateVerdict>& candidates) {
  if (candidates.empty()) return "NO_CANDIDATE";
  const auto all = [&](auto holds) { return std::all_of(candidates.begin(), candidates.end(), holds); };
  if (all([](const auto& c) { return c.reason == "AT_CAPACITY"; })) return "ALL_AT_CAPACITY";
  if (all([](const auto& c) { return c.reason == "ON_LEAVE" || c.reason == "TERMINATED"; })) return "ALL_ABSENT";
  return "NOBODY_ELIGIBLE";
}

void Choose(const Lead& lead, const AssignmentRule& rule, const Roster& roster, absl::Time now, Decision& decision) {
  const std::string team = "/" + rule.target_id.ToString() + "/";
  std::vector<Rank> ranks;
  const Seat* best = nullptr;
  bool owner_eligible = false;
  for (const Seat& seat : roster.seats()) {
    if (!IsCandidate(rule, team, seat)) continue;
    const std::string_view reason = WhyNot(lead, seat, now);
    decision.candidates.push_back({seat.employee_id, reason, seat.open_leads, seat.capacity, seat.turn});
    if (!reason.empty()) continue;
    owner_eligible |= seat.employee_id == lead.owner_id;
    ranks.push_back(RankOf(rule.strategy, seat));
    if (best == nullptr || ranks.back() < RankOf(rule.strategy, *best)) best = &seat;
  }
  if (best == nullptr) {
    decision.reason = WhyNobody(decision.candidates);
    return;
  }
  if (rule.keep_owner && owner_eligible) {
    decision.outcome = AssignmentOutcome::kKept;
    decision.chosen_id = lead.owner_id;
    decision.tie_break = "the present owner keeps it";
    return;
  }
  decision.outcome = AssignmentOutcome::kAssigned;
  decision.chosen_id = best->employee_id;
  decision.tie_break = TieBreak(rule.strategy, RankOf(rule.strategy, *best), ranks);
}

}  // namespace

bool IsLeadField(std::string_view field) {
  if (field.starts_with(kAttributes)) return field.size() > kAttributes.size();
  return std::any_of(kFields.begin(), kFields.end(), [&](const auto& known) { return known.first == field; });
}

bool Matches(const AssignmentRule& rule, const LeadDetails& details) {
  return std::all_of(rule.criteria.begin(), rule.criteria.end(), [&](const Criterion& criterion) {
    const std::string_view held = FieldOf(details, criterion.field);
    const bool among = std::any_of(criterion.values.begin(), criterion.values.end(),
                                   [&](const std::string& value) { return Equal(value, held); });
    return among != criterion.negated;
  });
}

void Roster::Add(Seat seat) {
  seat.loaded_open_leads = seat.open_leads;
  seat.loaded_turn = seat.turn;
  last_turn_ = std::max(last_turn_, seat.turn);
  index_[seat.employee_id] = seats_.size();
  seats_.push_back(std::move(seat));
}

Seat* Roster::Find(const Uuid& employee_id) {
  const auto found = index_.find(employee_id);
  return found == index_.end() ? nullptr : &seats_[found->second];
}
const Seat* Roster::Find(const Uuid& employee_id) const {
  const auto found = index_.find(employee_id);
  return found == index_.end() ? nullptr : &seats_[found->second];
}

void Roster::Take(const Uuid& employee_id) {
  if (Seat* seat = Find(employee_id)) {
    ++seat->open_leads;
    seat->turn = ++last_turn_;
  }
}
void Roster::Release(const Uuid& employee_id) {
  if (Seat* seat = Find(employee_id)) --seat->open_leads;
}

Decision Assign(const Lead& lead, absl::Span<const AssignmentRule> rules, const Roster& roster, absl::Time now) {
  Decision decision;
  decision.phase = PhaseOf(lead.verdict);
  const auto rule = std::find_if(rules.begin(), rules.end(), [&](const AssignmentRule& candidate) {
    return candidate.enabled && candidate.phase == decision.phase && Matches(candidate, lead.details);
  });
  if (rule == rules.end()) {
    decision.reason = "NO_RULE";
    if (const Seat* owner = roster.Find(lead.owner_id); owner != nullptr && owner->state == EmployeeState::kActive) {
      decision.outcome = AssignmentOutcome::kKept;
      decision.chosen_id = lead.owner_id;
      decision.tie_break = "no rule of this phase: the present owner keeps it";
    }
    return decision;
  }
  decision.rule = &*rule;
  decision.rule_id = rule->id;
  decision.rule_version = rule->version;
  decision.rule_name = rule->name;
  if (rule->target == TargetKind::kPool) {
    decision.outcome = AssignmentOutcome::kPooled;
    decision.reason = "RULE_POOL";
    return decision;
  }
  Choose(lead, *rule, roster, now, decision);
  return decision;
}

}  // namespace crm::customer
