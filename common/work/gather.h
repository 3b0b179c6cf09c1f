#pragma once
#include <algorithm>
#include <functional>
#include <type_traits>
#include <vector>

#include "absl/time/clock.h"
#include "absl/types/span.h"
#include "common/work/batch.h"

namespace crm::work {

// What a set names, to be loaded in one statement: sorted, each once, without empty ones.
template <class Value>
std::vector<Value> Distinct(std::vector<Value> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  if (!values.empty() && values.front() == Value()) values.erase(values.begin());
  return values;
}

// `get` of each open command: `Gather(batch, [](const auto& command) { return command.parent_id; })`.
template <class Command, class Get>
auto Gather(Batch<Command>& batch, Get get) {
  std::vector<std::decay_t<std::invoke_result_t<Get, const Command&>>> values;
  for (auto& item : batch.items()) values.push_back(std::invoke(get, *item));
  return Distinct(std::move(values));
}

// The same where `get` answers several.
template <class Command, class Get>
auto GatherAll(Batch<Command>& batch, Get get) {
  std::decay_t<std::invoke_result_t<Get, const Command&>> values;
  for (auto& item : batch.items())
    for (auto&& value : std::invoke(get, *item)) values.push_back(std::move(value));
  return Distinct(std::move(values));
}

// A set is worth its work until the last of its callers has left, and five seconds at most.
template <class Command>
absl::Time LatestDeadline(absl::Span<const Request<Command>> requests) {
  absl::Time latest = absl::InfinitePast();
  for (const auto& request : requests) latest = std::max(latest, request.caller.deadline);
  return std::min(latest, absl::Now() + absl::Seconds(5));
}

}  // namespace crm::work
