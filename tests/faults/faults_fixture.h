#pragma once
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/faults/checker.h"
#include "tests/support/person.h"

namespace crm::testing {

// A suite with servers of its own, an enterprise in it, and clients that repeat each request until it is
// acknowledged: whatever is killed meanwhile, it must count once.
class FaultsTest : public ::testing::Test {
 protected:
  // Somebody who calls, straight to the services, through the gateway, or there with every third request. Not
  // for several threads.
  class Client {
   public:
    enum class Way { kStraight, kGateway, kByTurns };
    Client(FaultsTest& test, Way way) : test_(test), way_(way), person_(test.suite_, Uuid::New()) {}

    // The lead's id.
    std::string CaptureLead(const std::string& name);
    // Leads become contracts in force, all together: they wait for events, which come late and many at once
    // where the services are killed. For each deal one more lead is left with sales.
    void MakeDeals(const std::string& name, int count);

   private:
    struct Deal {
      std::string customer_id, opportunity_id, quote_id;
    };
    std::string QualifyLead(const std::string& name);
    Deal ConvertLead(const std::string& name);
    void AcceptQuote(Deal& deal);
    void ActivateContract(const Deal& deal);

    template <class Stub, class Request, class Response>
    Response Asks(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                  const std::string& path, const std::string& text) {
      const bool by_web = way_ == Way::kGateway || (way_ == Way::kByTurns && ++turn_ % 3 == 0);
      return Awaits(method, by_web ? path : "", text, [](const Response&) { return true; });
    }
    template <class Stub, class Request, class Response, class Holds>
    Response Awaits(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const std::string& path, const std::string& text, Holds holds) {
      const auto end = std::chrono::steady_clock::now() + kPatience;
      const auto gives_up = [&] {
        ++test_.attempts_;
        return std::chrono::steady_clock::now() > end;
      };
      auto response = person_.Insists(method, path, text, gives_up, holds);
      if (!response)
        throw std::runtime_error("never acknowledged: " + Request::descriptor()->name() + ' ' + text);
      ++test_.answers_;
      return *std::move(response);
    }
    void IsTold(std::set<std::string> Acknowledged::*what, const std::string& id);

    FaultsTest& test_;
    const Way way_;
    const Person person_;
    int turn_ = 0;
  };

  // A team of four, each with room for so many leads, rules by which it gets them, something to sell and a
  // way to sell it.
  void SetUpEnterprise(int capacity);

  bool EventuallyDrained();
  std::vector<std::string> Broken();

  static constexpr std::chrono::seconds kPatience{120};
  Suite suite_{Suite::Servers::kOwn};
  std::string unit_id_, product_id_;
  std::mutex mutex_;
  Acknowledged acknowledged_;
  std::atomic<int> attempts_{0}, answers_{0};
};

}  // namespace crm::testing
