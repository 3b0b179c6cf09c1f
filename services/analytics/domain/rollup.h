#pragma once
#include <algorithm>
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "absl/time/civil_time.h"
#include "common/base/money.h"
#include "common/base/uuid.h"

// What is counted, and by what. Every answer is a sum over these rows. Each fact adds to them what it stands
// for; when a fact changes, what it stood for is taken out and what it stands for now is put in, dated by the
// day of the change. So the sum over all days is the present, and the sum up to a day is that day.
namespace crm::analytics {

// Won comes after every stage.
inline constexpr int kWonOrder = 32767;

namespace dimension {
inline constexpr std::string_view kTotal = "TOTAL", kOwner = "OWNER", kOrgUnit = "ORG_UNIT",
                                  kProduct = "PRODUCT", kSource = "SOURCE", kPeriod = "PERIOD";
}

struct Tally {
  std::int64_t count = 0, amount_minor = 0;
};

// What an event's amount counts as: at most the largest one, whoever let a larger one into the log, so that
// it does not make the sums of all the others overflow.
inline std::int64_t Countable(std::int64_t amount_minor) {
  return std::clamp(amount_minor, -kLargestAmount, kLargestAmount);
}

// The shard keeps the consumers of different shards from waiting for each other's rows.
struct FunnelKey {
  int shard;
  std::string dimension, member;
  Uuid process_id;
  int stage_order;
  std::string status, currency;
  absl::CivilDay day;
  auto tie() const {
    return std::tie(shard, dimension, member, process_id, stage_order, status, currency, day);
  }
  friend bool operator<(const FunnelKey& a, const FunnelKey& b) { return a.tie() < b.tie(); }
};

// `entered_day` tells how long an open one stands where it is; closed ones share kClosedDay.
inline constexpr absl::CivilDay kClosedDay(2001, 1, 1);  // any day would do, but stored rows have this one
struct ConversionKey {
  int shard;
  Uuid process_id;
  absl::CivilDay cohort_day;
  std::string status;
  int reached_order, stage_order;
  absl::CivilDay entered_day;
  auto tie() const {
    return std::tie(shard, process_id, cohort_day, status, reached_order, stage_order, entered_day);
  }
  friend bool operator<(const ConversionKey& a, const ConversionKey& b) { return a.tie() < b.tie(); }
};

// Visits to a stage that have ended; under kWonOrder the whole way from opening to winning.
struct DurationKey {
  int shard;
  Uuid process_id;
  int stage_order;
  absl::CivilDay cohort_day;
  std::int64_t hours;  // DurationBucket
  auto tie() const { return std::tie(shard, process_id, stage_order, cohort_day, hours); }
  friend bool operator<(const DurationKey& a, const DurationKey& b) { return a.tie() < b.tie(); }
};

struct LossKey {
  int shard;
  Uuid process_id;
  absl::CivilDay cohort_day;
  int stage_order;
  std::string status, reason;
  auto tie() const { return std::tie(shard, process_id, cohort_day, stage_order, status, reason); }
  friend bool operator<(const LossKey& a, const LossKey& b) { return a.tie() < b.tie(); }
};

// Open opportunities by size: `band` is a quarter of a power of two, so the mean of a band is within 10 % of
// each.
struct PipelineKey {
  int shard;
  Uuid process_id;
  int stage_order;
  std::string currency;
  int band;
  auto tie() const { return std::tie(shard, process_id, stage_order, currency, band); }
  friend bool operator<(const PipelineKey& a, const PipelineKey& b) { return a.tie() < b.tie(); }
};

struct LeadKey {
  int shard;
  std::string source;
  absl::CivilDay captured_day;
  std::string state;
  bool qualified, converted, won;
  auto tie() const { return std::tie(shard, source, captured_day, state, qualified, converted, won); }
  friend bool operator<(const LeadKey& a, const LeadKey& b) { return a.tie() < b.tie(); }
};

struct ReceivableKey {
  int shard;
  std::string dimension, member, currency;
  absl::CivilDay due_day, day;
  auto tie() const { return std::tie(shard, dimension, member, currency, due_day, day); }
  friend bool operator<(const ReceivableKey& a, const ReceivableKey& b) { return a.tie() < b.tie(); }
};

// What a set of events adds to the rollups, sorted, so that rows are locked in one order.
struct Deltas {
  std::map<FunnelKey, Tally> funnel;
  std::map<ConversionKey, std::int64_t> conversion;
  std::map<DurationKey, Tally> duration;  // amount = hours, not rounded to buckets
  std::map<LossKey, std::int64_t> loss;
  std::map<PipelineKey, Tally> pipeline;
  std::map<LeadKey, std::int64_t> lead;
  std::map<ReceivableKey, Tally> receivable;
};

}  // namespace crm::analytics
