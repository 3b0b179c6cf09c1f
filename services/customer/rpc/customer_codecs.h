#pragma once
#include "common/work/codecs.h"

namespace crm::customer {

// Replies and events of customers, contacts and interactions.
void BindCustomerCodecs(work::Codecs& codecs);

}  // namespace crm::customer
