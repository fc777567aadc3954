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
#include "medkit/signature.hpp"

namespace mox::medkit {

namespace {

std::filesystem::path with_suffix(const std::filesystem::path& path, std::string_view suffix) {
    auto longer = path;
    longer += suffix;
    return longer;
}

/// An archive inside the packed directory would change that directory. `location`: the archive, or the
/// directory in which it gets its name.
Expected<void> check_output_is_outside(const std::vector<ScannedEntry>& entries, int location,
                                       const std::filesystem::path& archive) {
    struct stat status{};
    if (::fstat(location, &status) != 0) return fail_errno(ErrorKind::medkit, archive.native());
    const bool inside = std::ranges::any_of(entries, [&](const ScannedEntry& entry) {
        return entry.status.st_dev == status.st_dev && entry.status.st_ino == status.st_ino;
    });
    if (inside)
        return fail(ErrorKind::medkit, archive.native() + " lies inside the directory that is packed",
                    {"write it elsewhere"});
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

/// The entries of the archive, and the directories that they are read from.
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
    auto root = TRY(open_file(directory, O_RDONLY | O_DIRECTORY, ErrorKind::medkit));
    auto entries = TRY(scan(root, directory));
    if (rules.left_out)
        entries = without(std::move(entries),
                          [&](const ScannedEntry& entry) { return rules.left_out(entry.path); });
    if (rules.overlay.empty()) return Sources{std::move(root), {}, {std::move(entries), {}}};

    auto overlay_root = TRY(open_file(rules.overlay, O_RDONLY | O_DIRECTORY, ErrorKind::medkit));
    auto overlay = TRY(scan(overlay_root, rules.overlay));
    return Sources{std::move(root), std::move(overlay_root),
                   overlaid(std::move(entries), std::move(overlay))};
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

/// Removes attributes that a router does not keep. Errors (`medkit`): one that must be kept cannot be.
Expected<void> sort_attributes_of(ScannedEntry& entry, LeftOutAttributes& left_out) {
    std::vector<ExtendedAttribute> attributes;
    for (auto& [name, value] : entry.xattrs) attributes.push_back({name, std::move(value)});
    auto sorted = TRY(sort_attributes(kind_of(entry), std::move(attributes)), entry.path);
    left_out.add(sorted.left_out);
    entry.xattrs.clear();
    for (auto& [name, value] : sorted.kept) entry.xattrs.emplace_back(std::move(name), std::move(value));
    return {};
}

/// What is not in the archive.
struct CheckedSources {
    LeftOutAttributes left_out;
    FileGroups missing;
};

/// Applies the rules of verification: an archive that could not be unpacked is not written.
class PackingRules {
public:
    explicit PackingRules(const PackRules& rules)
        : capacity_(rules.capacity),
          how_to_leave_out_(rules.how_to_leave_out),
          policy_({.capacity = rules.capacity,
                   .required_files = {},
                   .written_files = files_of_the_installation()}) {}

    Expected<void> check(std::vector<ScannedEntry>& entries) {
        for (auto& entry : entries) {
            if (S_ISSOCK(entry.status.st_mode)) continue;
            TRY(sort_attributes_of(entry, left_out_));
            const auto description = description_of(entry);
            TRY(check_size(description));
            TRY(policy_.accept(description));
        }
        return {};
    }

    Expected<CheckedSources> finish(const FileGroups& wanted_files) && {
        TRY(policy_.finish());
        auto missing = groups_without_file(policy_.contents(), wanted_files);
        return CheckedSources{.left_out = std::move(left_out_), .missing = std::move(missing)};
    }

private:
    Expected<void> check_size(const EntryDescription& entry) {
        const Bytes size{static_cast<std::uint64_t>(entry.size)};
        if (size > capacity_ - content_)
            return fail(ErrorKind::medkit,
                        std::string(entry.path) + ": the content with its holes is more than " +
                            to_text(capacity_) + " and could not be unpacked again",
                        {"leave this file out" +
                         (how_to_leave_out_.empty() ? std::string() : " " + how_to_leave_out_)});
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

Expected<CheckedSources> check_sources(Sources& sources, const PackRules& pack_rules) {
    PackingRules rules(pack_rules);
    for (auto* entries : {&sources.entries.base, &sources.entries.overlay}) TRY(rules.check(*entries));
    return std::move(rules).finish(pack_rules.wanted_files);
}

/// Adds members of one directory. `done` counts content over all of them.
Expected<void> add_members(int root, const std::vector<ScannedEntry>& entries, ArchiveWriter& writer,
                           PackedMedkit& packed, const std::function<void(Bytes)>& content_written) {
    for (const auto& entry : entries) {
        TRY(fail_if_stopped());
        if (S_ISSOCK(entry.status.st_mode)) {
            packed.left_out.push_back(entry.path);
            continue;
        }
        TRY(writer.add(root, entry, content_written));
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
    auto digests = TRY(writer.finish());
    packed.sha256 = digests.sha256;
    packed.md5 = digests.md5;
    packed.packed = digests.packed;
    return packed;
}

/// The output of packing; see check_output_is_outside for `location`.
struct Output {
    int file;
    int location;
    std::string name;
};

Expected<PackedMedkit> pack_sources(const Sources& sources, const Output& output,
                                    const ByteProgress& progress, GzipSettings compression) {
    for (const auto* entries : {&sources.entries.base, &sources.entries.overlay})
        TRY(check_output_is_outside(*entries, output.location, output.name));
    auto writer = TRY(ArchiveWriter::into(output.file, output.name, compression));
    return write_archive(sources, writer, progress);
}

Expected<void> write_beside(const std::filesystem::path& archive, std::string_view suffix,
                            const std::string& text, PackedMedkit& packed) {
    auto path = with_suffix(archive, suffix);
    TRY(replace_file_durably(path, text, ErrorKind::medkit));
    packed.files.push_back(std::move(path));
    return {};
}

/// With the signature of an earlier archive of this name the new one would fail verification.
Expected<void> remove_old_signature(const std::filesystem::path& archive) {
    const auto path = with_suffix(archive, ".sig");
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail_errno(ErrorKind::medkit, path.native());
    return {};
}

Expected<PackedMedkit> pack_into(const Output& output, const std::filesystem::path& directory,
                                 const ByteProgress& progress, const PackRules& rules) {
    auto sources = TRY(find_sources(directory, rules));
    auto checked = TRY(check_sources(sources, rules),
                       directory.native() + ": cannot be packed so that it can be unpacked");
    auto packed = pack_sources(sources, output, progress, rules.compression);
    if (!packed) return pass_on(packed, directory.native());
    packed->left_out_attributes = std::move(checked.left_out);
    packed->missing = std::move(checked.missing);
    return packed;
}

}  // namespace

std::vector<std::string> describe_refusals(const FileGroups& missing) {
    std::vector<std::string> refusals;
    for (const auto& group : missing)
        refusals.push_back(group.front() + " is missing: mode 4 refuses this medkit, because it " +
                           describe_missing(group));
    return refusals;
}

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
    return pack_into({.file = output, .location = output, .name = name}, directory, progress, rules);
}

Expected<PackedMedkit> pack_medkit(const std::filesystem::path& directory,
                                   const std::filesystem::path& archive, const SecretKey* key,
                                   const ByteProgress& progress, const PackRules& rules) {
    auto directory_of_output =
        TRY(open_file(directory_of(archive), O_RDONLY | O_DIRECTORY, ErrorKind::medkit));
    auto output = TRY(AtomicFile::create(archive, ErrorKind::medkit));
    auto packed =
        pack_into({.file = output.file(), .location = directory_of_output.get(), .name = archive.native()},
                  directory, progress, rules);
    if (!packed) return packed;

    std::optional<Signature> signature;
    if (key != nullptr) {
        auto made = TRY(sign_open_file(*key, output.file(), archive.native()));
        signature = made;
    }
    TRY(output.sync());
    // Signals are refused from here on: the archive and the files beside it are published together.
    const auto commit = TRY(Commit::begin());
    TRY(remove_old_signature(archive));
    TRY(output.publish(Existing::replace));
    packed->files.push_back(archive);
    TRY(write_companions(archive, signature, *packed));
    return packed;
}

}  // namespace mox::medkit
