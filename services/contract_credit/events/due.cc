#include "services/contract_credit/events/due.h"

#include "absl/strings/numbers.h"
#include "services/contract_credit/app/announce_instalment.h"
#include "services/contract_credit/app/instalment_jobs.h"

namespace crm::contract {
namespace {

AnnounceInstalment ToAnnouncement(const schedule::DueJob& job) {
  AnnounceInstalment command;
  command.contract_id = job.subject_id;
  command.what = job.kind == kInstalmentOverdueJob ? Announcement::kOverdue : Announcement::kDue;
  if (!absl::SimpleAtoi(job.payload, &command.number)) command.number = 0;  // no such instalment: no effect
  return command;
}

}  // namespace

void RunDueJobs(schedule::Scheduler& scheduler, work::UnitOfWork& work) {
  for (const std::string_view kind : {kInstalmentDueJob, kInstalmentOverdueJob}) {
    scheduler.On<AnnounceInstalment>(std::string(kReminderQueue), std::string(kind), ToAnnouncement,
                                     [&work](auto requests) { return AnnounceInstalments(work, requests); });
  }
}

}  // namespace crm::contract
