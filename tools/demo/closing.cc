// The end of a journey: quote, decision, contract, money.
#include "tools/demo/deal.h"

namespace crm::demo {

using namespace crm::opportunity::v1;  // NOLINT: this file is the story of an opportunity
using ContractStub = contract::v1::ContractService::Stub;

constexpr char kFinance[] = "xu.ming";

void Journey::QuoteAndClose(Deal& deal) const {
  CreateQuoteRequest create;
  auto& quote = *create.mutable_quote();
  quote.set_opportunity_id(deal.opportunity_id);
  quote.set_name("报价 Quote");
  quote.set_currency_code("CNY");
  quote.set_valid_until_date(Day(30));
  for (int line = 0; line < 2; ++line) {
    auto& item = *quote.add_lines();
    item.set_product_id(product_ids_[(deal.number + line) % product_ids_.size()]);
    item.set_quantity(1 + (deal.number + line) % 3);
    item.set_discount_basis_points(line == 0 ? 500 : 0);
    item.set_tax_basis_points(1300);
  }
  const struct {
    int basis_points, days;
    const char* name;
  } terms[] = {
      {3334, 0, "预付款 Advance"}, {3333, 30, "到货款 On delivery"}, {3333, 90, "验收款 On acceptance"}};
  for (const auto& term : terms) {
    auto& part = *quote.add_payment_terms();
    part.set_basis_points(term.basis_points);
    part.set_due_days(term.days);
    part.set_description(term.name);
  }
  create.set_request_id(deal.RequestId("quote"));
  deal.quote_id = Call(clients_.quotes, &QuoteService::Stub::CreateQuote, deal.token, create).quote().id();
  deal.story.quoted = true;

  SubmitQuoteRequest submit;
  submit.set_id(deal.quote_id);
  submit.set_request_id(deal.RequestId("submit"));
  Call(clients_.quotes, &QuoteService::Stub::SubmitQuote, deal.token, submit);
  Advance(deal, "negotiation");
  if (deal.ending == Ending::kLost) {
    if (Opportunity(deal).status() == OPPORTUNITY_STATUS_OPEN) {
      LoseOpportunityRequest lose;
      lose.set_id(deal.opportunity_id);
      lose.set_reason("price");
      lose.set_note("对手报价更低 A competitor was cheaper");
      lose.set_request_id(deal.RequestId("lose"));
      Call(clients_.opportunities, &OpportunityService::Stub::LoseOpportunity, deal.token, lose);
    }
    deal.story.lost = true;
    return;
  }
  AcceptQuoteRequest accept;
  accept.set_id(deal.quote_id);
  accept.set_reason("best_fit");
  accept.set_request_id(deal.RequestId("accept"));
  Call(clients_.quotes, &QuoteService::Stub::AcceptQuote, deal.token, accept);
  deal.story.won = true;
}

// Accepting the quote drafted the contract by event. Every fourth customer's limit is too small at first.
void Journey::Collect(Deal& deal) const {
  const std::string& finance = tokens_.Of(kFinance);
  contract::v1::Contract contract;
  contract::v1::ListContractsRequest find;
  find.set_quote_id(deal.quote_id);
  Await("the contract of an accepted quote", kPatience, [&] {
    const auto found = Call(clients_.contracts, &ContractStub::ListContracts, finance, find);
    if (found.contracts_size() > 0) contract = found.contracts(0);
    return found.contracts_size() > 0;
  });
  if (contract.state() == contract::v1::CONTRACT_STATE_DRAFT) {
    const bool tight = deal.number % 4 == 3;
    contract::v1::SetCreditLimitRequest limit;
    limit.set_customer_id(deal.customer_id);
    limit.mutable_limit()->set_currency_code("CNY");
    limit.mutable_limit()->set_minor_units(tight ? contract.total().minor_units() / 2
                                                 : contract.total().minor_units() * 2);
    limit.set_request_id(deal.RequestId("limit"));
    Call(clients_.credit, &contract::v1::CreditService::Stub::SetCreditLimit, finance, limit);
    contract::v1::ActivateContractRequest activate;
    activate.set_contract_id(contract.id());
    activate.set_request_id(deal.RequestId("activate"));
    contract = Call(clients_.contracts, &ContractStub::ActivateContract, finance, activate).contract();
  }
  if (contract.state() == contract::v1::CONTRACT_STATE_PENDING_CREDIT) {
    deal.story.held_for_credit = true;
    contract::v1::ReleaseCreditHoldRequest release;
    release.set_contract_id(contract.id());
    release.set_reason("预付款已到账 The advance has arrived");
    release.set_request_id(deal.RequestId("release"));
    contract = Call(clients_.contracts, &ContractStub::ReleaseCreditHold, finance, release).contract();
  }
  deal.story.active = contract.state() == contract::v1::CONTRACT_STATE_ACTIVE;
  const int due = 1 + deal.number % 2;
  for (int i = 0; i < due && i < contract.instalments_size(); ++i) {
    contract::v1::RecordPaymentRequest payment;
    payment.set_contract_id(contract.id());
    *payment.mutable_amount() = contract.instalments(i).amount();
    payment.set_method("bank_transfer");
    payment.set_reference(absl::StrCat("DEMO-", contract.number(), "-", i + 1));
    payment.set_request_id(deal.RequestId(absl::StrCat("payment-", i + 1)));
    Call(clients_.contracts, &ContractStub::RecordPayment, finance, payment);
    ++deal.story.payments;
  }
}

}  // namespace crm::demo
