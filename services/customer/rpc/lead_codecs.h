#pragma once
#include "common/work/codecs.h"

namespace crm::customer {

// Replies and events of the directory, of leads, assignment rules and imports.
void BindLeadCodecs(work::Codecs& codecs);

}  // namespace crm::customer
