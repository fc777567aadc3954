#include "backup/export_medkit.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "backup/encryption.hpp"
#include "backup/export_files.hpp"
#include "base/descriptor_path.hpp"
#include "base/full_storage.hpp"
#include "base/unique_fd.hpp"
#include "medkit/checksum_file.hpp"
#include "medkit/pack.hpp"
#include "medkit/signature.hpp"
#include "storage/btrfs_space.hpp"

namespace mox::backup {

namespace {

namespace fs = std::filesystem;
using medkit::PackedMedkit;

void replace_all(std::string& text, const std::string& part, std::string_view by) {
    for (auto at = text.find(part); !part.empty() && at != std::string::npos;
         at = text.find(part, at + by.size()))
        text.replace(at, part.size(), by);
}

/// Replaces the paths of descriptors in an error of packing by names that the user understands.
Expected<PackedMedkit> with_user_paths(Expected<PackedMedkit>&& packed, int tree, const ExportRules& rules) {
    if (packed) return std::move(packed);
    const auto& failed = packed.error();
    auto text = failed.headline();
    replace_all(text, rules.overlay.native(), "etc/schnapps/export-overlay");
    replace_all(text, descriptor_path(tree), "the system");
    return std::unexpected(Error(failed.kind(), text, failed.reason()).with_hint({failed.hint()}));
}

/// A backup must fit on this card: its capacity is the limit.
Expected<medkit::PackRules> pack_rules(int tree, const ExportRules& rules) {
    medkit::PackRules result;
    struct statvfs about{};
    if (::fstatvfs(tree, &about) != 0) return fail_errno(ErrorKind::card, "the system");
    result.capacity = storage::new_btrfs_capacity(Bytes{about.f_blocks * about.f_frsize});
    result.how_to_leave_out = "by a pattern in /etc/schnapps/export-exclude.d";
    if (!rules.left_out.empty())
        result.left_out = [&list = rules.left_out](std::string_view path) { return list.excludes(path); };
    result.overlay = rules.overlay;
    result.compression.level = rules.level;
    result.wanted_files = rules.wanted_files;
    return result;
}

Expected<PackedMedkit> pack(int tree, int output, const std::string& name, const ExportRules& rules,
                            const ByteProgress& progress) {
    auto packing = pack_rules(tree, rules);
    if (!packing) return pass_on(packing);
    return with_user_paths(medkit::pack_archive(descriptor_path(tree), output, name, progress, *packing),
                           tree, rules);
}

/// Packs through gpg. The digests and sizes in the result are those of the archive, not of gpg's output.
Expected<PackedMedkit> pack_encrypted(int tree, int output, const std::string& name, const ExportRules& rules,
                                      const ByteProgress& progress) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno(ErrorKind::internal, "pipe");
    UniqueFd reading(ends[0]);
    UniqueFd writing(ends[1]);
    auto gpg = TRY(Gpg::start(Gpg::Direction::encrypt, reading.get(), output, rules.password));
    reading.reset();
    auto packed = pack(tree, writing.get(), name, rules, progress);
    writing.reset();
    // If gpg has failed, its messages are the reason; the write error of the closed pipe is a consequence.
    if (auto ended = gpg.wait(); !ended) {
        auto error = std::move(ended).error().with_context(name);
        const int reason = error.reason();
        if (is_out_of_space(reason)) error = std::move(error).with_hint(space_hint_of(output, reason));
        return std::unexpected(std::move(error));
    }
    return packed;
}

/// Writes the file of the archive; the digests in the result are those of this file.
Expected<PackedMedkit> write_archive(int tree, const ExportFiles& files, const ExportRules& rules,
                                     const ByteProgress& progress) {
    const auto name = files.archive_path().native();
    if (rules.password.empty()) return pack(tree, files.archive(), name, rules, progress);
    auto packed = pack_encrypted(tree, files.archive(), name, rules, progress);
    if (!packed) return packed;
    auto digest = TRY(digest_of(files.archive(), name));
    packed->sha256 = digest.sha256;
    packed->md5 = digest.md5;
    packed->packed = digest.size;
    return packed;
}

Expected<void> add_companions(ExportFiles& files, const PackedMedkit& packed, const ExportRules& rules) {
    const auto archive = files.archive_path().filename().native();
    auto added =
        files.add(archive + ".sha256", medkit::checksum_line(medkit::to_hex(packed.sha256), archive));
    if (added)
        added = files.add(archive + ".md5", medkit::checksum_line(medkit::to_hex(packed.md5), archive));
    if (!added || rules.key == nullptr) return added;
    auto signature = TRY(medkit::sign_open_file(*rules.key, files.archive(), files.archive_path().native()));
    const auto comment = "signed by key " + medkit::to_text(signature.signer);
    return files.add(archive + ".sig", medkit::to_text(signature, comment));
}

Exported described(PackedMedkit&& packed) {
    return {.files = std::move(packed.files),
            .packed = packed.packed,
            .left_out = std::move(packed.left_out),
            .left_out_attributes = std::move(packed.left_out_attributes),
            .missing = std::move(packed.missing)};
}

}  // namespace

std::string board_prefix(std::string_view compatible) {
    // The longer name first: the Omnia NG is also compatible with "turris-omnia".
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> boards{
        {{"turris-mox", "mox"},
         {"turris-omnia-ng", "omnia-ng"},
         {"turris-omnia", "omnia"},
         {"turris1x", "turris1x"}}};
    for (const auto& [part, prefix] : boards)
        if (compatible.contains(part)) return std::string(prefix);
    return "schnapps";
}

std::string export_name(std::string_view board, std::string_view hostname, std::string_view number_or_date) {
    std::string host(hostname.empty() ? "turris" : hostname);
    std::ranges::replace_if(
        host,
        [](char c) {
            const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                              c == '-' || c == '.' || c == '_';
            return !fits;
        },
        '_');
    return std::string(board) + "-medkit-" + host + "-" + std::string(number_or_date);
}

Expected<Exported> export_to_directory(int tree, const fs::path& directory, const std::string& name,
                                       const snapshots::SnapshotInfo& info, const ExportRules& rules,
                                       const ByteProgress& progress) {
    const auto format = rules.password.empty() ? ExportFormat::plain : ExportFormat::encrypted;
    auto files = TRY(ExportFiles::begin(directory, name, format, rules.existing));
    auto packed = TRY(write_archive(tree, files, rules, progress));
    TRY(add_companions(files, packed, rules));
    TRY(files.add(name + ".info", format_info(info)));
    auto paths = TRY(files.finish());
    packed.files = std::move(paths);
    return described(std::move(packed));
}

Expected<Exported> export_to_stream(int tree, int output, const ExportRules& rules,
                                    const ByteProgress& progress) {
    const std::string name = "standard output";
    auto packed = TRY(rules.password.empty() ? pack(tree, output, name, rules, progress)
                                             : pack_encrypted(tree, output, name, rules, progress));
    return described(std::move(packed));
}

}  // namespace mox::backup
