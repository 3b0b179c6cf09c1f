#include "services/analytics/domain/receivable.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace crm::analytics {
namespace {

void Contribute(const Receivable& receivable, const Instalment& instalment, int sign, absl::CivilDay day,
                int shard, Deltas& deltas) {
  if (!receivable.owed || instalment.currency.empty()) return;
  const std::int64_t outstanding = instalment.amount_minor - instalment.paid_minor;
  if (outstanding == 0) return;
  const auto count = [&](std::string_view dimension, std::string member) {
    Tally& tally = deltas.receivable[{shard, std::string(dimension), std::move(member), instalment.currency,
                                      instalment.due_day, day}];
    tally.count += sign;
    tally.amount_minor += sign * outstanding;
  };
  count(dimension::kTotal, "");
  count(dimension::kOwner, receivable.owner_id.ToString());
  count(dimension::kOrgUnit, receivable.org_unit_id.ToString());
}

Instalment& Find(Receivable& receivable, const Uuid& id) {
  auto at =
      std::lower_bound(receivable.instalments.begin(), receivable.instalments.end(), id,
                       [](const Instalment& instalment, const Uuid& key) { return instalment.id < key; });
  if (at == receivable.instalments.end() || at->id != id)
    at = receivable.instalments.insert(at, Instalment{.id = id});
  return *at;
}

void Pay(const Receivable& receivable, Instalment& instalment, std::int64_t amount_minor, absl::CivilDay day,
         int shard, Deltas& deltas) {
  Contribute(receivable, instalment, -1, day, shard, deltas);
  instalment.paid_minor += Countable(amount_minor);
  Contribute(receivable, instalment, 1, day, shard, deltas);
}

}  // namespace

AgeBucket AgeOf(absl::CivilDay due, absl::CivilDay as_of) {
  const auto days = as_of - due;
  if (days <= 0) return AgeBucket::kCurrent;
  if (days <= 30) return AgeBucket::k1To30;
  if (days <= 60) return AgeBucket::k31To60;
  if (days <= 90) return AgeBucket::k61To90;
  return AgeBucket::kOver90;
}

void Apply(Receivable& receivable, const ContractSeen& event, int shard, const absl::TimeZone& zone,
           Deltas& deltas) {
  const absl::CivilDay day = std::max(absl::ToCivilDay(event.occurred_time, zone), receivable.last_day);
  for (const Instalment& instalment : receivable.instalments)
    Contribute(receivable, instalment, -1, day, shard, deltas);
  receivable.id = event.id;
  receivable.owner_id = event.owner_id;
  receivable.org_unit_id = event.org_unit_id;
  if (event.owed && !receivable.owed) receivable.owed_day = day;
  receivable.owed = event.owed;
  receivable.last_day = day;
  for (Instalment& instalment : receivable.instalments)
    instalment.amount_minor = 0;  // those no longer scheduled
  for (const InstalmentSeen& seen : event.instalments) {
    Instalment& instalment = Find(receivable, seen.id);
    instalment.currency = seen.currency;
    instalment.amount_minor = Countable(seen.amount_minor);
    instalment.due_day = seen.due_day;
  }
  ++receivable.version;
  for (Instalment& instalment : receivable.instalments) {
    Contribute(receivable, instalment, 1, day, shard, deltas);
    if (!receivable.owed || instalment.currency.empty()) continue;
    for (const Instalment::Early& early : instalment.early)
      Pay(receivable, instalment, early.amount_minor, std::max(early.day, day), shard, deltas);
    instalment.early.clear();
  }
}

void Apply(Receivable& receivable, const Uuid& instalment_id, std::int64_t amount_minor, absl::CivilDay day,
           int shard, Deltas& deltas) {
  Instalment& instalment = Find(receivable, instalment_id);
  if (receivable.owed && !instalment.currency.empty()) {
    Pay(receivable, instalment, amount_minor, std::max(day, receivable.owed_day), shard, deltas);
  } else {
    instalment.early.push_back({day, amount_minor});
  }
  ++receivable.version;
}

std::string EarlyText(const std::vector<Instalment::Early>& early) {
  std::string text;
  for (const Instalment::Early& part : early)
    absl::StrAppend(&text, text.empty() ? "" : ",", absl::FormatCivilTime(part.day), ":", part.amount_minor);
  return text;
}

std::vector<Instalment::Early> ParseEarly(std::string_view text) {
  std::vector<Instalment::Early> early;
  for (absl::string_view part :
       absl::StrSplit(absl::string_view(text.data(), text.size()), ',', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> halves =
        absl::StrSplit(part, absl::MaxSplits(':', 1));
    Instalment::Early payment;
    if (absl::ParseCivilTime(halves.first, &payment.day) &&
        absl::SimpleAtoi(halves.second, &payment.amount_minor))
      early.push_back(payment);
  }
  return early;
}

}  // namespace crm::analytics
