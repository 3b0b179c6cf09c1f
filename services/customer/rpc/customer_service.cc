#include "services/customer/rpc/customer_service.h"

#include "common/rpc/fields.h"

namespace crm::customer {
namespace {

// A set-based use case as its coalescer calls it.
template <class Command>
auto Over(work::UnitOfWork& work,
          std::vector<work::Outcome> (*run)(work::UnitOfWork&, absl::Span<const work::Request<Command>>)) {
  return [&work, run](absl::Span<const work::Request<Command>> requests) { return run(work, requests); };
}
template <class Query, class Result>
auto Over(db::Pool& pool,
          std::vector<absl::StatusOr<Result>> (*run)(db::Pool&, absl::Span<const work::Request<Query>>)) {
  return [&pool, run](absl::Span<const work::Request<Query>> requests) { return run(pool, requests); };
}

template <class Entity>
std::vector<std::string> ById(const Entity& entity) {
  return {entity.id.ToString()};
}

}  // namespace

CustomerService::CustomerService(db::Pool& pool, work::UnitOfWork& work, Executors executors)
    : pool_(pool),
      reports_(executors.reports),
      get_customers_(executors.reads, Over(pool, &GetCustomers)),
      get_contacts_(executors.reads, Over(pool, &GetContacts)),
      create_customers_(executors.writes, Over(work, &CreateCustomers)),
      upsert_customers_(executors.writes, Over(work, &UpsertCustomers)),
      update_customers_(executors.writes, Over(work, &UpdateCustomers)),
      override_lifecycles_(executors.writes, Over(work, &OverrideLifecycles)),
      create_contacts_(executors.writes, Over(work, &CreateContacts)),
      update_contacts_(executors.writes, Over(work, &UpdateContacts)),
      log_interactions_(executors.writes, Over(work, &LogInteractions)) {}

void CustomerService::Register(rpc::Server& server) {
  const auto alone = [this]<class Request, class Response>(absl::StatusOr<Response> (CustomerService::*run)(
                         const rpc::Context&, const Request&)) {
    return rpc::Alone<Request, Response>(reports_,
                                         [this, run](const rpc::Context& context, const Request& request) {
                                           return (this->*run)(context, request);
                                         });
  };

  server.Unary(
      service_, "CreateCustomer",
      rpc::Write(create_customers_, &ToCreateCustomer, &v1::CreateCustomerResponse::mutable_customer));
  server.Unary(
      service_, "UpsertCustomer",
      rpc::Write(upsert_customers_, &ToUpsertCustomer, &v1::UpsertCustomerResponse::mutable_customer));
  server.Unary(
      service_, "UpdateCustomer",
      rpc::Write(update_customers_, &ToUpdateCustomer, &v1::UpdateCustomerResponse::mutable_customer));
  server.Unary(service_, "OverrideCustomerLifecycle",
               rpc::Write(override_lifecycles_, &ToOverrideLifecycle,
                          &v1::OverrideCustomerLifecycleResponse::mutable_customer));
  server.Unary(service_, "GetCustomer",
               rpc::Read<v1::GetCustomerRequest, v1::GetCustomerResponse>(
                   get_customers_, &ToGetCustomer, +[](const Customer& customer) {
                     v1::GetCustomerResponse response;
                     *response.mutable_customer() = ToProto(customer);
                     return response;
                   }));
  server.Unary(service_, "BatchGetCustomers", alone(&CustomerService::BatchGet));
  server.Unary(service_, "ListCustomers", alone(&CustomerService::List));
  server.Unary(service_, "SearchCustomers", alone(&CustomerService::Search));
  server.Unary(service_, "ListCustomerLifecycleMoves", alone(&CustomerService::ListMoves));

  server.Unary(service_, "CreateContact",
               rpc::Write(create_contacts_, &ToCreateContact, &v1::CreateContactResponse::mutable_contact));
  server.Unary(service_, "UpdateContact",
               rpc::Write(update_contacts_, &ToUpdateContact, &v1::UpdateContactResponse::mutable_contact));
  server.Unary(service_, "GetContact",
               rpc::Read<v1::GetContactRequest, v1::GetContactResponse>(
                   get_contacts_, &ToGetContact, +[](const Contact& contact) {
                     v1::GetContactResponse response;
                     *response.mutable_contact() = ToProto(contact);
                     return response;
                   }));
  server.Unary(service_, "ListContacts", alone(&CustomerService::ListContactsOf));

  server.Unary(
      service_, "LogInteraction",
      rpc::Write(log_interactions_, &ToLogInteraction, &v1::LogInteractionResponse::mutable_interaction));
  server.Unary(service_, "ListTimeline", alone(&CustomerService::ListTimelineOf));
}

absl::StatusOr<v1::BatchGetCustomersResponse> CustomerService::BatchGet(
    const rpc::Context& context, const v1::BatchGetCustomersRequest& request) {
  auto query = ToBatchGetCustomers(request);
  if (!query.ok()) return query.status();
  const auto customers = CustomersNamed(pool_, {context.caller, *std::move(query), {}});
  if (!customers.ok()) return customers.status();
  v1::BatchGetCustomersResponse response;
  for (const Customer& customer : *customers) *response.add_customers() = ToProto(customer);
  return response;
}

absl::StatusOr<v1::ListCustomersResponse> CustomerService::List(const rpc::Context& context,
                                                                const v1::ListCustomersRequest& request) {
  rpc::Fields fields;
  const rpc::Paging paging(request, 1, fields);
  ListCustomers query;
  if (!request.owner_id().empty()) query.filter.owner_id = fields.Id("owner_id", request.owner_id());
  if (!request.org_unit_id().empty())
    query.filter.org_unit_id = fields.Id("org_unit_id", request.org_unit_id());
  fields.Enum("lifecycle", request.lifecycle(), v1::CustomerLifecycle_IsValid(request.lifecycle()));
  query.filter.lifecycle = FromProto(request.lifecycle());
  if (!request.external_id().empty()) query.filter.external_id = request.external_id();
  query.before = paging.IdAt(0, fields);
  query.limit = paging.limit();
  if (!fields.status().ok()) return fields.status();

  auto customers = CustomersLike(pool_, {context.caller, query, {}});
  if (!customers.ok()) return customers.status();
  v1::ListCustomersResponse response;
  response.set_next_page_token(paging.Cut(*customers, &ById<Customer>));
  for (const Customer& customer : *customers) *response.add_customers() = ToProto(customer);
  return response;
}

absl::StatusOr<v1::SearchCustomersResponse> CustomerService::Search(
    const rpc::Context& context, const v1::SearchCustomersRequest& request) {
  rpc::Fields fields;
  const rpc::Paging paging(request, 3, fields);
  SearchCustomers query;
  query.query = fields.Line("query", request.query(), 200, 1);
  query.limit = paging.limit();
  if (!paging.first())
    query.after = {paging.IntAt<int>(0, fields), paging.TextAt(1, fields), paging.IdAt(2, fields)};
  if (!fields.status().ok()) return fields.status();

  auto found = FindCustomers(pool_, {context.caller, query, {}});
  if (!found.ok()) return found.status();
  v1::SearchCustomersResponse response;
  response.set_next_page_token(paging.Cut(*found, [](const FoundCustomer& last) {
    const FoundPosition& at = last.position;
    return std::vector<std::string>{std::to_string(at.rank), at.match_key, at.id.ToString()};
  }));
  for (const FoundCustomer& one : *found) *response.add_customers() = ToProto(one.customer);
  return response;
}

absl::StatusOr<v1::ListCustomerLifecycleMovesResponse> CustomerService::ListMoves(
    const rpc::Context& context, const v1::ListCustomerLifecycleMovesRequest& request) {
  rpc::Fields fields;
  const rpc::Paging paging(request, 1, fields);
  ListLifecycleMoves query{fields.Id("customer_id", request.customer_id()), paging.IdAt(0, fields),
                           paging.limit()};
  if (!fields.status().ok()) return fields.status();

  auto moves = MovesOf(pool_, {context.caller, query, {}});
  if (!moves.ok()) return moves.status();
  v1::ListCustomerLifecycleMovesResponse response;
  response.set_next_page_token(paging.Cut(*moves, &ById<LifecycleMove>));
  for (const LifecycleMove& move : *moves) *response.add_moves() = ToProto(move);
  return response;
}

absl::StatusOr<v1::ListContactsResponse> CustomerService::ListContactsOf(
    const rpc::Context& context, const v1::ListContactsRequest& request) {
  rpc::Fields fields;
  const rpc::Paging paging(request, 2, fields);
  ListContacts query{fields.Id("customer_id", request.customer_id()), paging.TextAt(0, fields),
                     paging.IdAt(1, fields), paging.limit()};
  if (!fields.status().ok()) return fields.status();

  auto contacts = ContactsOf(pool_, {context.caller, query, {}});
  if (!contacts.ok()) return contacts.status();
  v1::ListContactsResponse response;
  response.set_next_page_token(paging.Cut(*contacts, [](const Contact& last) {
    return std::vector<std::string>{last.profile.name, last.id.ToString()};
  }));
  for (const Contact& contact : *contacts) *response.add_contacts() = ToProto(contact);
  return response;
}

absl::StatusOr<v1::ListTimelineResponse> CustomerService::ListTimelineOf(
    const rpc::Context& context, const v1::ListTimelineRequest& request) {
  rpc::Fields fields;
  const rpc::Paging paging(request, 2, fields);
  ListTimeline query{fields.Id("customer_id", request.customer_id()), {}, paging.limit()};
  if (!paging.first()) query.after = {paging.TimeAt(0, fields), paging.IdAt(1, fields)};
  if (!fields.status().ok()) return fields.status();

  auto entries = TimelineOf(pool_, {context.caller, query, {}});
  if (!entries.ok()) return entries.status();
  v1::ListTimelineResponse response;
  response.set_next_page_token(paging.Cut(*entries, [](const TimelineEntry& last) {
    const TimelinePosition at = PositionOf(last);
    return std::vector<std::string>{std::to_string(absl::ToUnixMicros(at.time)), at.id.ToString()};
  }));
  for (const TimelineEntry& entry : *entries) *response.add_entries() = ToProto(entry);
  return response;
}

}  // namespace crm::customer
