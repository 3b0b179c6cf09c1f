#include "services/opportunity/events/notifications.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "common/base/time_zone.h"
#include "common/base/timestamp.h"

namespace crm::opportunity {
namespace {

using crm::event::v1::Event;

// What to tell, and to whom.
struct Message {
  std::string kind, title, title_zh, subject_type, subject_id, org_unit_id;
  std::vector<std::string> recipients;
  std::optional<absl::Time> due_time;
};

std::string NameOf(const crm::event::v1::LeadFacts& lead) {
  for (const std::string& name :
       {lead.company(), lead.contact_name(), lead.email(), lead.phone(), lead.external_id()})
    if (!name.empty()) return name;
  return lead.lead_id();
}

Message AboutLead(const crm::event::v1::LeadFacts& lead, std::string kind, std::string title,
                  std::string title_zh) {
  return {std::move(kind),
          absl::StrCat(title, ": ", NameOf(lead)),
          absl::StrCat(title_zh, "：", NameOf(lead)),
          "lead",
          lead.lead_id(),
          lead.org_unit_id(),
          {},
          std::nullopt};
}

Message AboutContract(const crm::event::v1::ContractFacts& contract, std::string kind, std::string title,
                      std::string title_zh) {
  const std::string name = absl::StrCat(contract.contract_number(), " ", contract.customer_name());
  return {std::move(kind),
          absl::StrCat(title, ": ", name),
          absl::StrCat(title_zh, "：", name),
          "contract",
          contract.contract_id(),
          contract.org_unit_id(),
          {contract.owner_id()},
          std::nullopt};
}

// InstalmentDue or InstalmentOverdue.
template <class Fact>
Message AboutInstalment(const Fact& fact, std::string kind, const std::string& what,
                        const std::string& what_zh) {
  const int number = fact.instalment().number();
  Message m = AboutContract(fact.contract(), std::move(kind), absl::StrCat("Instalment ", number, what),
                            absl::StrCat("第", number, "期款项", what_zh));
  absl::CivilDay day;
  if (absl::ParseCivilTime(fact.instalment().due_date(), &day))
    m.due_time =
        absl::FromCivil(day, FindTimeZone(fact.contract().time_zone()).value_or(absl::UTCTimeZone()));
  return m;
}

Message ToMessage(const Event& event) {
  switch (event.payload_case()) {
    case Event::kLeadAssigned: {
      const auto& e = event.lead_assigned();
      Message m = AboutLead(e.lead(), "lead_assigned", "A lead is yours", "新线索已分配给您");
      m.recipients = {e.lead().owner_id()};
      if (e.has_follow_up_due_time()) m.due_time = ToTime(e.follow_up_due_time());
      return m;
    }
    case Event::kLeadWaiting: {
      const auto& e = event.lead_waiting();
      Message m = AboutLead(e.lead(), "lead_waiting", "A lead waits, nobody is eligible", "线索无人可分配");
      m.recipients = {e.alert_employee_ids().begin(), e.alert_employee_ids().end()};
      return m;
    }
    case Event::kLeadFollowUpMissed: {
      const auto& e = event.lead_follow_up_missed();
      Message m =
          AboutLead(e.lead(), "follow_up_missed", "No follow-up was planned in time", "线索未按时跟进");
      m.recipients = {e.lead().owner_id(), e.manager_id()};
      m.due_time = ToTime(e.due_time());
      return m;
    }
    case Event::kLeadReclaimed: {
      const auto& e = event.lead_reclaimed();
      Message m = AboutLead(e.lead(), "lead_reclaimed", "A lead was taken back", "线索已被收回");
      m.recipients = {e.previous_owner_id()};
      return m;
    }
    case Event::kContractDrafted:
      return AboutContract(event.contract_drafted().contract(), "contract_drafted", "A contract was drafted",
                           "合同已起草");
    case Event::kInstalmentDue: {
      const std::string& day = event.instalment_due().instalment().due_date();
      return AboutInstalment(event.instalment_due(), "instalment_due", absl::StrCat(" is due ", day),
                             absl::StrCat("于", day, "到期"));
    }
    case Event::kInstalmentOverdue:
      return AboutInstalment(event.instalment_overdue(), "instalment_overdue", " is overdue", "已逾期");
    case Event::kReminderDue: {
      const auto& e = event.reminder_due();
      Message m{e.kind(), e.title(), e.title_zh(), e.subject_type(), e.subject_id(), "", {}, std::nullopt};
      m.recipients = {e.recipient_ids().begin(), e.recipient_ids().end()};
      if (e.has_due_time()) m.due_time = ToTime(e.due_time());
      return m;
    }
    default:
      return {};
  }
}

}  // namespace

absl::StatusOr<std::optional<Notify>> ToNotifications(const Event& event) {
  const Message message = ToMessage(event);
  const auto event_id = Uuid::Parse(event.id());
  const auto subject_id = Uuid::Parse(message.subject_id);
  if (!event_id || !subject_id) return absl::InvalidArgumentError("the event or its subject has no id");
  Notify command;
  for (const std::string& recipient : std::set(message.recipients.begin(), message.recipients.end())) {
    const auto owner_id = Uuid::Parse(recipient);
    if (!owner_id) continue;
    Notification n;
    n.id = Uuid::FromName(*event_id, recipient);
    n.owner_id = *owner_id;
    n.org_unit_id = Uuid::Parse(message.org_unit_id).value_or(Uuid());
    n.kind = message.kind;
    n.title = message.title;
    n.title_zh = message.title_zh;
    n.subject_type = message.subject_type;
    n.subject_id = *subject_id;
    n.event_id = *event_id;
    n.occurred_time = ToTime(event.occurred_time());
    n.due_time = message.due_time;
    command.notifications.push_back(std::move(n));
  }
  if (command.notifications.empty()) return std::nullopt;
  return command;
}

}  // namespace crm::opportunity
