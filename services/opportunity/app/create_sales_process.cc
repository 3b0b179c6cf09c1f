#include "services/opportunity/app/create_sales_process.h"

#include "common/base/digest.h"
#include "common/work/gather.h"
#include "services/opportunity/storage/process_store.h"

namespace crm::opportunity {

std::vector<work::Outcome> CreateSalesProcesses(
    work::UnitOfWork& work, absl::Span<const work::Request<CreateSalesProcess>> requests) {
  return work.Run<CreateSalesProcess>(
      requests, [](work::Batch<CreateSalesProcess>& batch, db::Transaction& tx) {
        ProcessStore store(tx);
        std::map<std::string, int> numbers;
        for (const auto& [key, newest] : store.LoadNewest(Gather(batch, &CreateSalesProcess::key)))
          numbers[key] = newest.number;

        work::Tracked<SalesProcess> published;
        for (auto& item : batch.items()) {
          const auth::Principal& caller = *item.caller().principal;
          SalesProcess process;
          process.id = Uuid::New();
          process.owner_id = caller.id;
          process.org_unit_id = caller.org_unit_id;
          process.key = item->key;
          process.name = item->name;
          process.number = ++numbers[item->key];
          process.stages = item->stages;
          process.create_time = batch.now();
          SalesProcess& added = published.AddNew(std::move(process));
          item.Emit(added, SalesProcessPublished{added});
          item.Succeed(added);
        }
        batch.Guard(store.Insert(published));
      });
}

absl::Status SeedStandardProcess(work::UnitOfWork& work, db::Pool& pool) {
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  bool known = false;
  const absl::Status read = db::RunStatements(pool, deadline, [&](db::Transaction& tx) {
    known = !ProcessStore(tx).LoadNewest({std::string(kStandardProcess)}).empty();
    return absl::OkStatus();
  });
  if (!read.ok() || known) return read;
  // The request key lets two processes that start at the same time publish it once.
  const std::string key = Sha256("opportunity: seed the standard sales process");
  const work::Request<CreateSalesProcess> request{
      {auth::ServicePrincipal("opportunity"), deadline, ""}, StandardProcess(), work::RequestKey{key, key}};
  return CreateSalesProcesses(work, absl::MakeConstSpan(&request, 1)).front().status();
}

}  // namespace crm::opportunity
