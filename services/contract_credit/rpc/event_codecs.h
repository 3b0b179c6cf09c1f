#pragma once
#include "common/work/codecs.h"

namespace crm::contract {

// This service's events as crm.event.v1 payloads.
void BindEvents(work::Codecs& codecs);

}  // namespace crm::contract
