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
    counting,  ///< just enabled, or inconsistent: the sizes are not correct yet
    on,
};

/// Errors (`card`).
[[nodiscard]] Expected<QuotaState> quota_state(const TopLevel& top);

enum class QuotaSwitch { on, off };

/// Enables or disables quotas; no error if that is the state already. Quotas slow down every later deletion,
/// so only the user enables them. Precondition: `top` was opened with Purpose::change. Errors (`card`).
[[nodiscard]] Expected<void> switch_quota(const TopLevel& top, QuotaSwitch to);

/// The size of a snapshot.
struct SnapshotSize {
    Bytes referenced;  ///< all of its content
    Bytes exclusive;   ///< the space that its deletion would free: "Size" in the list
};

/// By number; empty when quotas are off. Errors (`card`).
[[nodiscard]] Expected<std::map<Number, SnapshotSize>> snapshot_sizes(const TopLevel& top);

/// A limit that the user has set for a quota group.
struct QuotaLimit {
    std::uint64_t group = 0;
    std::uint64_t flags = 0;  ///< BTRFS_QGROUP_LIMIT_*: which limits are set
    Bytes referenced;
    Bytes exclusive;
};

/// Limits of the quota groups that apply to a change of the snapshots: the group of the top level (0/5), and
/// all groups of higher levels. The limit of a single system (`@`) does not apply. Errors (`card`).
[[nodiscard]] Expected<std::vector<QuotaLimit>> limits_of_changes(const TopLevel& top);

/// Lifts `limits_of_changes` during the lifetime of this object, and restores them. When such a limit is
/// reached, not even a snapshot can be deleted. A lifted limit is stored on the card in the fields of the
/// group that btrfs calls reserved and does not use. It is moved there and back in one atomic step each:
/// after a power cut `restore_lifted_limits` finds it.
class LiftedQuotaLimits {
public:
    /// Precondition: `top` was opened with Purpose::change, and outlives this. Errors (`card`).
    [[nodiscard]] static Expected<LiftedQuotaLimits> lift(const TopLevel& top);
    LiftedQuotaLimits(LiftedQuotaLimits&& other) noexcept;
    LiftedQuotaLimits& operator=(LiftedQuotaLimits&&) = delete;
    LiftedQuotaLimits(const LiftedQuotaLimits&) = delete;
    LiftedQuotaLimits& operator=(const LiftedQuotaLimits&) = delete;
    ~LiftedQuotaLimits();

    /// "0/5, 1/0"; empty: there was no limit.
    [[nodiscard]] std::string names() const;

private:
    LiftedQuotaLimits(const TopLevel& top, std::vector<QuotaLimit> limits);

    const TopLevel* top_;
    std::vector<QuotaLimit> limits_;
};

/// Restores limits that a killed or power-cut process has lifted, unless the user has set others since.
/// Returns the names of their groups ("0/5"). Precondition: `top` was opened with Purpose::change, and the
/// caller holds the lock. Errors (`card`).
[[nodiscard]] Expected<std::vector<std::string>> restore_lifted_limits(const TopLevel& top);

/// "16.00KiB": the format of the Size column.
[[nodiscard]] std::string size_text(Bytes size);

/// Called for each item with its key's offset.
using QuotaItemReader = std::function<void(std::uint64_t offset, std::span<const char> item)>;

enum class QuotaTree { exists, missing };

/// Reads all items of one type in the quota tree (object 0). `directory` is an open directory of the file
/// system. Errors (`card`).
[[nodiscard]] Expected<QuotaTree> search_quota_tree(int directory, std::uint32_t type,
                                                    const QuotaItemReader& read);

/// The item in its on-disk format; nullopt: it is too short.
template <typename Item>
[[nodiscard]] std::optional<Item> quota_item_in(std::span<const char> bytes) {
    if (bytes.size() < sizeof(Item)) return std::nullopt;
    Item item{};
    std::memcpy(&item, bytes.data(), sizeof item);
    return item;
}

}  // namespace mox::snapshots
