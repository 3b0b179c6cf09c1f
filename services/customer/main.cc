// The customer service: the directory, leads and their assignment, imports, customers, contacts,
// interactions.
#include "common/service/host.h"
#include "services/customer/clients/follow_up_plans.h"
#include "services/customer/events/due.h"
#include "services/customer/events/hear.h"
#include "services/customer/rpc/customer_codecs.h"
#include "services/customer/rpc/customer_service.h"
#include "services/customer/rpc/directory_service.h"
#include "services/customer/rpc/import_service.h"
#include "services/customer/rpc/lead_codecs.h"
#include "services/customer/rpc/lead_service.h"

int main(int argc, char** argv) {
  using namespace crm;
  service::Host host({.name = "customer",
                      .purpose = "The enterprise's directory, leads, customers, contacts and interactions.",
                      .hears = {"opportunity", "contract_credit"},
                      .asks = {"opportunity"},
                      .settings = rpc::UploadSettings},
                     argc, argv);
  customer::BindLeadCodecs(host.codecs());
  customer::BindCustomerCodecs(host.codecs());

  customer::DirectoryHandlers directory(host.pool(), host.work(), host.reads(), host.writes(),
                                        host.reports());
  directory.Register(host.server());
  customer::LeadHandlers leads(host.pool(), host.work(), host.reads(), host.writes(), host.reports());
  leads.Register(host.server());
  customer::ImportHandlers imports(host.pool(), host.work(), host.reads(), host.reports(),
                                   rpc::ToUploadOptions(host.config()));
  imports.Register(host.server());
  customer::CustomerService customers(host.pool(), host.work(),
                                      {host.reads(), host.writes(), host.reports()});
  customers.Register(host.server());

  customer::RunDueJobs(host.scheduler(), host.work(),
                       customer::FindPlansOver(host.Peer("opportunity"), host.ServiceToken()));
  customer::Hear(host.consumer(), host.work());
  return host.Run();
}
