#include "services/opportunity/rpc/quote_service.h"

#include "services/opportunity/app/quotes.h"
#include "services/opportunity/rpc/commands.h"
#include "services/opportunity/rpc/page.h"

namespace crm::opportunity {
namespace {

v1::GetQuoteResponse ToResponse(const Quote& q) {
  v1::GetQuoteResponse response;
  *response.mutable_quote() = ToMessage(q);
  return response;
}

}  // namespace

QuoteHandlers::QuoteHandlers(const Workshop& shop)
    : pool_(shop.pool),
      reports_(shop.reports),
      create_(shop.writes, [&work = shop.unit](auto set) { return CreateQuotes(work, set); }),
      submit_(shop.writes, [&work = shop.unit](auto set) { return SubmitQuotes(work, set); }),
      accept_(shop.writes, [&work = shop.unit](auto set) { return AcceptQuotes(work, set); }),
      get_(shop.reads, [&pool = shop.pool](auto set) { return GetQuotes(pool, set); }) {}

void QuoteHandlers::Register(rpc::Server& server) {
  using namespace v1;
  server.Unary(service_, "CreateQuote",
               rpc::Write<CreateQuoteRequest, CreateQuoteResponse>(create_, ToCommand,
                                                                   &CreateQuoteResponse::mutable_quote));
  server.Unary(service_, "GetQuote",
               rpc::Read<GetQuoteRequest, GetQuoteResponse>(
                   get_, ToQuery<opportunity::Quote, GetQuoteRequest>, ToResponse));
  server.Unary(
      service_, "ListQuotes",
      rpc::Alone<ListQuotesRequest, ListQuotesResponse>(
          reports_, [this](const auto& context, const auto& request) { return List(context, request); }));
  server.Unary(service_, "SubmitQuote",
               rpc::Write<SubmitQuoteRequest, SubmitQuoteResponse>(submit_, ToCommand,
                                                                   &SubmitQuoteResponse::mutable_quote));
  server.Unary(service_, "AcceptQuote",
               rpc::Write<AcceptQuoteRequest, AcceptQuoteResponse>(accept_, ToCommand,
                                                                   &AcceptQuoteResponse::mutable_quote));
}

absl::StatusOr<v1::ListQuotesResponse> QuoteHandlers::List(const rpc::Context& context,
                                                           const v1::ListQuotesRequest& request) {
  rpc::Fields fields;
  const rpc::Paging paging(request, kPositionParts, fields);
  const Page page = ToPage(paging, fields);
  QuoteFilter filter;
  filter.opportunity_id = OptionalId(fields, "opportunity_id", request.opportunity_id());
  if (fields.Enum("status", request.status(), v1::QuoteStatus_IsValid(request.status())))
    filter.status = FromEnum<Quote::Status>(request.status());
  if (!fields.status().ok()) return fields.status();

  auto found = QuotesLike(pool_, context.caller, filter, page);
  if (!found.ok()) return found.status();
  v1::ListQuotesResponse response;
  response.set_next_page_token(paging.Cut(*found, ByCreation<Quote>));
  for (const Quote& q : *found) *response.add_quotes() = ToMessage(q);
  return response;
}

}  // namespace crm::opportunity
