#pragma once
#include "crm/opportunity/v1/activity_service.pb.h"
#include "crm/opportunity/v1/import_service.pb.h"
#include "crm/opportunity/v1/notification_service.pb.h"
#include "crm/opportunity/v1/opportunity_service.pb.h"
#include "crm/opportunity/v1/product_service.pb.h"
#include "crm/opportunity/v1/quote_service.pb.h"
#include "crm/opportunity/v1/sales_process_service.pb.h"
#include "services/opportunity/domain/activity.h"
#include "services/opportunity/domain/notification.h"
#include "services/opportunity/domain/opportunity.h"
#include "services/opportunity/domain/opportunity_import.h"
#include "services/opportunity/domain/product.h"
#include "services/opportunity/domain/queries.h"
#include "services/opportunity/domain/quote.h"

namespace crm::opportunity {

// The enumerations of messages count from UNSPECIFIED = 0, those of the domain from their first value.
template <class Message, class Domain>
Message ToEnum(Domain value) {
  return static_cast<Message>(static_cast<int>(value) + 1);
}
template <class Domain, class Message>
Domain FromEnum(Message value) {
  return static_cast<Domain>(static_cast<int>(value) - 1);
}

// From the domain to what callers read.
v1::SalesProcess ToMessage(const SalesProcess& process);
v1::Opportunity ToMessage(const Opportunity& opportunity);
v1::Activity ToMessage(const Activity& activity);
v1::Product ToMessage(const Product& product);
v1::Quote ToMessage(const Quote& quote);
v1::Notification ToMessage(const Notification& notification);
v1::OpportunityImport ToMessage(const OpportunityImport& import);
v1::ImportFinding ToMessage(const Finding& finding);
// A history oldest first.
v1::ListStageMovesResponse ToMessage(const std::vector<StageMove>& moves);

}  // namespace crm::opportunity
