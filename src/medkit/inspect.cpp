#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "base/file.hpp"
#include "medkit/archive.hpp"
#include "medkit/block_broadcaster.hpp"
#include "medkit/gzip_reader.hpp"
#include "medkit/ram_copy.hpp"
#include "medkit/tar_reader.hpp"
#include "medkit/task_group.hpp"

namespace mox::medkit {

namespace {

constexpr std::string_view version_file = "etc/turris-version";
constexpr std::size_t longest_version = 64;

/// A later time cannot be written as a date and is not a valid time of a file.
constexpr std::int64_t last_second_of_year_9999 = 253'402'300'799;

/// Limit for unpacked headers and padding, which the rules do not count: deflate packs up to 1032:1.
constexpr Bytes most_overhead{512 << 20};

/// The first line, without control characters, which a terminal would execute.
std::string first_line(std::string_view text) {
    std::string line(text.substr(0, std::min(text.find('\n'), longest_version)));
    std::erase_if(line, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
    return line;
}

/// Reads the tar archive entry by entry and checks each with the policy.
class Inspection {
public:
    explicit Inspection(const ArchiveRules& rules) : policy_(rules) {}

    Expected<void> run(TarReader& tar) {
        for (;;) {
            const auto entry = TRY(tar.next_entry());
            if (entry == nullptr) return policy_.finish();
            TRY(inspect(*entry, tar));
        }
    }

    void describe(ArchiveSummary& summary) && {
        summary.unpacked = policy_.unpacked();
        summary.entries = policy_.entries();
        summary.hard_links = hard_links_;
        summary.attributes = attributes_;
        summary.newest_mtime = newest_mtime_;
        summary.version = std::move(version_);
        summary.followed_links = policy_.followed_links();
        summary.left_out = std::move(left_out_);
        summary.contents = std::move(policy_).take_contents();
    }

private:
    Expected<void> inspect(const TarEntry& entry, TarReader& tar) {
        const auto accepted = TRY(policy_.accept(entry.description));
        left_out_.add(entry.left_out);
        if (entry.description.kind == EntryKind::hard_link) ++hard_links_;
        attributes_ += Bytes{entry.description.attributes};
        if (entry.attributes.mtime.tv_sec <= last_second_of_year_9999)
            newest_mtime_ = std::max<std::int64_t>(newest_mtime_, entry.attributes.mtime.tv_sec);

        const bool is_version = accepted.path == version_file;
        if (is_version) version_.clear();
        std::string beginning;
        while (entry.description.kind == EntryKind::regular) {
            const auto piece = TRY(tar.next_content());
            if (piece.is_end()) break;
            if (!is_version || beginning.size() >= longest_version) continue;
            beginning.append(std::min<std::uint64_t>(piece.hole, longest_version), '\0');
            beginning.append(reinterpret_cast<const char*>(piece.bytes.data()),
                             std::min(piece.bytes.size(), longest_version));
        }
        if (is_version) version_ = first_line(beginning);
        return {};
    }

    EntryPolicy policy_;
    std::int64_t newest_mtime_ = 0;
    std::string version_;
    LeftOutAttributes left_out_;
    std::uint64_t hard_links_ = 0;
    Bytes attributes_;
};

/// Lowers the memory limit: the free memory may be less than after the start, because a medkit may be in it.
ArchiveRules with_free_memory(ArchiveRules rules) {
    const auto meminfo = read_small_file("/proc/meminfo", ErrorKind::internal);
    const auto available = meminfo ? available_memory(*meminfo) : std::nullopt;
    if (!available || available->count / 4 >= rules.memory.count) return rules;
    rules.memory = Bytes{available->count / 4};
    rules.memory_reason = "a quarter of what is free";
    return rules;
}

Expected<void> inflate_and_inspect(GzipReader& gzip, Inspection& inspection, Bytes capacity, Bytes total,
                                   const ByteProgress& progress) {
    Bytes inflated;
    TarReader tar([&]() -> Expected<std::span<const std::byte>> {
        auto piece = gzip.read();
        if (!piece) return piece;
        inflated += Bytes{piece->size()};
        if (inflated > capacity + most_overhead)
            return fail(ErrorKind::medkit, "unpacks to far more than fits: this is not a router's system",
                        {"use another medkit"});
        if (progress) progress(std::min(gzip.packed(), total), total);
        return piece;
    });
    return inspection.run(tar);
}

}  // namespace

std::vector<std::string> describe_followed_links(const ArchiveSummary& summary) {
    std::vector<std::string> messages;
    for (const auto& [link, followed] : summary.followed_links)
        messages.push_back("/" + printable(link) +
                           " is a symbolic link and stays one: what the archive holds below it goes to /" +
                           printable(followed.directory));
    return messages;
}

Expected<ArchiveSummary> inspect_archive(int archive, std::string_view name, const ArchiveRules& rules,
                                         std::span<const PackedListener> listeners,
                                         const ByteProgress& progress) {
    constexpr std::size_t to_inflate = 0;
    constexpr std::size_t to_hash = 1;
    BlockBroadcaster blocks(archive, 2 + listeners.size());
    TaskGroup tasks([&blocks] { blocks.stop(); });

    ArchiveSummary summary;
    Sha256 hash;
    const auto pass_all = [&blocks](std::size_t consumer, const PackedListener& listener) {
        for (auto block = blocks.next(consumer); !block.empty(); block = blocks.next(consumer))
            listener(block);
    };
    tasks.start("read", [&] { return blocks.run(); });
    tasks.start("sha256", [&]() -> Expected<void> {
        pass_all(to_hash, [&](auto block) {
            hash.update(block);
            summary.packed += Bytes{block.size()};
        });
        return {};
    });
    for (std::size_t i = 0; i < listeners.size(); ++i)
        tasks.start("listener " + std::to_string(i), [&, i]() -> Expected<void> {
            pass_all(to_hash + 1 + i, listeners[i]);
            return {};
        });

    Inspection inspection(with_free_memory(rules));
    tasks.run_here([&] {
        GzipReader gzip([&blocks] { return blocks.next(to_inflate); });
        return inflate_and_inspect(gzip, inspection, rules.capacity, blocks.size(), progress);
    });
    TRY(tasks.join(), name);
    summary.sha256 = hash.finish();
    std::move(inspection).describe(summary);
    return summary;
}

}  // namespace mox::medkit
