#include "services/opportunity/events/notifications.h"

#include <gmock/gmock.h>

namespace crm::opportunity {
namespace {

using crm::event::v1::Event;

class NotificationsTest : public ::testing::Test {
 protected:
  NotificationsTest() {
    event_.set_id(Uuid::New().ToString());
    event_.mutable_occurred_time()->set_seconds(1'700'000'000);
  }
  // The only notification.
  Notification Only() {
    const auto notify = ToNotifications(event_);
    EXPECT_TRUE(notify.ok() && *notify && (*notify)->notifications.size() == 1) << notify.status();
    return (*notify)->notifications.at(0);
  }
  Event event_;
  const Uuid person_ = Uuid::New(), subject_ = Uuid::New();
};

TEST_F(NotificationsTest, TheNewOwnerHearsOfALeadOnce) {
  auto& assigned = *event_.mutable_lead_assigned();
  assigned.mutable_lead()->set_lead_id(subject_.ToString());
  assigned.mutable_lead()->set_owner_id(person_.ToString());
  assigned.mutable_lead()->set_company("远山科技");
  const Notification n = Only();
  EXPECT_EQ(n.owner_id, person_);
  EXPECT_EQ(n.kind, "lead_assigned");
  EXPECT_EQ(n.subject_id, subject_);
  EXPECT_EQ(n.title_zh, "新线索已分配给您：远山科技");
  EXPECT_EQ(Only().id, n.id) << "the same event makes the same notification";
  event_.set_id(Uuid::New().ToString());
  EXPECT_NE(Only().id, n.id);
}

TEST_F(NotificationsTest, OwnerAndManagerHearOfAMiss) {
  auto& missed = *event_.mutable_lead_follow_up_missed();
  missed.mutable_lead()->set_lead_id(subject_.ToString());
  missed.mutable_lead()->set_owner_id(person_.ToString());
  missed.set_manager_id(Uuid::New().ToString());
  EXPECT_EQ((**ToNotifications(event_)).notifications.size(), 2u);
  missed.set_manager_id(person_.ToString());
  EXPECT_EQ((**ToNotifications(event_)).notifications.size(), 1u) << "nobody is told twice";
}

TEST_F(NotificationsTest, TheContractsOwnerHearsOfItsInstalments) {
  auto& overdue = *event_.mutable_instalment_overdue();
  overdue.mutable_contract()->set_contract_id(subject_.ToString());
  overdue.mutable_contract()->set_owner_id(person_.ToString());
  overdue.mutable_contract()->set_contract_number("C-7");
  overdue.mutable_contract()->set_customer_name("Acme");
  overdue.mutable_instalment()->set_number(2);
  overdue.mutable_contract()->set_time_zone("Asia/Shanghai");
  overdue.mutable_instalment()->set_due_date("2026-11-22");
  EXPECT_EQ(Only().title, "Instalment 2 is overdue: C-7 Acme");
  EXPECT_EQ(Only().due_time, absl::FromCivil(absl::CivilHour(2026, 11, 21, 16), absl::UTCTimeZone()))
      << "the day begins where the customer is";
}

TEST_F(NotificationsTest, AReminderIsTakenAsItIs) {
  auto& reminder = *event_.mutable_reminder_due();
  reminder.add_recipient_ids(person_.ToString());
  reminder.set_kind("follow_up_due");
  reminder.set_subject_type("lead");
  reminder.set_subject_id(subject_.ToString());
  reminder.set_title("Plan the follow-up of Acme");
  reminder.set_title_zh("请安排跟进：Acme");
  reminder.mutable_due_time()->set_seconds(1'700'003'600);
  const Notification n = Only();
  EXPECT_EQ(n.owner_id, person_);
  EXPECT_EQ(n.kind, "follow_up_due");
  EXPECT_EQ(n.subject_type, "lead");
  EXPECT_EQ(n.subject_id, subject_);
  EXPECT_EQ(n.title, "Plan the follow-up of Acme");
  EXPECT_EQ(n.title_zh, "请安排跟进：Acme");
  EXPECT_EQ(n.due_time, absl::FromUnixSeconds(1'700'003'600));
}

TEST_F(NotificationsTest, WhatConcernsNobodyMakesNone) {
  event_.mutable_lead_waiting()->mutable_lead()->set_lead_id(subject_.ToString());
  const auto notify = ToNotifications(event_);
  ASSERT_TRUE(notify.ok());
  EXPECT_FALSE(*notify);
}

TEST_F(NotificationsTest, WhatHasNoIdIsRefused) {
  event_.mutable_lead_assigned()->mutable_lead()->set_lead_id("x");
  EXPECT_FALSE(ToNotifications(event_).ok());
}

}  // namespace
}  // namespace crm::opportunity
