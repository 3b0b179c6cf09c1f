#include "services/opportunity/domain/history.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/opportunity/domain/names.h"

namespace crm::opportunity {
namespace {

Happening Closed(Opportunity o, const SalesProcess& process) {
  const absl::Time time = *o.close_time;
  Standing at = StandingOf(o, process);
  if (o.status == Status::kWon) return {OpportunityWon{std::move(o), std::move(at), std::nullopt}, time};
  return {OpportunityLost{std::move(o), std::move(at), ""}, time};
}

absl::Status Refused(std::string_view field, std::string_view reason, std::string_view description) {
  errors::Violations violations;
  violations.Add(field, reason, description);
  return violations.ToStatus();
}

// Takes what the row says into `o`, but for its stage and its end. The names of the fields that changed.
std::vector<std::string> TakeOver(Opportunity& o, const Interpretation& row) {
  const Opportunity& told = *row.opportunity;
  std::vector<std::string> changed;
  const auto take = [&](const char* field, bool says, auto& mine, const auto& theirs) {
    if (!says || mine == theirs) return false;
    mine = theirs;
    changed.emplace_back(field);
    return true;
  };
  take("name", row.says_name, o.details.name, told.details.name);
  take("amount", told.details.amount.has_value(), o.details.amount, told.details.amount);
  take("expected_close", told.details.expected_close.has_value(), o.details.expected_close,
       told.details.expected_close);
  if (take("product_ids", !told.details.product_ids.empty(), o.details.product_ids, told.details.product_ids))
    o.details.product_names = told.details.product_names;
  if (take("customer_id", told.customer_id && !o.customer_id, o.customer_id, told.customer_id))
    o.customer_name = told.customer_name;
  const bool finds_lead = take("lead_id", told.lead_id && !o.lead_id, o.lead_id, told.lead_id);
  take("source", row.says_source || (finds_lead && o.source.empty()), o.source, told.source);
  take("campaign", !told.campaign.empty(), o.campaign, told.campaign);
  take("open_time", row.says_open_date, o.open_time, told.open_time);
  return changed;
}

// Nobody had said when it began: it was taken to be the time of the import.
bool IsOpenTimeMadeUp(const Opportunity& o) { return o.open_time == o.create_time; }

}  // namespace

std::vector<Happening> Begin(const Opportunity& told, const SalesProcess& process) {
  Opportunity begun = told;
  begun.status = Status::kOpen;
  begun.close_reason.clear();
  begun.close_time.reset();
  std::vector<Happening> happened = {
      {OpportunityCreated{begun, StandingOf(begun, process), std::nullopt}, begun.open_time}};
  if (told.status != Status::kOpen) happened.push_back(Closed(told, process));
  return happened;
}

absl::StatusOr<std::vector<Happening>> GoOn(const Opportunity& known, const Interpretation& row,
                                            const SalesProcess& process, const Uuid& import_id,
                                            absl::Time now) {
  Opportunity told = *row.opportunity;
  Opportunity o = known;
  std::vector<std::string> changed = TakeOver(o, row);
  if (told.close_time && !IsOpenTimeMadeUp(known))
    told.close_time = CloseTime(*told.close_time, row.close_day_ends, o.open_time);
  const bool moves = told.status == Status::kOpen && told.stage != known.stage;
  if (changed.empty() && !moves && told.status == known.status && told.close_time == known.close_time)
    return std::vector<Happening>();
  if (known.status != Status::kOpen)
    return Refused(
        "external_id", "ALREADY_CLOSED",
        absl::StrCat("this opportunity is ", std::string(Name(known.status)), " already and stays as it is"));
  if (!known.history())
    return Refused("external_id", "NOT_IMPORTED",
                   "this opportunity was not imported; change it where it is worked on");
  o.import_id = import_id;
  o.update_time = now;
  if (known.stage_entered_time == known.open_time) o.stage_entered_time = o.open_time;

  if (told.status != Status::kOpen) {
    if (*told.close_time < o.open_time) {
      if (!IsOpenTimeMadeUp(known))
        return Refused("close_date", "CLOSE_BEFORE_OPEN", "closed before it was opened");
      o.open_time = *told.close_time;
    }
    o.stage_entered_time = std::min(o.stage_entered_time, *told.close_time);
    o.status = told.status;
    o.close_reason = told.close_reason;
    o.close_time = told.close_time;
    return std::vector{Closed(std::move(o), process)};
  }

  if (moves && process.IndexOf(told.stage) < 0)
    return Refused("stage", "UNKNOWN_STAGE",
                   "no stage of the version of the sales process that this opportunity follows");
  std::vector<Happening> happened;
  const Standing from = StandingOf(o, process);
  if (std::erase(changed, "amount") > 0)
    happened.push_back({OpportunityAmountChanged{o, from, known.details.amount}, now});
  if (!changed.empty()) happened.push_back({OpportunityUpdated{o, from, std::move(changed)}, now});
  if (moves) {
    o.stage = told.stage;
    o.stage_entered_time = now;
    happened.push_back(
        {OpportunityStageMoved{o, StandingOf(o, process), from, known.stage_entered_time}, now});
  }
  return happened;
}

std::vector<errors::Violation> WhatStays(const Opportunity& known, const Interpretation& row) {
  const Opportunity& told = *row.opportunity;
  std::vector<errors::Violation> stays;
  if (row.says_owner && told.owner_id != known.owner_id)
    stays.push_back({"owner", "OWNER_STAYS", "another employee has this opportunity, and keeps it"});
  if (told.customer_id && known.customer_id && told.customer_id != known.customer_id)
    stays.push_back({"customer", "CUSTOMER_STAYS", "this opportunity is another customer's, and stays so"});
  if (told.lead_id && known.lead_id && told.lead_id != known.lead_id)
    stays.push_back({"lead", "LEAD_STAYS", "this opportunity came from another lead, and stays so"});
  return stays;
}

}  // namespace crm::opportunity
