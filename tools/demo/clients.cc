#include "tools/demo/clients.h"

namespace crm::demo {

Clients::Clients(const Addresses& addresses) {
  const auto channel = [](const std::string& address) {
    return grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  };
  const auto customer = channel(addresses.customer), sales = channel(addresses.opportunity),
             finance = channel(addresses.contract_credit);
  directory = directory::v1::DirectoryService::NewStub(customer);
  leads = customer::v1::LeadService::NewStub(customer);
  imports = customer::v1::ImportService::NewStub(customer);
  customers = customer::v1::CustomerService::NewStub(customer);
  opportunities = opportunity::v1::OpportunityService::NewStub(sales);
  activities = opportunity::v1::ActivityService::NewStub(sales);
  notifications = opportunity::v1::NotificationService::NewStub(sales);
  products = opportunity::v1::ProductService::NewStub(sales);
  quotes = opportunity::v1::QuoteService::NewStub(sales);
  processes = opportunity::v1::SalesProcessService::NewStub(sales);
  contracts = contract::v1::ContractService::NewStub(finance);
  credit = contract::v1::CreditService::NewStub(finance);
  analytics = analytics::v1::AnalyticsService::NewStub(channel(addresses.analytics));
}

}  // namespace crm::demo
