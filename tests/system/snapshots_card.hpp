#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "snapshots/card_lock.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/top_level.hpp"
#include "storage/subvolume.hpp"
#include "support/loop_image.hpp"
#include "support/temporary_directory.hpp"

namespace mox::test_support {

/// A card with `@` (etc/version "now"), read-only `@factory` (etc/version "factory"), mounted the way the
/// library mounts it. Everything throws on failure.
class SnapshotsCard {
public:
    SnapshotsCard() : loop_(folder_ / "card.img", Bytes{256ULL << 20}), top_(make(loop_)) {}

    [[nodiscard]] const snapshots::TopLevel& top() const { return top_; }
    [[nodiscard]] const std::filesystem::path& node() const { return loop_.node(); }
    [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
        return top_.path() / name;
    }
    [[nodiscard]] std::filesystem::path outside(const std::string& name) const { return folder_ / name; }

    [[nodiscard]] snapshots::Writer writer() const { return must(snapshots::Writer::begin(top_)); }

    /// What the system in a subvolume says that it is.
    [[nodiscard]] std::string version(const std::string& subvolume) const {
        return read_file(*this / (subvolume + "/etc/version"));
    }
    void set_version(const std::string& version) const { write_file(*this / "@/etc/version", version); }

    [[nodiscard]] storage::Uuid uuid(const std::string& subvolume) const {
        return must(storage::subvolume_info(top_.directory(), subvolume)).uuid;
    }

    /// "1 2 4": the numbers in the list.
    [[nodiscard]] std::string numbers() const {
        std::string text;
        for (const auto& one : must(snapshots::list_snapshots(top_)))
            text += (text.empty() ? "" : " ") + snapshots::to_text(one.number);
        return text;
    }

    /// All names at the top level, sorted, in one line.
    [[nodiscard]] std::string names() const {
        std::vector<std::string> all;
        for (const auto& entry : std::filesystem::directory_iterator(top_.path() / ""))
            all.push_back(entry.path().filename());
        std::ranges::sort(all);
        std::string text;
        for (const auto& name : all) text += (text.empty() ? "" : " ") + name;
        return text;
    }

private:
    static snapshots::TopLevel make(const LoopImage& loop) {
        format(loop.node(), "btrfs");
        {
            const WritableMount mount(loop.node(), "btrfs");
            must(storage::create_subvolume(mount.root(), "@"));
            write_file(mount / "@/etc/version", "factory");
            must(storage::snapshot_subvolume(mount.root(), "@", "@factory", storage::Access::read_only));
            write_file(mount / "@/etc/version", "now");
        }
        return must(snapshots::TopLevel::on_device(loop.node(), snapshots::Purpose::change));
    }

    TemporaryDirectory folder_;
    LoopImage loop_;
    snapshots::TopLevel top_;
};

}  // namespace mox::test_support
