#pragma once
#include <string>
#include <vector>

#include "tools/demo/clients.h"
#include "tools/demo/tokens.h"

namespace crm::demo {

// Where a lead's story is taken.
enum class Ending { kPlanned, kDisqualified, kNurtured, kOpen, kLost, kWon };

// What happened to one lead; true for each step that was reached.
struct Story {
  Ending ending = Ending::kPlanned;
  bool planned = false, judged = false, converted = false, quoted = false, won = false, lost = false;
  bool held_for_credit = false, active = false;
  int payments = 0;
  std::string trouble;  // why it stopped early; empty when it did not
};

// Plays the people who work on leads: the owner who plans, visits, qualifies, converts and quotes, and
// finance, who sets the limit, activates the contract and books the money. Each step looks at where things
// stand and does what is missing, so that an interrupted story goes on where it was.
class Journey {
 public:
  Journey(const Clients& clients, const Tokens& tokens, std::vector<std::string> product_ids)
      : clients_(clients), tokens_(tokens), product_ids_(std::move(product_ids)) {}

  // `number` varies products, amounts and terms. Never throws.
  Story Follow(const std::string& lead_id, Ending ending, int number) const;

 private:
  struct Deal;
  void PlanFollowUp(Deal& deal) const;
  bool Judge(Deal& deal) const;  // false when the story ends here
  void Convert(Deal& deal) const;
  void PrepareOpportunity(Deal& deal) const;
  void Advance(Deal& deal, const std::string& stage) const;
  void QuoteAndClose(Deal& deal) const;
  void Collect(Deal& deal) const;
  customer::v1::Lead Lead(const Deal& deal) const;
  std::string LatestDecision(const Deal& deal) const;  // its id
  opportunity::v1::Opportunity Opportunity(const Deal& deal) const;

  const Clients& clients_;
  const Tokens& tokens_;
  const std::vector<std::string> product_ids_;
};

}  // namespace crm::demo
