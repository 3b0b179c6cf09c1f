#pragma once
#include "common/rpc/server.h"
#include "common/work/unit_of_work.h"
#include "crm/customer/v1/customer_service.grpc.pb.h"
#include "services/customer/rpc/customer_converters.h"

namespace crm::customer {

// Where calls run: gets and writes as sets, lists alone.
struct Executors {
  rpc::Executor& reads;
  rpc::Executor& writes;
  rpc::Executor& reports;
};

// crm.customer.v1.CustomerService. Lives as long as the server.
class CustomerService {
 public:
  CustomerService(db::Pool& pool, work::UnitOfWork& work, Executors executors);
  void Register(rpc::Server& server);

 private:
  template <class Command>
  using Writes = rpc::WriteCoalescer<Command>;

  absl::StatusOr<v1::BatchGetCustomersResponse> BatchGet(const rpc::Context& context,
                                                         const v1::BatchGetCustomersRequest& request);
  absl::StatusOr<v1::ListCustomersResponse> List(const rpc::Context& context,
                                                 const v1::ListCustomersRequest& request);
  absl::StatusOr<v1::SearchCustomersResponse> Search(const rpc::Context& context,
                                                     const v1::SearchCustomersRequest& request);
  absl::StatusOr<v1::ListCustomerLifecycleMovesResponse> ListMoves(
      const rpc::Context& context, const v1::ListCustomerLifecycleMovesRequest& request);
  absl::StatusOr<v1::ListContactsResponse> ListContactsOf(const rpc::Context& context,
                                                          const v1::ListContactsRequest& request);
  absl::StatusOr<v1::ListTimelineResponse> ListTimelineOf(const rpc::Context& context,
                                                          const v1::ListTimelineRequest& request);

  db::Pool& pool_;
  rpc::Executor& reports_;
  v1::CustomerService::AsyncService service_;
  rpc::Coalescer<GetCustomer, Customer> get_customers_;
  rpc::Coalescer<GetContact, Contact> get_contacts_;
  Writes<CreateCustomer> create_customers_;
  Writes<UpsertCustomer> upsert_customers_;
  Writes<UpdateCustomer> update_customers_;
  Writes<OverrideLifecycle> override_lifecycles_;
  Writes<CreateContact> create_contacts_;
  Writes<UpdateContact> update_contacts_;
  Writes<LogInteraction> log_interactions_;
};

}  // namespace crm::customer
