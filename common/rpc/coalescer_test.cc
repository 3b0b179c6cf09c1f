#include "common/rpc/coalescer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>

#include "common/status/errors.h"
#include "common/testing/concurrent.h"
#include "common/testing/matchers.h"

namespace crm::rpc {
namespace {

using testing::HasReason;

work::Request<int> Of(int value, absl::Time deadline = absl::InfiniteFuture()) {
  return {{nullptr, deadline, ""}, value, {}};
}

// Answers every command with itself; the first batch waits until the gate opens.
class Echo {
 public:
  std::vector<absl::StatusOr<int>> operator()(absl::Span<const work::Request<int>> requests) {
    if (!entered.try_wait()) entered.count_down();
    gate.wait();
    std::lock_guard lock(mutex);
    sizes.push_back(requests.size());
    std::vector<absl::StatusOr<int>> results;
    for (const auto& request : requests) results.push_back(request.command);
    return results;
  }
  std::latch entered{1}, gate{1};
  std::mutex mutex;
  std::vector<std::size_t> sizes;
};

TEST(Coalescer, CallsThatWaitTogetherBecomeOneBatchAndEachGetsItsOwnAnswer) {
  Echo echo;
  std::mutex mutex;
  std::map<int, int> answers;
  {
    Executor executor("test", 1, 100);
    Coalescer<int, int> coalescer(executor, std::ref(echo));
    for (int i = 0; i < 50; ++i)
      coalescer.Submit(Of(i), [&, i](absl::StatusOr<int> result) {
        std::lock_guard lock(mutex);
        answers[i] = *result;
      });
    echo.gate.count_down();
    EXPECT_TRUE(testing::Eventually([&] {
      std::lock_guard lock(mutex);
      return answers.size() == 50;
    }));
  }
  for (const auto& [asked, answered] : answers) EXPECT_EQ(asked, answered);
  EXPECT_LE(echo.sizes.size(), 3u);
}

TEST(Coalescer, WhatIsPastItsDeadlineIsDroppedAndWhatDoesNotFitIsRefused) {
  Echo echo;
  std::atomic<int> late{0}, refused{0}, answered{0};
  {
    Executor executor("test", 1, 100);
    Coalescer<int, int> coalescer(executor, std::ref(echo),
                                  {.max_batch = 4, .max_waiting = 4, .concurrency = 1});
    coalescer.Submit(Of(0), [&](auto) { ++answered; });
    echo.entered.wait();  // the one worker is busy from here until the gate opens
    for (int i = 0; i < 20; ++i)
      coalescer.Submit(Of(i, absl::InfinitePast()), [&](absl::StatusOr<int> result) {
        ++(errors::Reason(result.status()) == "OVERLOADED" ? refused : late);
      });
    echo.gate.count_down();
    EXPECT_TRUE(testing::Eventually([&] { return answered + late + refused == 21; }));
  }
  EXPECT_EQ(answered, 1);
  EXPECT_EQ(late, 4);
  EXPECT_EQ(refused, 16);
  EXPECT_EQ(echo.sizes, std::vector<std::size_t>{1});
}

TEST(Coalescer, ManyThreadsLoseNothing) {
  constexpr int kThreads = 8, kCalls = 2000;
  std::atomic<std::int64_t> sum{0}, answers{0};
  {
    Executor executor("test", 3, 100);
    const auto echo = [](absl::Span<const work::Request<int>> requests) {
      std::vector<absl::StatusOr<int>> results;
      for (const auto& request : requests) results.push_back(request.command);
      return results;
    };
    Coalescer<int, int> coalescer(executor, echo, {.max_batch = 64, .max_waiting = 100000, .concurrency = 2});
    testing::RunConcurrently(kThreads, [&](int) {
      for (int i = 0; i < kCalls; ++i)
        coalescer.Submit(Of(i), [&](absl::StatusOr<int> result) {
          sum += *result;
          ++answers;
        });
    });
    EXPECT_TRUE(testing::Eventually([&] { return answers == kThreads * kCalls; }));
  }
  EXPECT_EQ(sum, std::int64_t{kThreads} * kCalls * (kCalls - 1) / 2);
}

}  // namespace
}  // namespace crm::rpc
