#include "medkit/pack.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "base/atomic_file.hpp"
#include "base/file.hpp"
#include "base/interruption.hpp"
#include "base/unique_fd.hpp"
#include "medkit/archive_writer.hpp"
#include "medkit/checksum_file.hpp"
#include "medkit/directory_scan.hpp"
#include "medkit/entry_policy.hpp"
#include "medkit/pack_selection.hpp"
#include "medkit/signature.hpp"

namespace mox::medkit {

namespace {

std::filesystem::path with_suffix(const std::filesystem::path& path, std::string_view suffix) {
    auto longer = path;
    longer += suffix;
    return longer;
}

/// A medkit that holds itself would change while it is packed. `place`: the archive, or the directory in
/// which it gets its name.
Expected<void> check_output_is_outside(const std::vector<ScannedEntry>& entries, int place,
                                       const std::filesystem::path& archive) {
    struct stat status{};
    if (::fstat(place, &status) != 0) return fail_errno(ErrorKind::medkit, archive.native());
    const bool inside = std::ranges::any_of(entries, [&](const ScannedEntry& entry) {
        return entry.status.st_dev == status.st_dev && entry.status.st_ino == status.st_ino;
    });
    if (inside)
        return fail(ErrorKind::medkit,
                    archive.native() + " lies inside the directory that is packed. Write it elsewhere.");
    return {};
}

bool has_content(const ScannedEntry& entry) {
    return S_ISREG(entry.status.st_mode) && entry.hard_link_to.empty();
}

Bytes content_of(const std::vector<ScannedEntry>& entries) {
    Bytes sum;
    for (const auto& entry : entries)
        if (has_content(entry)) sum += Bytes{static_cast<std::uint64_t>(entry.status.st_size)};
    return sum;
}

/// What goes into the archive, and the directories that it is read from.
struct Sources {
    UniqueFd root;
    UniqueFd overlay_root;
    OverlaidEntries entries;
};

Expected<std::vector<ScannedEntry>> scan(const UniqueFd& root, const std::filesystem::path& name) {
    auto entries = scan_directory(root.get());
    if (!entries) return pass_on(entries, name.native());
    return entries;
}

Expected<Sources> find_sources(const std::filesystem::path& directory, const PackRules& rules) {
    auto root = open_file(directory, O_RDONLY | O_DIRECTORY, ErrorKind::medkit);
    if (!root) return pass_on(root);
    auto entries = scan(*root, directory);
    if (!entries) return pass_on(entries);
    if (rules.left_out)
        *entries = without(std::move(*entries),
                           [&](const ScannedEntry& entry) { return rules.left_out(entry.path); });
    if (rules.overlay.empty()) return Sources{std::move(*root), {}, {std::move(*entries), {}}};

    auto overlay_root = open_file(rules.overlay, O_RDONLY | O_DIRECTORY, ErrorKind::medkit);
    if (!overlay_root) return pass_on(overlay_root);
    auto overlay = scan(*overlay_root, rules.overlay);
    if (!overlay) return pass_on(overlay);
    return Sources{std::move(*root), std::move(*overlay_root),
                   overlaid(std::move(*entries), std::move(*overlay))};
}

EntryKind kind_of(const ScannedEntry& entry) {
    if (!entry.hard_link_to.empty()) return EntryKind::hard_link;
    switch (entry.status.st_mode & S_IFMT) {
        case S_IFREG:
            return EntryKind::regular;
        case S_IFDIR:
            return EntryKind::directory;
        case S_IFLNK:
            return EntryKind::symlink;
        case S_IFCHR:
            return EntryKind::character_device;
        case S_IFBLK:
            return EntryKind::block_device;
        case S_IFIFO:
            return EntryKind::fifo;
        default:
            return EntryKind::unknown;
    }
}

/// Leaves out of an entry what a router does not keep. Errors (`medkit`): it must be kept and cannot be.
Expected<void> sort_attributes_of(ScannedEntry& entry, LeftOutAttributes& left_out) {
    std::vector<ExtendedAttribute> attributes;
    for (auto& [name, value] : entry.xattrs) attributes.push_back({name, std::move(value)});
    auto sorted = sort_attributes(kind_of(entry), std::move(attributes));
    if (!sorted) return pass_on(sorted, entry.path);
    left_out.add(sorted->left_out);
    entry.xattrs.clear();
    for (auto& [name, value] : sorted->kept) entry.xattrs.emplace_back(std::move(name), std::move(value));
    return {};
}

/// The rules of verification, with which the archive will be read: what could not be unpacked is not packed.
class PackingRules {
public:
    explicit PackingRules(const PackRules& rules)
        : capacity_(rules.capacity),
          how_to_leave_out_(rules.how_to_leave_out),
          policy_({.capacity = rules.capacity,
                   .required_files = {},
                   .written_files = {std::string(configuration_file)}}) {}

    Expected<void> check(std::vector<ScannedEntry>& entries) {
        for (auto& entry : entries) {
            if (S_ISSOCK(entry.status.st_mode)) continue;
            if (auto sorted = sort_attributes_of(entry, left_out_); !sorted) return sorted;
            const auto description = description_of(entry);
            if (auto fits = check_size(description); !fits) return fits;
            if (auto accepted = policy_.accept(description); !accepted) return pass_on(accepted);
        }
        return {};
    }

    Expected<LeftOutAttributes> finish() && {
        if (auto finished = policy_.finish(); !finished) return pass_on(finished);
        return std::move(left_out_);
    }

private:
    Expected<void> check_size(const EntryDescription& entry) {
        const Bytes size{static_cast<std::uint64_t>(entry.size)};
        if (size > capacity_ - content_)
            return fail(ErrorKind::medkit,
                        std::string(entry.path) + ": the content with its holes is more than " +
                            to_text(capacity_) + " and could not be unpacked again; leave this file out" +
                            (how_to_leave_out_.empty() ? "" : " " + how_to_leave_out_));
        content_ += size;
        return {};
    }

    static EntryDescription description_of(const ScannedEntry& entry) {
        EntryDescription description;
        description.path = entry.path;
        description.kind = kind_of(entry);
        if (description.kind == EntryKind::hard_link) description.link_target = entry.hard_link_to;
        if (description.kind == EntryKind::symlink) description.link_target = entry.symlink_target;
        if (description.kind == EntryKind::regular) description.size = entry.status.st_size;
        for (const auto& [name, value] : entry.xattrs) description.attributes += name.size() + value.size();
        return description;
    }

    Bytes capacity_;
    std::string how_to_leave_out_;
    Bytes content_;
    EntryPolicy policy_;
    LeftOutAttributes left_out_;
};

Expected<LeftOutAttributes> check_sources(Sources& sources, const PackRules& pack_rules) {
    PackingRules rules(pack_rules);
    for (auto* entries : {&sources.entries.base, &sources.entries.overlay})
        if (auto good = rules.check(*entries); !good) return pass_on(good);
    return std::move(rules).finish();
}

/// Adds members of one directory. `done` counts content over all of them.
Expected<void> add_members(int root, const std::vector<ScannedEntry>& entries, ArchiveWriter& writer,
                           PackedMedkit& packed, const std::function<void(Bytes)>& content_written) {
    for (const auto& entry : entries) {
        if (auto stopped = fail_if_stopped(); !stopped) return stopped;
        if (S_ISSOCK(entry.status.st_mode)) {
            packed.left_out.push_back(entry.path);
            continue;
        }
        if (auto added = writer.add(root, entry, content_written); !added) return added;
        ++packed.entries;
    }
    return {};
}

Expected<PackedMedkit> write_archive(const Sources& sources, ArchiveWriter& writer,
                                     const ByteProgress& progress) {
    PackedMedkit packed;
    packed.unpacked = content_of(sources.entries.base) + content_of(sources.entries.overlay);
    Bytes done;
    const auto content_written = [&](Bytes piece) {
        done += piece;
        if (progress) progress(done, packed.unpacked);
    };
    auto added = add_members(sources.root.get(), sources.entries.base, writer, packed, content_written);
    if (added)
        added =
            add_members(sources.overlay_root.get(), sources.entries.overlay, writer, packed, content_written);
    if (!added) return pass_on(added);
    auto digests = writer.finish();
    if (!digests) return pass_on(digests);
    packed.sha256 = digests->sha256;
    packed.md5 = digests->md5;
    packed.packed = digests->packed;
    return packed;
}

/// Where an archive is written: see check_output_is_outside for `place`.
struct Output {
    int file;
    int place;
    std::string name;
};

Expected<PackedMedkit> pack_sources(const Sources& sources, const Output& output,
                                    const ByteProgress& progress) {
    for (const auto* entries : {&sources.entries.base, &sources.entries.overlay})
        if (auto outside = check_output_is_outside(*entries, output.place, output.name); !outside)
            return pass_on(outside);
    auto writer = ArchiveWriter::into(output.file, output.name);
    if (!writer) return pass_on(writer);
    return write_archive(sources, *writer, progress);
}

Expected<void> write_beside(const std::filesystem::path& archive, std::string_view suffix,
                            const std::string& text, PackedMedkit& packed) {
    auto path = with_suffix(archive, suffix);
    if (auto written = replace_file_durably(path, text, ErrorKind::medkit); !written) return written;
    packed.files.push_back(std::move(path));
    return {};
}

/// A signature of an earlier archive under this name would make the new one worthless.
Expected<void> remove_old_signature(const std::filesystem::path& archive) {
    const auto path = with_suffix(archive, ".sig");
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail_errno(ErrorKind::medkit, path.native());
    return {};
}

Expected<PackedMedkit> pack_into(const Output& output, const std::filesystem::path& directory,
                                 const ByteProgress& progress, const PackRules& rules) {
    auto sources = find_sources(directory, rules);
    if (!sources) return pass_on(sources);
    auto left_out = check_sources(*sources, rules);
    if (!left_out)
        return pass_on(left_out, directory.native() + ": cannot be packed so that it can be unpacked");
    auto packed = pack_sources(*sources, output, progress);
    if (!packed) return pass_on(packed, directory.native());
    packed->left_out_attributes = std::move(*left_out);
    return packed;
}

}  // namespace

Expected<void> write_companions(const std::filesystem::path& archive,
                                const std::optional<Signature>& signature, PackedMedkit& packed) {
    const auto name = archive.filename().native();
    auto written = write_beside(archive, ".sha256", checksum_line(to_hex(packed.sha256), name), packed);
    if (written) written = write_beside(archive, ".md5", checksum_line(to_hex(packed.md5), name), packed);
    if (!written || !signature) return written;
    packed.signer = signature->signer;
    return write_beside(archive, ".sig", to_text(*signature, "signed by key " + to_text(signature->signer)),
                        packed);
}

Expected<PackedMedkit> pack_archive(const std::filesystem::path& directory, int output,
                                    const std::string& name, const ByteProgress& progress,
                                    const PackRules& rules) {
    return pack_into({.file = output, .place = output, .name = name}, directory, progress, rules);
}

Expected<PackedMedkit> pack_medkit(const std::filesystem::path& directory,
                                   const std::filesystem::path& archive, const SecretKey* key,
                                   const ByteProgress& progress, const PackRules& rules) {
    auto folder = open_file(folder_of(archive), O_RDONLY | O_DIRECTORY, ErrorKind::medkit);
    if (!folder) return pass_on(folder);
    auto output = AtomicFile::create(archive, ErrorKind::medkit);
    if (!output) return pass_on(output);
    auto packed = pack_into({.file = output->file(), .place = folder->get(), .name = archive.native()},
                            directory, progress, rules);
    if (!packed) return packed;

    std::optional<Signature> signature;
    if (key != nullptr) {
        auto made = sign_open_file(*key, output->file(), archive.native());
        if (!made) return pass_on(made);
        signature = *made;
    }
    if (auto synced = output->sync(); !synced) return pass_on(synced);
    // The archive and what stands beside it: all or nothing of them.
    const auto commit = Commit::begin();
    if (!commit) return std::unexpected(commit.error());
    if (auto removed = remove_old_signature(archive); !removed) return pass_on(removed);
    if (auto published = output->publish(Existing::replace); !published) return pass_on(published);
    packed->files.push_back(archive);
    if (auto written = write_companions(archive, signature, *packed); !written) return pass_on(written);
    return packed;
}

}  // namespace mox::medkit
