#pragma once
#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/opportunity/storage/product_store.h"

namespace crm::opportunity {

// Every product that the details of a set of commands name.
template <class Batch>
work::Tracked<Product> LoadProductsOf(Batch& batch, db::Transaction& tx) {
  std::vector<Uuid> ids;
  for (auto& item : batch.items())
    ids.insert(ids.end(), item->details.product_ids.begin(), item->details.product_ids.end());
  return ProductStore(tx).Load(work::Distinct(std::move(ids)));
}

// Fills in the names of the products that `details` lists. False when one does not exist: the item has then
// failed with PRODUCT_NOT_FOUND.
template <class Item>
bool NameProducts(Item& item, work::Tracked<Product>& products, Details& details) {
  details.product_names.clear();
  for (const Uuid& id : details.product_ids)
    if (const Product* product = Find(item, products, {"opportunity.product_ids", id}, "product:read"))
      details.product_names.push_back(product->name);
  return details.product_names.size() == details.product_ids.size();
}

}  // namespace crm::opportunity
