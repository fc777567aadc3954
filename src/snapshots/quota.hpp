#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/top_level.hpp"

namespace mox::snapshots {

enum class QuotaState {
    off,
    counting,  ///< just switched on, or out of step: the sizes are not right yet
    on,
};

/// Errors (`card`).
[[nodiscard]] Expected<QuotaState> quota_state(const TopLevel& top);

enum class QuotaSwitch { on, off };

/// Switches the counting of space on or off; already so is fine. It costs time at every later deletion: only
/// when the user asks. Precondition: `top` was opened with Purpose::change. Errors (`card`).
[[nodiscard]] Expected<void> switch_quota(const TopLevel& top, QuotaSwitch to);

/// What a snapshot takes.
struct SnapshotSize {
    Bytes referenced;  ///< all that can be read in it
    Bytes exclusive;   ///< what its deletion would free: the "Size" of the list
};

/// By number; empty when quotas are off. Errors (`card`).
[[nodiscard]] Expected<std::map<Number, SnapshotSize>> snapshot_sizes(const TopLevel& top);

/// A limit that the user has set for a quota group.
struct QuotaLimit {
    std::uint64_t group = 0;
    std::uint64_t flags = 0;  ///< BTRFS_QGROUP_LIMIT_*: which of the others count
    Bytes referenced;
    Bytes exclusive;
};

/// Limits of the quota groups that a change of the snapshots counts for: that of the top level (0/5), and all
/// of higher levels. A limit of a single system (`@`) is in nobody's way. Errors (`card`).
[[nodiscard]] Expected<std::vector<QuotaLimit>> limits_of_changes(const TopLevel& top);

/// Takes `limits_of_changes` away as long as this lives, and sets them again. When such a limit is reached
/// not even a snapshot can be deleted. Meanwhile the limit stands beside its place on the card (among the
/// numbers of the group that btrfs calls reserved and does not use), moved there and back in one step each:
/// after a power cut `set_lifted_limits_again` finds it.
class LiftedQuotaLimits {
public:
    /// Precondition: `top` was opened with Purpose::change, and outlives this. Errors (`card`).
    [[nodiscard]] static Expected<LiftedQuotaLimits> lift(const TopLevel& top);
    LiftedQuotaLimits(LiftedQuotaLimits&& other) noexcept;
    LiftedQuotaLimits& operator=(LiftedQuotaLimits&&) = delete;
    LiftedQuotaLimits(const LiftedQuotaLimits&) = delete;
    LiftedQuotaLimits& operator=(const LiftedQuotaLimits&) = delete;
    ~LiftedQuotaLimits();

    /// "0/5, 1/0"; empty: there was none.
    [[nodiscard]] std::string names() const;

private:
    LiftedQuotaLimits(const TopLevel& top, std::vector<QuotaLimit> limits);

    const TopLevel* top_;
    std::vector<QuotaLimit> limits_;
};

/// Sets limits again that a killed or power-cut process has lifted, unless the user has set others since.
/// Returns the names of their groups ("0/5"). Precondition: `top` was opened with Purpose::change, and the
/// caller holds the lock. Errors (`card`).
[[nodiscard]] Expected<std::vector<std::string>> set_lifted_limits_again(const TopLevel& top);

/// "16.00KiB": as the Size column has always shown it.
[[nodiscard]] std::string size_text(Bytes size);

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
