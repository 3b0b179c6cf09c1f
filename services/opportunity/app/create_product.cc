#include "services/opportunity/app/create_product.h"

#include "common/status/errors.h"
#include "common/work/gather.h"
#include "services/opportunity/storage/product_store.h"

namespace crm::opportunity {

std::vector<work::Outcome> CreateProducts(work::UnitOfWork& work,
                                          absl::Span<const work::Request<CreateProduct>> requests) {
  return work.Run<CreateProduct>(requests, [](work::Batch<CreateProduct>& batch, db::Transaction& tx) {
    ProductStore store(tx);
    auto taken = store.FindByCode(Gather(batch, [](const CreateProduct& c) { return c.product.code; }));

    work::Tracked<Product> created;
    for (auto& item : batch.items()) {
      const auth::Principal& caller = *item.caller().principal;
      Product product = item->product;
      product.id = Uuid::New();
      product.owner_id = caller.id;
      product.org_unit_id = caller.org_unit_id;
      product.create_time = product.update_time = batch.now();
      const auto [holder, is_free] = taken.try_emplace(product.code, product.id);
      if (!is_free) {
        item.Fail(errors::AlreadyExists("product", "product.sku", product.code, holder->second.ToString()));
        continue;
      }
      Product& added = created.AddNew(std::move(product));
      item.Emit(added, ProductCreated{added});
      item.Succeed(added);
    }
    batch.Guard(store.Insert(created));
  });
}

}  // namespace crm::opportunity
