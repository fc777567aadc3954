#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>

#include "base/error.hpp"

namespace mox::snapshots {

/// Called for each item with its key's offset.
using QuotaItemReader = std::function<void(std::uint64_t offset, std::span<const char> item)>;

enum class QuotaTree { there, missing };

/// Reads all items of one type in the quota tree (object 0). `directory` is an open directory of the file
/// system. Errors (`card`).
[[nodiscard]] Expected<QuotaTree> search_quota_tree(int directory, std::uint32_t type,
                                                    const QuotaItemReader& read);

/// The item in its form on the disk; none: it is too short.
template <typename Item>
[[nodiscard]] std::optional<Item> quota_item_in(std::span<const char> bytes) {
    if (bytes.size() < sizeof(Item)) return std::nullopt;
    Item item{};
    std::memcpy(&item, bytes.data(), sizeof item);
    return item;
}

}  // namespace mox::snapshots
