#include "tools/demo/report.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"

namespace crm::demo {
namespace {

using Stub = analytics::v1::AnalyticsService::Stub;

std::string Day(int days_from_now) {
  return absl::FormatTime("%Y-%m-%d", absl::Now() + absl::Hours(24 * days_from_now), absl::UTCTimeZone());
}

void PrintFunnel(const Clients& clients, const std::string& token, const Counts& expected) {
  analytics::v1::GetFunnelResponse funnel;
  try {
    Await("the funnel", 20, [&] {
      funnel = Call(clients.analytics, &Stub::GetFunnel, token, analytics::v1::GetFunnelRequest());
      std::int64_t seen = 0, won = 0;
      for (const auto& row : funnel.rows()) {
        seen += row.opportunities();
        if (row.status() == "WON") won += row.opportunities();
      }
      return seen >= expected.opportunities && won >= expected.won;
    });
  } catch (const Refused&) {
    throw;
  } catch (const std::exception&) {
    std::puts("    (analytics is still reading events)");
  }
  for (const auto& row : funnel.rows())
    std::printf("    %-34s %-6s %5lld  %s\n", row.stage_name().c_str(), row.status().c_str(),
                static_cast<long long>(row.opportunities()), Readable(row.amount()).c_str());
}

void PrintAgeing(const Clients& clients, const std::string& token) {
  const auto ageing = Call(clients.analytics, &Stub::GetReceivablesAgeing, token,
                           analytics::v1::GetReceivablesAgeingRequest());
  for (const auto& row : ageing.rows())
    std::printf("    应收 receivables: %s in %lld instalments, of it overdue 1-30 days %s\n",
                Readable(row.total()).c_str(), static_cast<long long>(row.instalments()),
                Readable(row.days_1_to_30()).c_str());
}

void PrintPlan(const Clients& clients, const std::string& token) {
  analytics::v1::PlanResourcesRequest request;
  request.mutable_target()->set_currency_code("CNY");
  request.mutable_target()->set_minor_units(2'000'000'000);
  request.set_period_start_date(Day(-30));
  request.set_period_end_date(Day(90));
  const auto plan = Call(clients.analytics, &Stub::PlanResources, token, request);
  std::printf("    计划 for %s by %s: %.1f more wins, %.0f %% likely from today's pipeline\n",
              Readable(request.target()).c_str(), request.period_end_date().c_str(), plan.needed_wins(),
              100 * plan.probability());
  for (const auto& stage : plan.stages())
    std::printf("      %-32s needed %7.1f (%.1f to %.1f), there are %lld\n", stage.name().c_str(),
                stage.needed(), stage.needed_low(), stage.needed_high(),
                static_cast<long long>(stage.stock()));
}

const char* NextStep(const Refused& refused) {
  return refused.code == grpc::StatusCode::FAILED_PRECONDITION
             ? "history comes of leads that are followed to their end: ./crm demo FILE.csv --stories 20"
             : "./crm status and ./crm logs analytics say more";
}

}  // namespace

std::string Readable(const type::v1::Money& money) {
  const std::string whole = absl::StrFormat("%d", std::llabs(money.minor_units() / 100));
  std::string grouped;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (i > 0 && (whole.size() - i) % 3 == 0) grouped += ',';
    grouped += whole[i];
  }
  return absl::StrFormat("%s%s.%02d %s", money.minor_units() < 0 ? "-" : "", grouped,
                         std::llabs(money.minor_units() % 100), money.currency_code());
}

void PrintManagersView(const Clients& clients, const std::string& token, const Counts& expected) {
  const std::pair<const char*, std::function<void()>> reports[] = {
      {"the funnel", [&] { PrintFunnel(clients, token, expected); }},
      {"the ageing of receivables", [&] { PrintAgeing(clients, token); }},
      {"the resource plan", [&] { PrintPlan(clients, token); }}};
  for (const auto& [name, print] : reports) {
    try {
      print();
    } catch (const Refused& refused) {
      std::printf("    %s was refused: %s\n      %s\n", name, refused.what(), NextStep(refused));
    }
  }
}

}  // namespace crm::demo
