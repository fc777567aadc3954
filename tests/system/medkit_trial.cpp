#include "system/medkit_trial.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>
#include <system_error>

#include "base/unique_fd.hpp"
#include "base/units.hpp"
#include "medkit/pack.hpp"
#include "support/tar_builder.hpp"

namespace mox::test_support {

namespace {

namespace fs = std::filesystem;
using namespace mox::unit_literals;

UniqueFd in_memory(std::string_view bytes) {
    UniqueFd file(::memfd_create("archive", MFD_CLOEXEC));
    while (!bytes.empty()) {
        const auto written = ::write(file.get(), bytes.data(), bytes.size());
        if (written <= 0) throw std::system_error(errno, std::generic_category(), "memfd");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return file;
}

struct Archive {
    UniqueFd file;
    medkit::ArchiveSummary summary;
};

Expected<medkit::ArchiveSummary> inspected(const UniqueFd& file, const medkit::ArchiveContents* below) {
    const medkit::ArchiveRules rules{.capacity = 256_MiB, .required_files = {}, .unpacked_over = below};
    return medkit::inspect_archive(file.get(), "archive", rules, {}, {});
}

/// Verifies an archive over the one below it; an error is a refusal.
Expected<Archive> verified(const std::string& tar, const medkit::ArchiveContents* below) {
    Archive archive{in_memory(gzip(tar, 1)), {}};
    auto summary = inspected(archive.file, below);
    if (!summary) return pass_on(summary);
    archive.summary = std::move(*summary);
    return archive;
}

void sync_filesystem_of(const fs::path& path) {
    const UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (::syncfs(directory.get()) != 0)
        throw std::system_error(errno, std::generic_category(), path.native());
}

/// Unpacks into the new directory `root`.
std::string unpacked_at(const fs::path& root, std::initializer_list<const Archive*> archives) {
    fs::create_directory(root);
    const UniqueFd directory(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory) throw std::system_error(errno, std::generic_category(), root.native());
    for (const auto* archive : archives) {
        if (archive == nullptr) continue;
        const auto unpacked =
            medkit::unpack_archive(archive->file.get(), "archive", directory.get(), archive->summary, {});
        if (!unpacked) return "accepted, but cannot be unpacked: " + unpacked.error().describe();
    }
    return {};
}

TrialResult refused(const GeneratedMedkit& medkit, const Error& error) {
    TrialResult result{.accepted = false, .refusal = error.describe(), .fault = {}};
    if (error.kind() != ErrorKind::medkit) result.fault = "refused with another code: " + result.refusal;
    if (medkit.is_plain) result.fault = "a plain medkit was refused: " + result.refusal;
    return result;
}

}  // namespace

TrialResult try_medkit(const GeneratedMedkit& medkit, const fs::path& root) {
    auto base = verified(medkit.base, nullptr);
    if (!base) return refused(medkit, base.error());
    std::optional<Archive> extra;
    if (medkit.extra) {
        auto over = verified(*medkit.extra, &base->summary.contents);
        if (!over) return refused(medkit, over.error());
        extra = std::move(*over);
    }
    TrialResult result{.accepted = true, .refusal = {}, .fault = {}};
    if (!medkit.tree.refusal().empty()) {
        result.fault = "accepted in spite of " + medkit.tree.refusal();
        return result;
    }
    result.fault = unpacked_at(root, {&*base, extra ? &*extra : nullptr});
    if (!result.fault.empty()) return result;
    // What a file takes on the card is known when it is there.
    if (medkit.tree.has_sparse_files()) sync_filesystem_of(root);
    const auto differences = medkit.tree.differences(root);
    if (!differences.empty()) result.fault = "is not equal:\n" + differences;
    return result;
}

std::string pack_again(const ModelTree& tree, const fs::path& root, const fs::path& copy) {
    Archive archive{in_memory({}), {}};
    const auto packed = medkit::pack_archive(root, archive.file.get(), "archive", {});
    if (!packed) return "what was unpacked cannot be packed: " + packed.error().describe();
    auto summary = inspected(archive.file, nullptr);
    if (!summary) return "what was packed is refused: " + summary.error().describe();
    archive.summary = std::move(*summary);
    if (auto fault = unpacked_at(copy, {&archive}); !fault.empty()) return "what was packed was " + fault;
    if (tree.has_sparse_files()) sync_filesystem_of(copy);
    const auto differences = tree.differences(copy);
    return differences.empty() ? std::string() : "is not equal after it was packed again:\n" + differences;
}

}  // namespace mox::test_support
