#pragma once
#include "absl/status/statusor.h"
#include "crm/customer/v1/customer_service.pb.h"
#include "services/customer/app/change_lifecycle.h"
#include "services/customer/app/contacts.h"
#include "services/customer/app/create_customer.h"
#include "services/customer/app/get_customer.h"
#include "services/customer/app/list_customers.h"
#include "services/customer/app/log_interaction.h"
#include "services/customer/app/timeline.h"
#include "services/customer/app/update_customer.h"
#include "services/customer/app/upsert_customer.h"

// Requests of CustomerService to commands, results to responses. A request that breaks rules answers
// INVALID_ARGUMENT with all of them.
namespace crm::customer {

absl::StatusOr<CreateCustomer> ToCreateCustomer(const v1::CreateCustomerRequest& request);
absl::StatusOr<UpsertCustomer> ToUpsertCustomer(const v1::UpsertCustomerRequest& request);
absl::StatusOr<UpdateCustomer> ToUpdateCustomer(const v1::UpdateCustomerRequest& request);
absl::StatusOr<OverrideLifecycle> ToOverrideLifecycle(const v1::OverrideCustomerLifecycleRequest& request);
absl::StatusOr<CreateContact> ToCreateContact(const v1::CreateContactRequest& request);
absl::StatusOr<UpdateContact> ToUpdateContact(const v1::UpdateContactRequest& request);
absl::StatusOr<LogInteraction> ToLogInteraction(const v1::LogInteractionRequest& request);
absl::StatusOr<GetCustomer> ToGetCustomer(const v1::GetCustomerRequest& request);
absl::StatusOr<GetContact> ToGetContact(const v1::GetContactRequest& request);
absl::StatusOr<BatchGetCustomers> ToBatchGetCustomers(const v1::BatchGetCustomersRequest& request);

v1::Customer ToProto(const Customer& customer);
v1::Contact ToProto(const Contact& contact);
v1::Interaction ToProto(const Interaction& interaction);
v1::CustomerLifecycleMove ToProto(const LifecycleMove& move);
v1::TimelineEntry ToProto(const TimelineEntry& entry);
v1::CustomerLifecycle ToProto(Lifecycle lifecycle);
std::optional<Lifecycle> FromProto(v1::CustomerLifecycle lifecycle);  // empty: unspecified

}  // namespace crm::customer
