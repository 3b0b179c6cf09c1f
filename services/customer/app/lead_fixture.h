#pragma once
#include <map>
#include <string>
#include <vector>

#include "services/customer/app/assign_lead.h"
#include "services/customer/app/capture_lead.h"
#include "services/customer/app/change_assignment_rule.h"
#include "services/customer/app/change_directory.h"
#include "services/customer/app/customer_fixture.h"
#include "services/customer/app/follow_up_lead.h"
#include "services/customer/app/lead_imports.h"
#include "services/customer/app/lead_jobs.h"
#include "services/customer/app/qualify_lead.h"

namespace crm::customer {

// A small enterprise with leads: one headquarters, employees as the test wants them, jobs run by hand.
class LeadFixture : public CustomerFixture {
 protected:
  LeadFixture();

  Uuid Hire(const std::string& login, int capacity, const Uuid& manager = {});

  Uuid Rule(AssignmentPhase phase = AssignmentPhase::kUnjudged, Strategy strategy = Strategy::kRoundRobin,
            absl::Duration follow_up = absl::ZeroDuration(), absl::Duration grace = absl::ZeroDuration());

  CaptureLead Draft(const std::string& company, const std::string& external_id = "") const;
  Uuid CaptureOne(const std::string& company);

  // Claims every pending job of `kind`, due or not, as the scheduler does, and hands them over as one set in
  // the order of their keys.
  struct Claimed {
    Uuid subject_id;
    std::string payload;
    work::JobLease lease;
  };
  std::vector<Claimed> Claim(const std::string& kind, const std::string& where = "true");
  void RunAssignments();
  void RunFollowUps();

  // Of those who wait, only what is due by now is tried again, as one set; and what is due a minute later.
  void RunRetries(const std::string& key = "%");
  void RunRetriesOfNextMinute();
  // As if nobody had asked to try again, at once or later.
  void ForgetRetries();

  // What must hold whatever has happened; empty when it does.
  std::vector<std::string> BrokenInvariants();

  Uuid headquarters_;
  FindPlans find_plans_;
};

}  // namespace crm::customer
