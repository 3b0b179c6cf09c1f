#include "common/stream/consumer.h"

#include <atomic>
#include <cstdlib>
#include <thread>

#include "common/stream/partition.h"
#include "common/telemetry/log.h"

namespace crm::stream {

struct Consumer::State {
  State(ConsumerOptions options_in, work::UnitOfWork& work_in, db::Pool& pool_in)
      : options(std::move(options_in)), work(work_in), pool(pool_in) {}

  const ConsumerOptions options;
  work::UnitOfWork& work;
  db::Pool& pool;
  Handlers handlers;
  std::atomic<bool> stopping = false;
  std::vector<std::unique_ptr<Partition>> partitions;
  std::vector<std::thread> threads;
};

Consumer::Consumer(ConsumerOptions options, work::UnitOfWork& work, db::Pool& pool)
    : state_(std::make_unique<State>(std::move(options), work, pool)) {
  state_->handlers.apply.push_back([this](auto events) { return Ignore(events); });
}

Consumer::~Consumer() { Stop(); }

void Consumer::On(std::vector<std::string> types, Apply<Event> apply) {
  for (std::string& type : types) {
    if (!state_->handlers.of_type.emplace(type, state_->handlers.apply.size()).second) {
      LogCritical("two handlers for ", type);
      std::abort();
    }
  }
  state_->handlers.apply.push_back(std::move(apply));
}

void Consumer::Start() {
  for (const Source& source : state_->options.sources) {
    for (int shard = 0; shard < source.shards; ++shard) {
      state_->partitions.push_back(
          std::make_unique<Partition>(state_->options, source, shard, state_->handlers, state_->pool));
      state_->threads.emplace_back(
          [this, partition = state_->partitions.back().get()] { partition->Run(state_->stopping); });
    }
  }
}

void Consumer::Stop() {
  state_->stopping = true;
  for (std::thread& thread : state_->threads) thread.join();
  state_->threads.clear();
}

void Consumer::Put(std::vector<work::Outcome> from, const std::vector<std::size_t>& at,
                   std::vector<work::Outcome>& to) {
  from.resize(at.size(), absl::InternalError("the handler answered too few outcomes"));
  for (std::size_t i = 0; i < at.size(); ++i) to[at[i]] = std::move(from[i]);
}

std::vector<work::Outcome> Consumer::Ignore(absl::Span<const work::Request<Event>> events) {
  return state_->work.Run<Event>(events, [](work::Batch<Event>&, db::Transaction&) {});
}

}  // namespace crm::stream
