#include "backup/archive_source.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "backup/encryption.hpp"
#include "backup/export_files.hpp"
#include "base/file.hpp"
#include "base/unique_fd.hpp"
#include "medkit/archive.hpp"
#include "medkit/auth_files.hpp"
#include "medkit/keys.hpp"
#include "medkit/medkit_files.hpp"
#include "medkit/source_file.hpp"
#include "snapshots/snapshot.hpp"

namespace mox::backup {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view archive_ending = ".tar.gz";
constexpr std::string_view encrypted_ending = ".tar.gz.gpg";
constexpr std::string_view info_ending = ".info";

/// Names in one directory.
struct Names {
    UniqueFd directory;
    std::string archive;
    std::string info;  ///< empty: there is none
    bool encrypted = false;
};

bool exists(const UniqueFd& directory, const std::string& name) {
    return ::faccessat(directory.get(), name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

std::string without_ending(const std::string& name, std::string_view ending) {
    return name.ends_with(ending) ? name.substr(0, name.size() - ending.size()) : name;
}

/// The archive that an info file belongs to.
std::string archive_of_info(const UniqueFd& directory, const std::string& info) {
    auto base = without_ending(info, info_ending);
    if (base.ends_with(archive_ending) || base.ends_with(encrypted_ending)) return base;
    auto encrypted = base + std::string(encrypted_ending);
    auto plain = base + std::string(archive_ending);
    return !exists(directory, plain) && exists(directory, encrypted) ? encrypted : plain;
}

Expected<Names> find_names(const fs::path& file) {
    const auto parent = file.parent_path();
    auto directory = TRY(open_file(parent.empty() ? "." : parent, O_RDONLY | O_DIRECTORY, ErrorKind::medkit));
    auto given = file.filename().native();
    Names names{.directory = std::move(directory), .archive = given, .info = {}};
    if (given.ends_with(info_ending)) names.archive = archive_of_info(names.directory, given);
    names.encrypted = names.archive.ends_with(".gpg");

    const auto base = without_ending(without_ending(names.archive, encrypted_ending), archive_ending);
    for (const auto& candidate : {base + std::string(info_ending), names.archive + std::string(info_ending)})
        if (names.info.empty() && exists(names.directory, candidate)) names.info = candidate;
    return names;
}

Expected<std::optional<snapshots::SnapshotInfo>> read_info(const Names& names) {
    if (names.info.empty()) return std::nullopt;
    auto source = TRY(medkit::open_source_file(names.directory.get(), names.info));
    auto text =
        TRY(read_to_end(source.file.get(), names.info, ErrorKind::medkit, snapshots::largest_info_file));
    return snapshots::parse_info(text);
}

/// Free space of the file system, so that an archive that is too large is refused before it is unpacked.
Expected<Bytes> free_space_on(const snapshots::TopLevel& top) {
    struct statvfs about{};
    if (::fstatvfs(top.directory(), &about) != 0) return fail_errno(ErrorKind::card, top.device().native());
    return Bytes{about.f_bavail * about.f_frsize};
}

/// An exported system can be imported even if a router cannot boot from it.
bool may_lack_files(const Names& names, const SourceRules& rules) {
    return rules.force || (rules.unverified == UnverifiedFile::accept_export && !names.info.empty());
}

Expected<medkit::ArchiveRules> archive_rules(const Names& names, const SourceRules& rules,
                                             const snapshots::TopLevel& top) {
    auto free = TRY(free_space_on(top));
    medkit::ArchiveRules result;
    result.capacity = free;
    if (!may_lack_files(names, rules)) result.required_files = rules.required_files;
    return result;
}

bool is_accepted_unverified(const Names& names, const SourceRules& rules) {
    return rules.force || rules.unverified == UnverifiedFile::accept ||
           (rules.unverified == UnverifiedFile::accept_export && !names.info.empty());
}

Expected<medkit::VerifiedMedkit> verify_plain(const Names& names, const SourceRules& rules,
                                              const snapshots::TopLevel& top, const ByteProgress& progress) {
    auto files = TRY(medkit::find_beside(names.directory.get(), names.archive));
    if (rules.force) files.signature.reset();
    auto archive = TRY(archive_rules(names, rules, top));
    const medkit::VerifyRules verify{.archive = std::move(archive),
                                     .keys = {.directory = rules.keys},
                                     .wanted_files = rules.required_files};
    auto verified = medkit::verify_medkit(names.directory.get(), files, verify, progress);
    if (!verified) return verified;
    if (verified->trust == medkit::TrustLevel::unverified && !is_accepted_unverified(names, rules))
        return fail(ErrorKind::medkit,
                    medkit::printable_name(names.archive) + " has no checksum and no signature beside it",
                    {"use --force if you trust its source"});
    return verified;
}

/// An encrypted file that was hashed, and that matches its checksums and signature.
struct EncryptedSource {
    medkit::SourceFile file;
    std::optional<medkit::KeyNumber> signer;
};

Expected<EncryptedSource> open_encrypted(const Names& names, const SourceRules& rules) {
    auto beside = TRY(medkit::find_beside(names.directory.get(), names.archive));
    if (rules.force) beside.signature.reset();
    auto auth_files = TRY(medkit::read_auth_files(
        names.directory.get(), {names.archive, beside.signature, beside.sha256, beside.md5},
        {.directory = rules.keys}));
    auto source = TRY(medkit::open_source_file(names.directory.get(), names.archive));
    medkit::DigestCollector collector(auth_files);
    auto digest = TRY(digest_of(source.file.get(), names.archive, collector.listeners()));
    TRY(medkit::compare(auth_files, collector.finish(digest.sha256)));
    EncryptedSource opened{.file = std::move(source), .signer = {}};
    if (auth_files.signature) opened.signer = auth_files.key.number;
    return opened;
}

/// An archive is already compressed, so gpg's output is little larger than its input. This margin is for
/// small archives that compress well even so (an archive of a large empty file).
constexpr Bytes plain_size_margin{64 << 20};

/// Limit of the decrypted size; half of the free space must remain for unpacking.
Expected<Bytes> largest_plain_size(Bytes encrypted, const snapshots::TopLevel& top) {
    auto free = TRY(free_space_on(top));
    return std::min(Bytes{free.count / 2}, encrypted + encrypted + plain_size_margin);
}

Expected<UniqueFd> decrypted(const Names& names, const EncryptedSource& source, const SourceRules& rules,
                             const snapshots::TopLevel& top) {
    const auto shown = medkit::printable_name(names.archive);
    if (rules.password.empty())
        return fail(ErrorKind::medkit,
                    shown + " is encrypted, and no password is configured in /etc/config/schnapps");
    auto largest = TRY(largest_plain_size(source.file.size, top));
    UniqueFd plain(::openat(top.directory(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!plain) return fail_errno(ErrorKind::card, "the decrypted content of " + shown);
    TRY(decrypt(source.file.file.get(), plain.get(), rules.password, largest), shown);
    return plain;
}

Expected<medkit::VerifiedMedkit> verify_encrypted(const Names& names, const SourceRules& rules,
                                                  const snapshots::TopLevel& top,
                                                  const ByteProgress& progress) {
    auto source = TRY(open_encrypted(names, rules));
    auto file = TRY(decrypted(names, source, rules, top));
    auto archive = TRY(archive_rules(names, rules, top));
    const auto shown = medkit::printable_name(names.archive);
    auto summary = TRY(medkit::inspect_archive(file.get(), shown, archive, {}, progress));
    medkit::VerifiedMedkit verified;
    verified.base.name = shown;
    verified.base.file = std::move(file);
    verified.base.summary = std::move(summary);
    verified.missing = medkit::missing_files(verified.base.summary.contents, rules.required_files);
    verified.base.summary.contents = {};
    verified.trust = medkit::TrustLevel::checksummed;  // by OpenPGP's integrity protection
    if (!source.signer) return verified;
    verified.base.signer = source.signer;
    verified.trust = medkit::TrustLevel::signed_by_trusted_key;
    verified.signer = medkit::to_text(*source.signer);
    return verified;
}

std::vector<std::string> warnings_about(const medkit::VerifiedMedkit& medkit) {
    std::vector<std::string> warnings;
    const auto name = medkit::printable_name(medkit.base.name);
    if (medkit.trust == medkit::TrustLevel::unverified)
        warnings.push_back(name + ": there is no checksum beside it, so damage cannot be detected");
    for (const auto* archive : {&medkit.base, medkit.extra ? &*medkit.extra : nullptr})
        if (const auto text = archive == nullptr ? std::string() : archive->summary.left_out.describe();
            !text.empty())
            warnings.push_back(medkit::printable_name(archive->name) + ": " + text);
    for (const auto& file : medkit.missing) {
        auto& warning = warnings.emplace_back(name);
        warning.append(": ").append(file).append(" is missing: a router cannot boot from it");
    }
    return warnings;
}

}  // namespace

Expected<ArchiveSource> open_source(const fs::path& file, const SourceRules& rules,
                                    const snapshots::TopLevel& top, const ByteProgress& progress) {
    auto names = TRY(find_names(file));
    auto info = TRY(read_info(names));
    auto verified = TRY(names.encrypted ? verify_encrypted(names, rules, top, progress)
                                        : verify_plain(names, rules, top, progress));
    auto warnings = warnings_about(verified);
    if (info && !info->warning.empty())
        warnings.push_back(medkit::printable_name(names.info) + ": " + info->warning);
    ArchiveSource source{.medkit = std::move(verified),
                         .info = {},
                         .has_info = info.has_value(),
                         .warnings = std::move(warnings)};
    if (info) source.info = std::move(*info);
    return source;
}

Expected<void> unpack_source(const ArchiveSource& source, int root, const ByteProgress& progress) {
    const auto& base = source.medkit.base;
    const auto& extra = source.medkit.extra;
    auto unpacked = medkit::unpack_archive(base.file.get(), base.name, root, base.summary, progress);
    if (!unpacked || !extra) return unpacked;
    return medkit::unpack_archive(extra->file.get(), extra->name, root, extra->summary, progress);
}

}  // namespace mox::backup
