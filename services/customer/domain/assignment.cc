#include "services/customer/domain/assignment.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
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
constexpr std::size_t kMostAlerted = 20;

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
  if (rule.strategy == Strategy::kPerson) return seat.employee_id == rule.employee_id;
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
  if (strategy != Strategy::kLeastLoaded) return {seat.turn, 0, seat.employee_id};
  return {seat.open_leads - seat.capacity, seat.turn, seat.employee_id};
}

std::string TieBreak(Strategy strategy, const std::vector<std::pair<Rank, const Seat*>>& eligible) {
  if (eligible.size() == 1) return "";
  const auto& [first, second, id] = eligible[0].first;
  const auto& [next_first, next_second, next_id] = eligible[1].first;
  const bool tied = first == next_first;
  if (strategy == Strategy::kRoundRobin)
    return tied ? "several never assigned or alike: lowest id" : "least recently assigned";
  if (!tied) return "largest remaining capacity";
  return second == next_second ? "equal remaining capacity and turn: lowest id"
                               : "equal remaining capacity: least recently assigned";
}

std::string_view WhyNobody(const std::vector<CandidateVerdict>& candidates) {
  if (candidates.empty()) return "NO_CANDIDATE";
  const auto all = [&](auto holds) { return std::all_of(candidates.begin(), candidates.end(), holds); };
  if (all([](const auto& c) { return c.reason == "AT_CAPACITY"; })) return "ALL_AT_CAPACITY";
  if (all([](const auto& c) { return c.reason == "ON_LEAVE" || c.reason == "TERMINATED"; }))
    return "ALL_ABSENT";
  return "NOBODY_ELIGIBLE";
}

void Choose(const Lead& lead, const AssignmentRule& rule, const Roster& roster, absl::Time now,
            Decision& decision) {
  const std::string team = rule.team_org_unit_id.ToString() + "/";
  std::vector<std::pair<Rank, const Seat*>> eligible;
  std::vector<CandidateVerdict> passed_over;
  const auto verdict = [](const Seat& seat, std::string_view reason) {
    return CandidateVerdict{seat.employee_id, seat.name,     std::string(reason),
                            seat.open_leads,  seat.capacity, seat.last_assigned};
  };
  for (const Seat& seat : roster.seats()) {
    if (!IsCandidate(rule, team, seat)) continue;
    const std::string_view reason = WhyNot(lead, seat, now);
    if (reason.empty()) {
      eligible.emplace_back(RankOf(rule.strategy, seat), &seat);
    } else {
      passed_over.push_back(verdict(seat, reason));
    }
  }
  if (eligible.empty()) {
    decision.reason = WhyNobody(passed_over);
    decision.candidates = std::move(passed_over);
    return;
  }
  std::sort(eligible.begin(), eligible.end());
  decision.candidates.reserve(eligible.size() + passed_over.size());
  for (const auto& [rank, seat] : eligible)
    decision.candidates.push_back(verdict(*seat, seat == eligible.front().second ? "" : "LATER_IN_ORDER"));
  std::move(passed_over.begin(), passed_over.end(), std::back_inserter(decision.candidates));
  decision.outcome = AssignmentOutcome::kAssigned;
  decision.chosen_id = eligible.front().second->employee_id;
  decision.tie_break = TieBreak(rule.strategy, eligible);
}

// The path of the unit above; empty above headquarters.
std::string_view Above(std::string_view path) {
  if (path.empty()) return path;
  const std::size_t slash = path.rfind('/', path.size() - 2);
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash + 1);
}

bool IsHeadquarters(std::string_view path) { return !path.empty() && Above(path).empty(); }

}  // namespace

bool IsLeadField(std::string_view field) {
  if (field.starts_with(kAttributes)) return field.size() > kAttributes.size();
  return std::any_of(kFields.begin(), kFields.end(), [&](const auto& known) { return known.first == field; });
}

bool Matches(const AssignmentRule& rule, const LeadDetails& details) {
  return std::all_of(rule.criteria.begin(), rule.criteria.end(), [&](const Criterion& criterion) {
    const std::string_view held = FieldOf(details, criterion.field);
    return std::any_of(criterion.values.begin(), criterion.values.end(), [&](const std::string& value) {
      return value == "*" ? !held.empty() : Equal(value, held);
    });
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

void Roster::Take(const Uuid& employee_id, absl::Time now) {
  if (Seat* seat = Find(employee_id)) {
    ++seat->open_leads;
    seat->last_assigned = now;
    seat->turn = ++last_turn_;
  }
}
void Roster::Release(const Uuid& employee_id) {
  if (Seat* seat = Find(employee_id)) --seat->open_leads;
}

const AssignmentRule* MatchingRule(const Lead& lead, std::string_view lead_org_path,
                                   absl::Span<const AssignmentRule> rules) {
  const AssignmentPhase phase = PhaseOf(lead.verdict);
  const auto order = [](const AssignmentRule& rule) {
    return std::tuple(-static_cast<std::int64_t>(rule.org_path.size()), rule.position, rule.id);
  };
  const AssignmentRule* first = nullptr;
  for (const AssignmentRule& rule : rules) {
    if (!rule.enabled || rule.phase != phase || rule.org_path.empty() ||
        !lead_org_path.starts_with(rule.org_path))
      continue;
    if (first != nullptr && order(*first) < order(rule)) continue;
    if (Matches(rule, lead.details)) first = &rule;
  }
  return first;
}

Decision Assign(const Lead& lead, std::string_view lead_org_path, absl::Span<const AssignmentRule> rules,
                const Roster& roster, absl::Time now) {
  Decision decision;
  decision.phase = PhaseOf(lead.verdict);
  decision.rule = MatchingRule(lead, lead_org_path, rules);
  if (decision.rule == nullptr) {
    decision.reason = "NO_RULE";
    if (const Seat* owner = roster.Find(lead.owner_id);
        owner != nullptr && owner->state == EmployeeState::kActive) {
      decision.outcome = AssignmentOutcome::kKept;
      decision.chosen_id = lead.owner_id;
      decision.tie_break = "no rule of this phase: the present owner keeps it";
    }
    return decision;
  }
  decision.rule_id = decision.rule->id;
  decision.rule_version = decision.rule->version;
  decision.rule_name = decision.rule->name;
  Choose(lead, *decision.rule, roster, now, decision);
  return decision;
}

std::vector<Uuid> WhomToAlert(const Decision& decision, std::string_view lead_org_path,
                              const Roster& roster) {
  std::set<Uuid> people;
  const auto add = [&](const Uuid& id) {
    const Seat* seat = roster.Find(id);
    if (seat != nullptr && seat->state == EmployeeState::kActive) people.insert(id);
  };
  const auto add_managers = [&](auto manages) {
    for (const Seat& seat : roster.seats())
      if (manages(seat)) add(seat.manager_id);
  };
  for (const CandidateVerdict& candidate : decision.candidates)
    if (const Seat* seat = roster.Find(candidate.employee_id)) add(seat->manager_id);
  for (auto unit = lead_org_path; people.empty() && !unit.empty(); unit = Above(unit))
    add_managers([unit](const Seat& seat) { return seat.org_path == unit; });
  if (people.empty())
    for (const Seat& seat : roster.seats())
      if (IsHeadquarters(seat.org_path)) add(seat.employee_id);
  if (people.empty()) add_managers([](const Seat&) { return true; });
  std::vector<Uuid> alerted(people.begin(), people.end());
  if (alerted.size() > kMostAlerted) alerted.resize(kMostAlerted);
  return alerted;
}

}  // namespace crm::customer
