#include "services/customer/rpc/customer_converters.h"

#include "common/base/text.h"
#include "common/base/time_zone.h"
#include "common/rpc/fields.h"
#include "google/protobuf/util/field_mask_util.h"

namespace crm::customer {
namespace {

using rpc::Fields;
using rpc::ToTimestamp;

constexpr char kLowerLetters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

std::string OrEmpty(const Uuid& id) { return id.nil() ? "" : id.ToString(); }

// An enumeration whose proto has UNSPECIFIED before the same values.
template <class E>
E FromNumber(int number) {
  return static_cast<E>(number - 1);
}
template <class Proto, class E>
Proto ToNumber(E value) {
  return static_cast<Proto>(static_cast<int>(value) + 1);
}

std::map<std::string, std::string> ReadIdentifiers(const v1::Customer& customer, Fields& fields) {
  std::map<std::string, std::string> identifiers;
  if (customer.identifiers_size() > 20)
    fields.Add("customer.identifiers", "TOO_MANY", "must have at most 20 entries");
  for (const auto& [kind, value] : customer.identifiers()) {
    const std::string field = "customer.identifiers[\"" + kind + "\"]";
    if (kind.empty() || kind.size() > 100 || kind.find_first_not_of(kLowerLetters) != std::string::npos ||
        kind == kExternalId)
      fields.Add(field, "MALFORMED", "its kind must be of a-z, 0-9 and _, at most 100, and not external_id");
    identifiers[kind] = fields.Line(field, value, 200, 1);
  }
  return identifiers;
}

std::map<std::string, std::string> ReadAttributes(const v1::Customer& customer, Fields& fields) {
  std::map<std::string, std::string> attributes;
  if (customer.attributes_size() > 200)
    fields.Add("customer.attributes", "TOO_MANY", "must have at most 200 entries");
  for (const auto& [key, value] : customer.attributes()) {
    const std::string name = fields.Line("customer.attributes", key, 100, 1);
    attributes[name] = fields.Text("customer.attributes[\"" + name + "\"]", value, 2000);
  }
  return attributes;
}

CustomerProfile ReadProfile(const v1::Customer& customer, bool needs_name, Fields& fields) {
  CustomerProfile profile;
  profile.name = fields.Line("customer.name", customer.name(), 300, needs_name ? 1 : 0);
  if (fields.Enum("customer.kind", customer.kind(), v1::CustomerKind_IsValid(customer.kind())))
    profile.kind = FromNumber<CustomerKind>(customer.kind());
  profile.other_names = fields.Lines("customer.other_names", customer.other_names(), 20, 300);
  profile.identifiers = ReadIdentifiers(customer, fields);
  profile.industry = fields.Line("customer.industry", customer.industry(), 200);
  profile.region = fields.Line("customer.region", customer.region(), 200);
  profile.size = fields.Line("customer.size", customer.size(), 100);
  profile.source = fields.Line("customer.source", customer.source(), 100);
  if (const auto grade = FromWord<Grade>(customer.grade()))
    profile.grade = *grade;
  else
    fields.Add("customer.grade", "UNKNOWN_VALUE", "must be A, B, C or empty");
  profile.parent_id = fields.OptionalId("customer.parent_id", customer.parent_id());
  profile.tags = fields.Lines("customer.tags", customer.tags(), 50, 100);
  profile.external_id = fields.Line("customer.external_id", customer.external_id(), 200);
  profile.time_zone = fields.Line("customer.time_zone", customer.time_zone(), 100);
  if (!profile.time_zone.empty() && !IsTimeZone(profile.time_zone))
    fields.Add("customer.time_zone", "UNKNOWN_VALUE", "must be an IANA time zone such as Asia/Shanghai");
  profile.attributes = ReadAttributes(customer, fields);
  return profile;
}

CreateCustomer ReadCustomer(const v1::Customer& customer, Fields& fields) {
  CreateCustomer command;
  command.profile = ReadProfile(customer, true, fields);
  command.owner_id = fields.OptionalId("customer.owner_id", customer.owner_id());
  command.org_unit_id = fields.OptionalId("customer.org_unit_id", customer.org_unit_id());
  return command;
}

ContactProfile ReadContactProfile(const v1::Contact& contact, bool needs_name, Fields& fields) {
  ContactProfile profile;
  profile.name = fields.Line("contact.name", contact.name(), 200, needs_name ? 1 : 0);
  profile.title = fields.Line("contact.title", contact.title(), 200);
  for (const std::string& phone : fields.Lines("contact.phones", contact.phones(), 10, 50))
    profile.phones.push_back(text::Phone(phone).value_or(phone));
  const auto emails = fields.Lines("contact.emails", contact.emails(), 10, 320);
  for (std::size_t i = 0; i < emails.size(); ++i) {
    const auto email = text::Email(emails[i]);
    if (!email && !emails[i].empty())
      fields.Add("contact.emails[" + std::to_string(i) + "]", "MALFORMED", "must be an e-mail address");
    profile.emails.push_back(email.value_or(""));
  }
  for (int i = 0; i < contact.roles_size(); ++i) {
    const std::string field = "contact.roles[" + std::to_string(i) + "]";
    if (!fields.Enum(field, contact.roles(i), v1::ContactRole_IsValid(contact.roles(i)), true)) continue;
    const auto role = FromNumber<PurchaseRole>(contact.roles(i));
    if (std::find(profile.roles.begin(), profile.roles.end(), role) != profile.roles.end())
      fields.Add(field, "DUPLICATE", "each role may be named once");
    profile.roles.push_back(role);
  }
  profile.influence = contact.influence();
  if (profile.influence < 0 || profile.influence > 5)
    fields.Add("contact.influence", "OUT_OF_RANGE", "must be 1 to 5, or 0 when it is not known");
  if (fields.Enum("contact.attitude", contact.attitude(), v1::ContactAttitude_IsValid(contact.attitude())))
    profile.attitude = static_cast<Attitude>(contact.attitude());
  return profile;
}

// A copy of `message` with nothing but the fields that `paths` names.
template <class Message>
Message Trimmed(const Message& message, const std::set<std::string>& paths) {
  google::protobuf::FieldMask mask;
  for (const std::string& path : paths) mask.add_paths(path);
  Message trimmed;
  google::protobuf::util::FieldMaskUtil::MergeMessageTo(message, mask, {}, &trimmed);
  return trimmed;
}

}  // namespace

absl::StatusOr<CreateCustomer> ToCreateCustomer(const v1::CreateCustomerRequest& request) {
  Fields fields;
  CreateCustomer command = ReadCustomer(request.customer(), fields);
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<UpsertCustomer> ToUpsertCustomer(const v1::UpsertCustomerRequest& request) {
  Fields fields;
  UpsertCustomer command{ReadCustomer(request.customer(), fields)};
  if (request.customer().external_id().empty())
    fields.Add("customer.external_id", "REQUIRED", "must name the customer in the other system");
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<UpdateCustomer> ToUpdateCustomer(const v1::UpdateCustomerRequest& request) {
  Fields fields;
  UpdateCustomer command;
  command.id = fields.Id("customer.id", request.customer().id());
  command.etag = fields.Etag("customer.etag", request.customer().etag());
  const auto paths =
      fields.Mask("update_mask", request.update_mask(),
                  {"name", "kind", "other_names", "identifiers", "industry", "region", "size", "grade",
                   "source", "parent_id", "tags", "external_id", "time_zone", "attributes"});
  const v1::Customer given = Trimmed(request.customer(), paths);
  command.patch = Only(ReadProfile(given, paths.contains("name"), fields), paths);
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<OverrideLifecycle> ToOverrideLifecycle(const v1::OverrideCustomerLifecycleRequest& request) {
  Fields fields;
  OverrideLifecycle command;
  command.customer_id = fields.Id("id", request.id());
  command.etag = fields.Etag("etag", request.etag());
  if (fields.Enum("lifecycle", request.lifecycle(), v1::CustomerLifecycle_IsValid(request.lifecycle()), true))
    command.to = FromNumber<Lifecycle>(request.lifecycle());
  command.reason = fields.Line("reason", request.reason(), 500, 1);
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<CreateContact> ToCreateContact(const v1::CreateContactRequest& request) {
  Fields fields;
  CreateContact command;
  command.customer_id = fields.Id("contact.customer_id", request.contact().customer_id());
  command.profile = ReadContactProfile(request.contact(), true, fields);
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<UpdateContact> ToUpdateContact(const v1::UpdateContactRequest& request) {
  Fields fields;
  UpdateContact command;
  command.id = fields.Id("contact.id", request.contact().id());
  command.etag = fields.Etag("contact.etag", request.contact().etag());
  const auto paths = fields.Mask("update_mask", request.update_mask(),
                                 {"name", "title", "roles", "influence", "attitude", "phones", "emails"});
  const v1::Contact given = Trimmed(request.contact(), paths);
  command.patch = Only(ReadContactProfile(given, paths.contains("name"), fields), paths);
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<LogInteraction> ToLogInteraction(const v1::LogInteractionRequest& request) {
  Fields fields;
  LogInteraction command;
  const v1::Interaction& given = request.interaction();
  Interaction& interaction = command.interaction;
  if (given.customer_id().empty() == given.lead_id().empty())
    fields.Add("interaction.customer_id", "EXACTLY_ONE",
               "exactly one of customer_id and lead_id must be given");
  interaction.subject_kind = given.lead_id().empty() ? SubjectKind::kCustomer : SubjectKind::kLead;
  const Uuid customer_id = fields.OptionalId("interaction.customer_id", given.customer_id());
  const Uuid lead_id = fields.OptionalId("interaction.lead_id", given.lead_id());
  interaction.subject_id = given.lead_id().empty() ? customer_id : lead_id;
  interaction.opportunity_id = fields.OptionalId("interaction.opportunity_id", given.opportunity_id());
  if (fields.Enum("interaction.kind", given.kind(), v1::InteractionKind_IsValid(given.kind()), true))
    interaction.kind = FromNumber<InteractionKind>(given.kind());
  interaction.subject = fields.Line("interaction.subject", given.subject(), 300, 1);
  interaction.body = fields.Text("interaction.body", given.body(), 10'000);
  interaction.contact_ids = fields.Ids("interaction.contact_ids", given.contact_ids(), 50);
  interaction.employee_ids = fields.Ids("interaction.employee_ids", given.employee_ids(), 50);
  interaction.met_decision_maker = given.met_decision_maker();
  interaction.outcome = fields.Text("interaction.outcome", given.outcome(), 1000);
  interaction.next_step = fields.Text("interaction.next_step", given.next_step(), 1000);
  if (given.has_cost()) interaction.cost = fields.Amount("interaction.cost", given.cost());
  if (given.has_occurred_time())
    command.occurred_time = fields.Time("interaction.occurred_time", given.occurred_time());
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<GetCustomer> ToGetCustomer(const v1::GetCustomerRequest& request) {
  Fields fields;
  GetCustomer query{fields.Id("id", request.id())};
  if (!fields.status().ok()) return fields.status();
  return query;
}

absl::StatusOr<GetContact> ToGetContact(const v1::GetContactRequest& request) {
  Fields fields;
  GetContact query{fields.Id("id", request.id())};
  if (!fields.status().ok()) return fields.status();
  return query;
}

absl::StatusOr<BatchGetCustomers> ToBatchGetCustomers(const v1::BatchGetCustomersRequest& request) {
  Fields fields;
  BatchGetCustomers query{fields.Ids("ids", request.ids(), 1000),
                          fields.Lines("external_ids", request.external_ids(), 1000, 200),
                          fields.Lines("names", request.names(), 1000, 300)};
  if (query.ids.size() + query.external_ids.size() + query.names.size() > 1000)
    fields.Add("external_ids", "TOO_MANY", "ids, external_ids and names must be at most 1000 together");
  if (!fields.status().ok()) return fields.status();
  return query;
}

v1::CustomerLifecycle ToProto(Lifecycle lifecycle) { return ToNumber<v1::CustomerLifecycle>(lifecycle); }

std::optional<Lifecycle> FromProto(v1::CustomerLifecycle lifecycle) {
  if (lifecycle == v1::CUSTOMER_LIFECYCLE_UNSPECIFIED || !v1::CustomerLifecycle_IsValid(lifecycle))
    return std::nullopt;
  return FromNumber<Lifecycle>(lifecycle);
}

v1::Customer ToProto(const Customer& customer) {
  const CustomerProfile& profile = customer.profile;
  v1::Customer proto;
  proto.set_id(customer.id.ToString());
  proto.set_name(profile.name);
  proto.set_kind(ToNumber<v1::CustomerKind>(profile.kind));
  proto.mutable_other_names()->Assign(profile.other_names.begin(), profile.other_names.end());
  proto.mutable_identifiers()->insert(profile.identifiers.begin(), profile.identifiers.end());
  proto.set_industry(profile.industry);
  proto.set_region(profile.region);
  proto.set_size(profile.size);
  proto.set_grade(std::string(Word(profile.grade)));
  proto.set_source(profile.source);
  proto.set_parent_id(OrEmpty(profile.parent_id));
  proto.mutable_tags()->Assign(profile.tags.begin(), profile.tags.end());
  proto.set_external_id(profile.external_id);
  proto.set_lifecycle(ToProto(customer.lifecycle));
  proto.set_owner_id(OrEmpty(customer.owner_id));
  proto.set_org_unit_id(OrEmpty(customer.org_unit_id));
  proto.set_time_zone(profile.time_zone);
  proto.set_lead_id(OrEmpty(customer.lead_id));
  proto.set_etag(std::to_string(customer.version));
  *proto.mutable_create_time() = ToTimestamp(customer.create_time);
  *proto.mutable_update_time() = ToTimestamp(customer.update_time);
  proto.mutable_attributes()->insert(profile.attributes.begin(), profile.attributes.end());
  return proto;
}

v1::Contact ToProto(const Contact& contact) {
  const ContactProfile& profile = contact.profile;
  v1::Contact proto;
  proto.set_id(contact.id.ToString());
  proto.set_customer_id(contact.customer_id.ToString());
  proto.set_name(profile.name);
  proto.set_title(profile.title);
  for (PurchaseRole role : profile.roles) proto.add_roles(ToNumber<v1::ContactRole>(role));
  proto.set_influence(profile.influence);
  proto.set_attitude(static_cast<v1::ContactAttitude>(profile.attitude));
  proto.mutable_phones()->Assign(profile.phones.begin(), profile.phones.end());
  proto.mutable_emails()->Assign(profile.emails.begin(), profile.emails.end());
  proto.set_owner_id(OrEmpty(contact.owner_id));
  proto.set_org_unit_id(OrEmpty(contact.org_unit_id));
  proto.set_etag(std::to_string(contact.version));
  *proto.mutable_create_time() = ToTimestamp(contact.create_time);
  *proto.mutable_update_time() = ToTimestamp(contact.update_time);
  return proto;
}

v1::Interaction ToProto(const Interaction& interaction) {
  v1::Interaction proto;
  proto.set_id(interaction.id.ToString());
  if (interaction.subject_kind == SubjectKind::kLead)
    proto.set_lead_id(interaction.subject_id.ToString());
  else
    proto.set_customer_id(interaction.subject_id.ToString());
  proto.set_opportunity_id(OrEmpty(interaction.opportunity_id));
  proto.set_kind(ToNumber<v1::InteractionKind>(interaction.kind));
  proto.set_subject(interaction.subject);
  proto.set_body(interaction.body);
  for (const Uuid& id : interaction.contact_ids) proto.add_contact_ids(id.ToString());
  for (const Uuid& id : interaction.employee_ids) proto.add_employee_ids(id.ToString());
  proto.set_met_decision_maker(interaction.met_decision_maker);
  proto.set_outcome(interaction.outcome);
  proto.set_next_step(interaction.next_step);
  if (interaction.cost) {
    proto.mutable_cost()->set_currency_code(interaction.cost->currency);
    proto.mutable_cost()->set_minor_units(interaction.cost->minor_units);
  }
  *proto.mutable_occurred_time() = ToTimestamp(interaction.occurred_time);
  proto.set_owner_id(OrEmpty(interaction.owner_id));
  proto.set_org_unit_id(OrEmpty(interaction.org_unit_id));
  *proto.mutable_create_time() = ToTimestamp(interaction.create_time);
  return proto;
}

v1::CustomerLifecycleMove ToProto(const LifecycleMove& move) {
  v1::CustomerLifecycleMove proto;
  if (move.from) proto.set_from(ToProto(*move.from));
  proto.set_to(ToProto(move.to));
  *proto.mutable_occurred_time() = ToTimestamp(move.time);
  proto.set_cause(std::string(Word(move.cause)));
  proto.set_cause_id(OrEmpty(move.cause_id));
  proto.set_reason(move.reason);
  proto.set_won_back(move.won_back);
  return proto;
}

v1::TimelineEntry ToProto(const TimelineEntry& entry) {
  v1::TimelineEntry proto;
  *proto.mutable_occurred_time() = ToTimestamp(PositionOf(entry).time);
  if (const auto* move = std::get_if<LifecycleMove>(&entry))
    *proto.mutable_lifecycle_move() = ToProto(*move);
  else
    *proto.mutable_interaction() = ToProto(std::get<Interaction>(entry));
  return proto;
}

}  // namespace crm::customer
