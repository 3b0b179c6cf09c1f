#include "common/work/batch.h"

namespace crm::work::internal {

void Slot::Append(std::string_view aggregate_type, const Uuid& id, std::int64_t seq, absl::Time occurred_time,
                  outbox::EncodedEvent event) {
  events.push_back({std::string(aggregate_type), id, seq, occurred_time, std::move(event)});
}

void Slot::Schedule(Job job) {
  std::string key = job.dedupe_key;
  jobs.insert_or_assign(std::move(key), std::move(job));
}

void Slot::CancelJob(std::string dedupe_key) { jobs.insert_or_assign(std::move(dedupe_key), std::nullopt); }

}  // namespace crm::work::internal
