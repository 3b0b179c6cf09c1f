#include "services/customer/events/due.h"

#include "services/customer/app/assign_lead.h"
#include "services/customer/app/follow_up_lead.h"
#include "services/customer/app/lead_jobs.h"

namespace crm::customer {

void RunDueJobs(schedule::Scheduler& scheduler, work::UnitOfWork& work, FindPlans find_plans) {
  using schedule::DueJob;
  scheduler.On<AssignLead>(
      kLeadAssignmentQueue, kAssignLeadKind, [](const DueJob& job) { return AssignLead{job.subject_id}; },
      [&work](auto requests) { return AssignLeads(work, requests); });
  scheduler.On<RetryWaitingLeads>(
      kLeadAssignmentQueue, kRetryWaitingKind,
      [](const DueJob& job) { return RetryWaitingLeads{job.payload}; },
      [&work](auto requests) { return RetryWaiting(work, requests); });
  scheduler.On<TakeFollowUpStep>(
      kReminderQueue, kFollowUpKind,
      [](const DueJob& job) {
        // A payload that cannot be read names no assignment and so does nothing.
        return TakeFollowUpStep{job.subject_id, DecodeFollowUp(job.payload).value_or(FollowUpDue())};
      },
      [&work, find_plans = std::move(find_plans)](auto requests) {
        return TakeFollowUpSteps(work, find_plans, requests);
      });
}

}  // namespace crm::customer
