#pragma once
#include "common/work/codecs.h"

namespace crm::contract {

// How this service's replies and events become bytes. Once, at start.
void BindCodecs(work::Codecs& codecs);

}  // namespace crm::contract
