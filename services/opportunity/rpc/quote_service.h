#pragma once
#include "crm/opportunity/v1/quote_service.grpc.pb.h"
#include "services/opportunity/rpc/opportunity_service.h"

namespace crm::opportunity {

// QuoteService. Lives as long as the server.
class QuoteHandlers {
 public:
  explicit QuoteHandlers(const Workshop& shop);
  void Register(rpc::Server& server);

 private:
  absl::StatusOr<v1::ListQuotesResponse> List(const rpc::Context& context,
                                              const v1::ListQuotesRequest& request);

  db::Pool& pool_;
  rpc::Executor& reports_;
  rpc::WriteCoalescer<CreateQuote> create_;
  rpc::WriteCoalescer<SubmitQuote> submit_;
  rpc::WriteCoalescer<AcceptQuote> accept_;
  rpc::Coalescer<Get<Quote>, Quote> get_;
  v1::QuoteService::AsyncService service_;
};

}  // namespace crm::opportunity
