#include "backup/export_medkit.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "backup/encryption.hpp"
#include "backup/file_digest.hpp"
#include "base/file.hpp"
#include "base/interruption.hpp"
#include "base/unique_fd.hpp"
#include "medkit/pack.hpp"
#include "medkit/signature.hpp"
#include "medkit/unfinished_file.hpp"

namespace mox::backup {

namespace {

namespace fs = std::filesystem;
using medkit::PackedMedkit;

fs::path path_of(int tree) {
    return "/proc/self/fd/" + std::to_string(tree);
}

medkit::PackRules pack_rules(const ExportRules& rules) {
    medkit::PackRules result;
    if (!rules.left_out.empty())
        result.left_out = [&list = rules.left_out](std::string_view path) { return list.excludes(path); };
    result.overlay = rules.overlay;
    return result;
}

/// Packs through gpg; what is known of the archive is what was packed, not what gpg made of it.
Expected<PackedMedkit> pack_encrypted(int tree, int output, const std::string& name, const ExportRules& rules,
                                      const ByteProgress& progress) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno(ErrorKind::internal, "pipe");
    UniqueFd reading(ends[0]);
    UniqueFd writing(ends[1]);
    auto gpg = Gpg::start(Gpg::Direction::encrypt, reading.get(), output, rules.password);
    if (!gpg) return pass_on(gpg);
    reading.reset();
    auto packed = medkit::pack_archive(path_of(tree), writing.get(), name, progress, pack_rules(rules));
    writing.reset();
    // When gpg has given up, what it says is the reason, and the closed pipe the consequence.
    if (auto ended = gpg->wait(); !ended) return pass_on(ended, name);
    return packed;
}

Expected<PackedMedkit> write_encrypted(int tree, const fs::path& archive, const ExportRules& rules,
                                       const ByteProgress& progress) {
    auto output = medkit::UnfinishedFile::beside(archive);
    if (!output) return pass_on(output);
    auto packed = pack_encrypted(tree, output->file(), archive.native(), rules, progress);
    if (!packed) return packed;
    auto digest = digest_of(output->file(), archive.native());
    if (!digest) return pass_on(digest);
    packed->sha256 = digest->sha256;
    packed->md5 = digest->md5;
    packed->packed = digest->size;
    std::optional<medkit::Signature> signature;
    if (rules.key != nullptr) {
        auto made = medkit::sign_file(*rules.key, output->path_for_now());
        if (!made) return pass_on(made);
        signature = *made;
    }
    const auto commit = Commit::begin();
    if (!commit) return std::unexpected(commit.error());
    if (auto finished = output->finish(); !finished) return pass_on(finished);
    packed->files = {archive};
    if (auto written = medkit::write_companions(archive, signature, *packed); !written)
        return pass_on(written);
    return packed;
}

Exported described(PackedMedkit&& packed) {
    return {
        .files = std::move(packed.files), .packed = packed.packed, .left_out = std::move(packed.left_out)};
}

}  // namespace

std::string export_name(std::string_view hostname, std::string_view number_or_date) {
    std::string host(hostname.empty() ? "turris" : hostname);
    std::ranges::replace_if(
        host,
        [](char c) {
            const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                              c == '-' || c == '.' || c == '_';
            return !fits;
        },
        '_');
    return "mox-medkit-" + host + "-" + std::string(number_or_date);
}

Expected<Exported> export_to_folder(int tree, const fs::path& folder, const std::string& name,
                                    const snapshots::SnapshotInfo& info, const ExportRules& rules,
                                    const ByteProgress& progress) {
    const bool encrypted = !rules.password.empty();
    const auto archive = folder / (name + (encrypted ? ".tar.gz.gpg" : ".tar.gz"));
    auto packed = encrypted
                      ? write_encrypted(tree, archive, rules, progress)
                      : medkit::pack_medkit(path_of(tree), archive, rules.key, progress, pack_rules(rules));
    if (!packed) return pass_on(packed);
    auto info_file = folder / (name + ".info");
    auto written = replace_file_durably(info_file, format_info(info), ErrorKind::medkit);
    if (!written) return pass_on(written);
    packed->files.push_back(std::move(info_file));
    return described(std::move(*packed));
}

Expected<Exported> export_to_stream(int tree, int output, const ExportRules& rules,
                                    const ByteProgress& progress) {
    const std::string name = "standard output";
    auto packed = rules.password.empty()
                      ? medkit::pack_archive(path_of(tree), output, name, progress, pack_rules(rules))
                      : pack_encrypted(tree, output, name, rules, progress);
    if (!packed) return pass_on(packed);
    return described(std::move(*packed));
}

}  // namespace mox::backup
