#pragma once
#include <gmock/gmock.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/digest.h"
#include "common/base/uuid.h"
#include "common/testing/matchers.h"
#include "common/testing/write_methods.h"
#include "common/work/batch.h"

namespace crm::testing {

// What every write use case owes to its set, shown for each method that writes. Over a fixture that has
// Ask(command), pool_, and One(sql), a test says for each method how its commands are made, and
// ExpectEveryWriteMethod compares that list with the descriptors: a new method without an entry fails.
template <class Fixture>
class WriteSets : public Fixture {
 protected:
  static constexpr int kSet = 64;

  // `make`: prepares that many commands that succeed, each on rows of its own. `spoil`: turns one into a
  // command that is refused. `run`: the use case.
  template <class Command>
  void Write(const std::string& method, std::function<std::vector<Command>(int)> make,
             std::function<void(Command&)> spoil,
             std::function<std::vector<work::Outcome>(absl::Span<const work::Request<Command>>)> run) {
    const bool added = prepare_
                           .emplace(method,
                                    [=, this](int size) -> std::unique_ptr<Set> {
                                      auto set = std::make_unique<SetOf<Command>>(spoil, run);
                                      for (Command& command : make(size))
                                        set->requests.push_back(this->Ask(std::move(command)));
                                      for (auto& request : set->requests) request.once = NewKey();
                                      return set;
                                    })
                           .second;
    EXPECT_TRUE(added) << method << " is here twice";
  }

  // `elsewhere`: the methods that have no set of their own, each with the reason why.
  void ExpectEveryWriteMethod(const std::string& service,
                              const std::map<std::string, std::string>& elsewhere = {}) {
    std::set<std::string> shown;
    for (const auto& [method, prepare] : prepare_) shown.insert(method);
    for (const auto& [method, reason] : elsewhere) {
      EXPECT_FALSE(reason.empty()) << method;
      EXPECT_TRUE(shown.insert(method).second) << method << " is here and elsewhere";
    }
    EXPECT_THAT(shown, ::testing::ContainerEq(WriteMethodsOf(service)));
  }

  void ExpectWhatIsOwedToSets() {
    for (const auto& [method, prepare] : prepare_) {
      SCOPED_TRACE(method);
      prepare(1)->Run();  // afterwards the connection has prepared its statements
      TakesAsManyStatementsAsOne(prepare);
      LeavesItsNeighboursCommitted(prepare);
      ExecutesEqualRequestsOnce(prepare);
      DoesWhatItsCommandsWouldDoOneByOne(prepare);
    }
  }

 private:
  // A set that is ready to run.
  struct Set {
    virtual ~Set() = default;
    virtual void Spoil(std::size_t item) = 0;
    // The first command once more, at the end: as the same request, or as another one.
    virtual void Repeat(bool same_request) = 0;
    // Takes the last command away, as a set of its own.
    virtual std::unique_ptr<Set> SplitLast() = 0;
    virtual std::vector<work::Outcome> Run() const = 0;
  };

  template <class Command>
  struct SetOf final : Set {
    using Spoiler = std::function<void(Command&)>;
    using Runner = std::function<std::vector<work::Outcome>(absl::Span<const work::Request<Command>>)>;
    SetOf(Spoiler spoil, Runner run) : spoil(std::move(spoil)), run(std::move(run)) {}

    void Spoil(std::size_t item) override { spoil(requests[item].command); }
    void Repeat(bool same_request) override {
      requests.push_back(requests.front());
      if (!same_request) requests.back().once = NewKey();
    }
    std::unique_ptr<Set> SplitLast() override {
      auto last = std::make_unique<SetOf>(spoil, run);
      last->requests.push_back(std::move(requests.back()));
      requests.pop_back();
      return last;
    }
    std::vector<work::Outcome> Run() const override { return run(requests); }

    const Spoiler spoil;
    const Runner run;
    std::vector<work::Request<Command>> requests;
  };
  using Prepare = std::function<std::unique_ptr<Set>(int)>;

  static work::RequestKey NewKey() { return {Sha256(Uuid::New().ToString()), Sha256("body")}; }

  std::int64_t StatementsOf(const Prepare& prepare, int size) {
    const auto set = prepare(size);
    const std::int64_t before = this->pool_.round_trips();
    EXPECT_THAT(set->Run(), ::testing::Each(IsOk()));
    return this->pool_.round_trips() - before;
  }
  void TakesAsManyStatementsAsOne(const Prepare& prepare) {
    EXPECT_EQ(StatementsOf(prepare, kSet), StatementsOf(prepare, 1)) << "statements of 64 and of one";
  }

  // A stored reply is committed with the effect, and only then.
  void LeavesItsNeighboursCommitted(const Prepare& prepare) {
    const auto set = prepare(kSet);
    set->Spoil(33);
    const int before = StoredReplies();
    const auto outcomes = set->Run();
    ASSERT_EQ(outcomes.size(), static_cast<std::size_t>(kSet));
    for (std::size_t i = 0; i < outcomes.size(); ++i) EXPECT_EQ(outcomes[i].ok(), i != 33) << i;
    EXPECT_FALSE(errors::Reason(outcomes[33].status()).empty()) << "the bad one has to be refused by name";
    EXPECT_EQ(StoredReplies() - before, kSet - 1);
  }

  void ExecutesEqualRequestsOnce(const Prepare& prepare) {
    const auto once = prepare(2), doubled = prepare(2);
    TakeEvents();
    EXPECT_THAT(once->Run(), ::testing::Each(IsOk()));
    const std::string events = TakeEvents();
    doubled->Repeat(/*same_request=*/true);
    const auto outcomes = doubled->Run();
    ASSERT_EQ(outcomes.size(), 3u);
    ASSERT_THAT(outcomes, ::testing::Each(IsOk()));
    EXPECT_EQ(*outcomes[0], *outcomes[2]);
    EXPECT_EQ(TakeEvents(), events);
    EXPECT_EQ(*doubled->Run()[0], *outcomes[0]) << "and when it comes again later";
    EXPECT_EQ(TakeEvents(), "");
  }

  // Two commands on one row: both count, or the second is refused for what the first has done.
  void DoesWhatItsCommandsWouldDoOneByOne(const Prepare& prepare) {
    const auto together = prepare(1), first = prepare(1);
    together->Repeat(/*same_request=*/false);
    first->Repeat(/*same_request=*/false);
    const auto second = first->SplitLast();
    TakeEvents();
    const auto outcomes = together->Run();
    const std::string events = TakeEvents();
    ASSERT_EQ(outcomes.size(), 2u);
    EXPECT_EQ(errors::Reason(outcomes[0].status()), errors::Reason(first->Run()[0].status()));
    EXPECT_EQ(errors::Reason(outcomes[1].status()), errors::Reason(second->Run()[0].status()));
    EXPECT_EQ(events, TakeEvents());
  }

  int StoredReplies() { return std::stoi(this->One("SELECT count(*) FROM idempotency")); }
  // The types of the events since the last time, sorted.
  std::string TakeEvents() {
    return this->One(
        "WITH told AS (DELETE FROM outbox RETURNING type)"
        " SELECT coalesce(string_agg(type, ' ' ORDER BY type), '') FROM told");
  }

  std::map<std::string, Prepare> prepare_;
};

}  // namespace crm::testing
