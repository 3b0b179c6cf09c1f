#include "services/customer/app/log_interaction.h"

#include <algorithm>

#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/customer/app/named_staff.h"
#include "services/customer/storage/contact_store.h"
#include "services/customer/storage/customer_store.h"
#include "services/customer/storage/lead_store.h"
#include "services/customer/storage/timeline_store.h"

namespace crm::customer {
namespace {

// The ids of the subjects of one kind.
std::vector<Uuid> Subjects(work::Batch<LogInteraction>& batch, SubjectKind kind) {
  return work::Gather(batch, [kind](const LogInteraction& command) {
    return command.interaction.subject_kind == kind ? command.interaction.subject_id : Uuid();
  });
}

// The unit of the interaction's subject. Empty when there is no such subject: the item has failed.
template <class Item>
std::optional<Uuid> UnitOf(Item& item, work::Tracked<Customer>& customers, work::Tracked<Lead>& leads) {
  const Uuid& id = item->interaction.subject_id;
  if (item->interaction.subject_kind == SubjectKind::kCustomer) {
    const Customer* customer =
        work::Find(item, customers, {"interaction.customer_id", id}, "interaction:create");
    return customer ? std::optional(customer->org_unit_id) : std::nullopt;
  }
  const Lead* lead = work::Find(item, leads, {"interaction.lead_id", id}, "interaction:create");
  return lead ? std::optional(lead->org_unit_id) : std::nullopt;
}

// Whether all who took part are contacts of the subject, or employees; otherwise the item has failed.
template <class Item>
bool PartakersAreKnown(Item& item, work::Tracked<Contact>& contacts, NamedStaff& staff) {
  const Interaction& interaction = item->interaction;
  bool all_are = true;
  for (const Uuid& id : interaction.contact_ids) {
    const Contact* contact = contacts.Find(id);
    if (contact != nullptr && contact->customer_id == interaction.subject_id) continue;
    item.Fail(errors::NotFound(Contact::kAggregateType, id.ToString(), "interaction.contact_ids"));
    all_are = false;
  }
  for (const Uuid& id : interaction.employee_ids)
    all_are &= staff.KnowsEmployee(item, {"interaction.employee_ids", id});
  return all_are;
}

bool HadDecisionMaker(const Interaction& interaction, work::Tracked<Contact>& contacts) {
  return std::ranges::any_of(interaction.contact_ids, [&](const Uuid& id) {
    return std::ranges::count(contacts.Find(id)->profile.roles, PurchaseRole::kDecisionMaker) > 0;
  });
}

}  // namespace

std::vector<work::Outcome> LogInteractions(work::UnitOfWork& work,
                                           absl::Span<const work::Request<LogInteraction>> requests) {
  return work.Run<LogInteraction>(requests, [](work::Batch<LogInteraction>& batch, db::Transaction& tx) {
    auto customers = CustomerStore(tx).Load(Subjects(batch, SubjectKind::kCustomer));
    auto leads = LeadStore(tx).Load(Subjects(batch, SubjectKind::kLead));
    auto contacts = ContactStore(tx).Load(
        work::GatherAll(batch, [](const auto& command) { return command.interaction.contact_ids; }));
    NamedStaff staff(
        tx, work::GatherAll(batch, [](const auto& command) { return command.interaction.employee_ids; }), {});

    work::Tracked<Interaction> logged;
    for (auto& item : batch.items()) {
      Interaction interaction = item->interaction;
      const std::optional<Uuid> unit = UnitOf(item, customers, leads);
      if (!unit) continue;
      interaction.occurred_time = item->occurred_time.value_or(batch.now());
      if (absl::Status happened = HasHappened(interaction.occurred_time, batch.now()); !happened.ok()) {
        item.Fail(happened);
        continue;
      }
      if (!PartakersAreKnown(item, contacts, staff)) continue;
      interaction.met_decision_maker |= HadDecisionMaker(interaction, contacts);
      interaction.id = Uuid::New();
      interaction.owner_id = item.caller().principal->id;
      interaction.org_unit_id = *unit;
      interaction.create_time = batch.now();
      Interaction& added = logged.AddNew(std::move(interaction));
      item.Emit(added, InteractionLogged{added}, added.occurred_time);
      item.Succeed(added);
    }
    batch.Guard(TimelineStore(tx).Save(logged));
  });
}

}  // namespace crm::customer
