#include "backup/archive_source.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include "backup/encryption.hpp"
#include "backup/file_digest.hpp"
#include "base/file.hpp"
#include "base/unique_fd.hpp"
#include "medkit/archive.hpp"
#include "medkit/checksum_file.hpp"
#include "medkit/medkit_files.hpp"
#include "medkit/source_file.hpp"
#include "snapshots/snapshot.hpp"

namespace mox::backup {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view archive_ending = ".tar.gz";
constexpr std::string_view encrypted_ending = ".tar.gz.gpg";
constexpr std::string_view info_ending = ".info";

constexpr Bytes largest_checksum_file{64 << 10};

/// Names in one folder.
struct Names {
    UniqueFd folder;
    std::string archive;
    std::string info;  ///< empty: there is none
    bool encrypted = false;
};

bool exists(const UniqueFd& folder, const std::string& name) {
    return ::faccessat(folder.get(), name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

std::string without_ending(const std::string& name, std::string_view ending) {
    return name.ends_with(ending) ? name.substr(0, name.size() - ending.size()) : name;
}

/// The archive that an info file belongs to.
std::string archive_of_info(const UniqueFd& folder, const std::string& info) {
    auto base = without_ending(info, info_ending);
    if (base.ends_with(archive_ending) || base.ends_with(encrypted_ending)) return base;
    auto encrypted = base + std::string(encrypted_ending);
    auto plain = base + std::string(archive_ending);
    return !exists(folder, plain) && exists(folder, encrypted) ? encrypted : plain;
}

Expected<Names> find_names(const fs::path& file) {
    const auto parent = file.parent_path();
    auto folder = open_file(parent.empty() ? "." : parent, O_RDONLY | O_DIRECTORY, ErrorKind::medkit);
    if (!folder) return pass_on(folder);
    auto given = file.filename().native();
    Names names{.folder = std::move(*folder), .archive = given, .info = {}};
    if (given.ends_with(info_ending)) names.archive = archive_of_info(names.folder, given);
    names.encrypted = names.archive.ends_with(".gpg");

    const auto base = without_ending(without_ending(names.archive, encrypted_ending), archive_ending);
    for (const auto& candidate : {base + std::string(info_ending), names.archive + std::string(info_ending)})
        if (names.info.empty() && exists(names.folder, candidate)) names.info = candidate;
    return names;
}

Expected<std::optional<snapshots::SnapshotInfo>> read_info(const Names& names) {
    if (names.info.empty()) return std::nullopt;
    auto source = medkit::open_source_file(names.folder.get(), names.info);
    if (!source) return pass_on(source);
    auto text = read_to_end(source->file.get(), names.info, ErrorKind::medkit, snapshots::largest_info_file);
    if (!text) return pass_on(text);
    return snapshots::parse_info(*text);
}

/// What fits on the file system, so that an archive that does not is refused before it fills it.
Expected<Bytes> room_on(const snapshots::TopLevel& top) {
    struct statvfs about{};
    if (::fstatvfs(top.directory(), &about) != 0) return fail_errno(ErrorKind::card, top.device().native());
    return Bytes{about.f_bavail * about.f_frsize};
}

Expected<medkit::ArchiveRules> archive_rules(const SourceRules& rules, const snapshots::TopLevel& top) {
    auto room = room_on(top);
    if (!room) return pass_on(room);
    medkit::ArchiveRules result;
    result.capacity = *room;
    if (!rules.force) result.required_files = rules.required_files;
    return result;
}

Expected<medkit::VerifiedMedkit> verify_plain(const Names& names, const SourceRules& rules,
                                              const snapshots::TopLevel& top, const ByteProgress& progress) {
    auto files = medkit::find_beside(names.folder.get(), names.archive);
    if (!files) return pass_on(files);
    if (rules.force) files->signature.reset();
    auto archive = archive_rules(rules, top);
    if (!archive) return pass_on(archive);
    const medkit::VerifyRules verify{.archive = std::move(*archive), .keys = {.directory = rules.keys}};
    auto verified = medkit::verify_medkit(names.folder.get(), *files, verify, progress);
    if (!verified) return verified;
    if (verified->trust == medkit::Trust::bare && !rules.force)
        return fail(ErrorKind::medkit,
                    medkit::shown_name(names.archive) +
                        ": nothing vouches for it, there is no checksum and no signature beside it; "
                        "import it with -f if you know where it comes from");
    return verified;
}

/// The checksum beside an encrypted file; that its content is what was encrypted, gpg says.
Expected<void> check_encrypted(const Names& names, const medkit::SourceFile& source) {
    const auto checksum = names.archive + ".sha256";
    if (!exists(names.folder, checksum)) return {};
    auto beside = medkit::open_source_file(names.folder.get(), checksum);
    if (!beside) return pass_on(beside);
    auto text = read_to_end(beside->file.get(), checksum, ErrorKind::medkit, largest_checksum_file);
    if (!text) return pass_on(text);
    auto expected = medkit::read_sha256_file(*text, names.archive);
    if (!expected) return pass_on(expected, checksum);
    auto digest = digest_of(source.file.get(), names.archive);
    if (!digest) return pass_on(digest);
    if (digest->sha256 == *expected) return {};
    return fail(ErrorKind::medkit, medkit::shown_name(names.archive) +
                                       ": the SHA-256 checksum does not match; copy the file again");
}

Expected<UniqueFd> decrypted(const Names& names, const SourceRules& rules, const snapshots::TopLevel& top) {
    if (rules.password.empty())
        return fail(ErrorKind::medkit, medkit::shown_name(names.archive) +
                                           " is encrypted, and no password is configured in "
                                           "/etc/config/schnapps");
    auto source = medkit::open_source_file(names.folder.get(), names.archive);
    if (!source) return pass_on(source);
    if (auto checked = check_encrypted(names, *source); !checked) return pass_on(checked);
    auto plain = open_file(top.path(), O_TMPFILE | O_RDWR, ErrorKind::card, 0600);
    if (!plain) return pass_on(plain);
    auto gpg = Gpg::start(Gpg::Direction::decrypt, source->file.get(), plain->get(), rules.password);
    if (!gpg) return pass_on(gpg);
    if (auto ended = gpg->wait(); !ended) return pass_on(ended, medkit::shown_name(names.archive));
    return plain;
}

Expected<medkit::VerifiedMedkit> verify_encrypted(const Names& names, const SourceRules& rules,
                                                  const snapshots::TopLevel& top,
                                                  const ByteProgress& progress) {
    auto file = decrypted(names, rules, top);
    if (!file) return pass_on(file);
    auto archive = archive_rules(rules, top);
    if (!archive) return pass_on(archive);
    const auto shown = medkit::shown_name(names.archive);
    auto summary = medkit::inspect_archive(file->get(), shown, *archive, {}, progress);
    if (!summary) return pass_on(summary);
    medkit::VerifiedMedkit verified;
    verified.base.name = shown;
    verified.base.file = std::move(*file);
    verified.base.summary = std::move(*summary);
    verified.trust = medkit::Trust::hashed;  // OpenPGP's own: it was made by who knows the password
    return verified;
}

}  // namespace

Expected<ArchiveSource> open_source(const fs::path& file, const SourceRules& rules,
                                    const snapshots::TopLevel& top, const ByteProgress& progress) {
    auto names = find_names(file);
    if (!names) return pass_on(names);
    auto info = read_info(*names);
    if (!info) return pass_on(info);
    auto verified = names->encrypted ? verify_encrypted(*names, rules, top, progress)
                                     : verify_plain(*names, rules, top, progress);
    if (!verified) return pass_on(verified);
    ArchiveSource source{.medkit = std::move(*verified), .info = {}, .has_info = info->has_value()};
    if (*info) source.info = std::move(**info);
    return source;
}

Expected<void> unpack_source(const ArchiveSource& source, int root, const ByteProgress& progress) {
    const auto& [base, extra, trust, signer] = source.medkit;
    auto unpacked = medkit::unpack_archive(base.file.get(), base.name, root, base.summary, progress);
    if (!unpacked || !extra) return unpacked;
    return medkit::unpack_archive(extra->file.get(), extra->name, root, extra->summary, progress);
}

}  // namespace mox::backup
