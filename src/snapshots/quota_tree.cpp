#include "snapshots/quota_tree.hpp"

#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <limits>

namespace mox::snapshots {

namespace {

constexpr auto kind = ErrorKind::card;

btrfs_ioctl_search_key search_key(std::uint32_t type, std::uint64_t from) {
    btrfs_ioctl_search_key key{};
    key.tree_id = BTRFS_QUOTA_TREE_OBJECTID;
    key.min_type = type;
    key.max_type = type;
    key.min_offset = from;
    key.max_offset = std::numeric_limits<std::uint64_t>::max();
    key.max_transid = std::numeric_limits<std::uint64_t>::max();
    key.nr_items = std::numeric_limits<std::uint32_t>::max();
    return key;
}

}  // namespace

/// The ioctl answers with what fits into 4 KB at a time.
Expected<QuotaTree> search_quota_tree(int directory, std::uint32_t type, const QuotaItemReader& read) {
    std::uint64_t from = 0;
    for (;;) {
        btrfs_ioctl_search_args question{};
        question.key = search_key(type, from);
        if (::ioctl(directory, BTRFS_IOC_TREE_SEARCH, &question) != 0) {
            if (errno == ENOENT) return QuotaTree::missing;
            return fail_errno(kind, "quotas");
        }
        if (question.key.nr_items == 0) return QuotaTree::there;
        auto rest = std::span<const char>(question.buf);
        for (std::uint32_t i = 0; i < question.key.nr_items; ++i) {
            btrfs_ioctl_search_header header{};
            std::memcpy(&header, rest.data(), sizeof header);
            rest = rest.subspan(sizeof header);
            if (header.objectid == 0 && header.type == type) read(header.offset, rest.first(header.len));
            rest = rest.subspan(header.len);
            from = header.offset;
        }
        if (from == std::numeric_limits<std::uint64_t>::max()) return QuotaTree::there;
        ++from;
    }
}

}  // namespace mox::snapshots
