#pragma once
#include "common/db/statement.h"
#include "services/customer/domain/lead.h"
#include "services/customer/domain/match_keys.h"

// Internal to the room: the columns of a lead in the order in which ReadLead takes them.
#define CRM_LEAD_COLUMNS                                                                                     \
  "l.id, l.version, l.owner_id, l.org_unit_id, l.external_id, l.company, l.contact, l.phone, l.email, "      \
  "l.source, "                                                                                               \
  "l.region, l.industry, l.size, l.campaign, l.note, "                                                       \
  "ARRAY(SELECT unnest(ARRAY[e.key, e.value]) FROM jsonb_each_text(l.attributes) e), l.state, l.verdict, "   \
  "l.grade, l.history, l.waiting_since, l.waiting_reason, l.assignment_id, l.follow_up, l.follow_up_start, " \
  "l.follow_up_due, l.follow_up_grace_end, "                                                                 \
  "l.planned_time, l.passed_owner_id, l.passed_until, l.fingerprint, l.possible_duplicate_of, l.import_id, " \
  "l.customer_id, l.opportunity_id, l.disqualify_reason, l.occurred_time, l.create_time, l.update_time"

namespace crm::customer {

Lead ReadLead(db::Row& row);

}  // namespace crm::customer
