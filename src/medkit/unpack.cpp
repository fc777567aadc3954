#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <thread>
#include <utility>

#include "medkit/archive.hpp"
#include "medkit/block_broadcaster.hpp"
#include "medkit/gzip_reader.hpp"
#include "medkit/tar_reader.hpp"
#include "medkit/task_group.hpp"
#include "medkit/tree_writer.hpp"

namespace mox::medkit {

namespace {

/// Creating files is mostly work of the kernel; it scales with the cores, up to the locks of the file system.
std::size_t worker_count() {
    return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 2, 4);
}

std::unexpected<Error> changed() {
    return fail(ErrorKind::medkit, "has changed since it was verified",
                {"copy it again, and leave the drive in its place"});
}

/// Limits the written data to what verification accepted, even if the source has changed since.
class UnpackLimits {
public:
    explicit UnpackLimits(const ArchiveSummary& accepted) : accepted_(accepted) {}

    Expected<AcceptedEntry> admit(const EntryDescription& entry) {
        unpacked_ += Bytes{static_cast<std::uint64_t>(std::max<std::int64_t>(entry.size, 0))};
        if (++entries_ > accepted_.entries || unpacked_ > accepted_.unpacked || entry.size < 0 ||
            entry.kind == EntryKind::unknown)
            return changed();
        auto path = normal_path(entry.path);
        if (!path || (path->empty() && entry.kind != EntryKind::directory)) return changed();
        AcceptedEntry admitted{.path = real_path(*path), .link_target = std::string(entry.link_target)};
        if (entry.kind == EntryKind::directory) admitted.is_followed_link = is_followed(admitted.path);
        if (entry.kind != EntryKind::hard_link) return admitted;
        auto target = normal_path(entry.link_target);
        if (!target) return changed();
        admitted.link_target = real_path(*target);
        return admitted;
    }

private:
    [[nodiscard]] std::string real_path(std::string_view path) const {
        return accepted_.followed_links.real_path(path, entries_);
    }

    [[nodiscard]] bool is_followed(std::string_view path) const {
        const auto* link = accepted_.followed_links.find(path);
        return link != nullptr && link->first_entry <= entries_;
    }

    const ArchiveSummary& accepted_;
    std::uint64_t entries_ = 0;
    Bytes unpacked_;
};

Expected<void> write_content(TarReader& tar, TreeWriter& writer) {
    for (;;) {
        const auto piece = TRY(tar.next_content());
        if (piece.is_end()) return {};
        TRY(writer.add_content(piece));
    }
}

Expected<void> write_tree(TarReader& tar, TreeWriter& writer, UnpackLimits limits) {
    for (;;) {
        const auto entry = TRY(tar.next_entry());
        if (entry == nullptr) return writer.finish();
        const auto admitted = TRY(limits.admit(entry->description));
        if (admitted.is_followed_link) continue;
        TRY(writer.begin(admitted, *entry));
        if (entry->description.kind != EntryKind::regular) continue;
        TRY(write_content(tar, writer));
    }
}

}  // namespace

Expected<void> unpack_archive(int archive, std::string_view name, int root, const ArchiveSummary& accepted,
                              const ByteProgress& progress) {
    constexpr std::size_t to_inflate = 0;
    constexpr std::size_t to_hash = 1;
    const auto workers = worker_count();
    BlockBroadcaster blocks(archive, 2);
    TreeWriter writer(root, workers);
    TaskGroup tasks([&] {
        blocks.stop();
        writer.stop();
    });

    Sha256 hash;
    tasks.start("read", [&] { return blocks.run(); });
    tasks.start("sha256", [&]() -> Expected<void> {
        for (auto block = blocks.next(to_hash); !block.empty(); block = blocks.next(to_hash))
            hash.update(block);
        return {};
    });
    for (std::size_t i = 0; i < workers; ++i)
        tasks.start("write " + std::to_string(i), [&writer, i] { return writer.work(i); });
    tasks.run_here([&]() -> Expected<void> {
        GzipReader gzip([&blocks] { return blocks.next(to_inflate); });
        TarReader tar([&] {
            auto piece = gzip.read();
            if (piece && progress) progress(std::min(gzip.packed(), accepted.packed), accepted.packed);
            return piece;
        });
        return write_tree(tar, writer, UnpackLimits(accepted));
    });
    auto done = tasks.join();
    if (!done && done.error().kind() == ErrorKind::medkit)
        done = pass_on(done, "it was verified, but reading it again failed");
    if (!done) return pass_on(done, name);
    if (hash.finish() != accepted.sha256) return std::unexpected(changed().error().with_context(name));
    return {};
}

}  // namespace mox::medkit
