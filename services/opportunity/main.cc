// The opportunity service: sales processes, opportunities, activities, products, quotes, notifications.
#include <cstdio>

#include "common/service/host.h"
#include "services/opportunity/app/create_sales_process.h"
#include "services/opportunity/clients/connect.h"
#include "services/opportunity/events/hear.h"
#include "services/opportunity/rpc/activity_service.h"
#include "services/opportunity/rpc/catalogue_service.h"
#include "services/opportunity/rpc/codecs.h"
#include "services/opportunity/rpc/import_service.h"
#include "services/opportunity/rpc/opportunity_service.h"
#include "services/opportunity/rpc/quote_service.h"

int main(int argc, char** argv) {
  using namespace crm;
  service::Host host({.name = "opportunity",
                      .purpose = "Sales processes, opportunities, activities, quotes and notifications.",
                      .hears = {"customer", "contract_credit"},
                      .asks = {"customer", "contract_credit"},
                      .settings = rpc::UploadSettings},
                     argc, argv);
  opportunity::BindCodecs(host.codecs());
  if (const auto seeded = opportunity::SeedStandardProcess(host.work(), host.pool()); !seeded.ok()) {
    std::fprintf(stderr, "the standard sales process cannot be written: %s\n", seeded.ToString().c_str());
    return 1;
  }
  const opportunity::Peers peers = opportunity::Connect(host.Peer("customer"), host.Peer("contract_credit"));
  const opportunity::Workshop shop{host.pool(),  host.work(),   peers,
                                   host.reads(), host.writes(), host.reports()};

  opportunity::OpportunityHandlers opportunities(shop);
  opportunities.Register(host.server());
  opportunity::QuoteHandlers quotes(shop);
  quotes.Register(host.server());
  opportunity::CatalogueHandlers catalogue(shop);
  catalogue.Register(host.server());
  opportunity::ActivityHandlers activities(shop);
  activities.Register(host.server());
  opportunity::ImportHandlers imports(shop, rpc::ToUploadOptions(host.config()));
  imports.Register(host.server());

  opportunity::Hear(host.consumer(), host.work(), peers);
  return host.Run();
}
