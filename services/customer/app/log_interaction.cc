#include "services/customer/app/log_interaction.h"

#include <algorithm>

#include "services/customer/app/find.h"
#include "services/customer/app/gather.h"
#include "services/customer/storage/contact_store.h"
#include "services/customer/storage/customer_store.h"
#include "services/customer/storage/lead_store.h"

namespace crm::customer {
namespace {

bool IsDecisionMaker(const Contact& contact) {
  return std::ranges::count(contact.profile.roles, PurchaseRole::kDecisionMaker) > 0;
}

// The ids of the subjects of one kind.
std::vector<Uuid> Subjects(work::Batch<LogInteraction>& batch, SubjectKind kind) {
  return Gather(batch, [kind](const LogInteraction& command) {
    return command.interaction.subject_kind == kind ? command.interaction.subject_id : Uuid();
  });
}

}  // namespace

std::vector<work::Outcome> LogInteractions(work::UnitOfWork& work,
                                           absl::Span<const work::Request<LogInteraction>> requests) {
  return work.Run<LogInteraction>(requests, [](work::Batch<LogInteraction>& batch, db::Transaction& tx) {
    const std::vector<Uuid> customer_ids = Subjects(batch, SubjectKind::kCustomer);
    const std::vector<Uuid> lead_ids = Subjects(batch, SubjectKind::kLead);
    std::vector<Uuid> contact_ids;
    for (auto& item : batch.items())
      contact_ids.insert(contact_ids.end(), item->interaction.contact_ids.begin(), item->interaction.contact_ids.end());
    auto customers = CustomerStore(tx).Load(customer_ids);
    auto leads = lead_ids.empty() ? work::Tracked<Lead>() : LeadStore(tx).Load(lead_ids);
    auto contacts = ContactStore(tx).Load(customer_ids, Distinct(std::move(contact_ids)));

    work::Tracked<Interaction> logged;
    for (auto& item : batch.items()) {
      Interaction interaction = item->interaction;
      const bool of_customer = interaction.subject_kind == SubjectKind::kCustomer;
      if (of_customer && !Find(item, customers, interaction.subject_id, "interaction:create")) continue;
      if (!of_customer && !Find(item, leads, interaction.subject_id, "interaction:create")) continue;
      if (absl::Status happened = HasHappened(interaction.occurred_time, batch.now()); !happened.ok()) {
        item.Fail(happened);
        continue;
      }
      const auto stranger = std::ranges::find_if(interaction.contact_ids, [&](const Uuid& id) {
        const Contact* contact = contacts.Find(id);
        return contact == nullptr || contact->customer_id != interaction.subject_id;
      });
      if (stranger != interaction.contact_ids.end()) {
        item.Fail(errors::NotFound("contact", stranger->ToString()));
        continue;
      }
      for (const Uuid& id : interaction.contact_ids) interaction.met_decision_maker |= IsDecisionMaker(*contacts.Find(id));
      interaction.id = Uuid::New();
      interaction.owner_id = item.caller().principal->id;
      interaction.org_unit_id = item.caller().principal->org_unit_id;
      interaction.create_time = batch.now();
      Interaction& added = logged.AddNew(std::move(interaction));
      item.Emit(added, InteractionLogged{added}, added.occurred_time);
      item.Succeed(added);
    }
    batch.Guard(InteractionStore(tx).Save(logged));
  });
}

absl::StatusOr<std::vector<Interaction>> TimelineOf(db::Pool& pool, const work::Request<ListTimeline>& request) {
  const auto& [caller, query, once] = request;
  const auto sees = [&](const auto* record) {
    return record != nullptr && Sees(caller, "interaction:read", {record->owner_id, record->org_unit_id});
  };
  std::vector<Interaction> interactions;
  const absl::Status read = db::RunReads(pool, caller.deadline, [&](db::Transaction& tx) {
    if (query.subject_kind == SubjectKind::kCustomer) {
      auto customers = CustomerStore(tx).Load({query.subject_id});
      if (!sees(customers.Find(query.subject_id))) return errors::NotFound("customer", query.subject_id.ToString());
    } else {
      auto leads = LeadStore(tx).Load({query.subject_id});
      if (!sees(leads.Find(query.subject_id))) return errors::NotFound("lead", query.subject_id.ToString());
    }
    interactions = InteractionStore(tx).Timeline(query.subject_kind, query.subject_id, query.after, query.limit);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return interactions;
}

}  // namespace crm::customer
