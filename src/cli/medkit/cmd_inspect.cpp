// `medkit inspect` and `medkit verify`: they only read.

#include <fcntl.h>

#include <algorithm>
#include <utility>

#include "base/file.hpp"
#include "board/board_file.hpp"
#include "cli/medkit/commands.hpp"
#include "cli/medkit/report.hpp"
#include "medkit/archive.hpp"
#include "medkit/medkit_files.hpp"
#include "medkit/signature.hpp"
#include "medkit/source_file.hpp"
#include "medkit/verify.hpp"

namespace mox::cli {

namespace {

/// The size of the largest microSD card (SDXC): here is no card, so every medkit that fits on some card is
/// accepted.
constexpr Bytes largest_medkit{2ULL << 40};

/// A medkit on this machine: its open directory, and the names of its files.
struct MedkitLocation {
    UniqueFd directory;
    medkit::MedkitFiles files;
};

Expected<MedkitLocation> find_medkit(const std::filesystem::path& archive) {
    if (archive.native().ends_with(".fit.lzma"))
        return fail(ErrorKind::medkit, archive.native() + " is a rescue image for the flash, not a medkit",
                    {"name the medkit; mode 4 and mox-rescue nor-update check the rescue image"});
    const auto directory = archive.parent_path();
    auto open =
        TRY(open_file(directory.empty() ? "." : directory, O_RDONLY | O_DIRECTORY, ErrorKind::medkit));
    auto files = TRY(medkit::find_beside(open.get(), archive.filename().native()), directory.native());
    return MedkitLocation{std::move(open), std::move(files)};
}

std::vector<BootFile> boot_files_in(const medkit::ArchiveContents& contents,
                                    const medkit::FileGroups& groups) {
    std::vector<BootFile> boot_files;
    for (const auto& group : groups) {
        const auto found =
            std::ranges::find_if(group, [&](const auto& path) { return contents.holds_filled_file(path); });
        boot_files.push_back({group, found == group.end() ? "" : *found});
    }
    return boot_files;
}

/// The key that a signature names, or the error of an invalid signature: `inspect` does not fail because of
/// it.
std::string describe_signature(const MedkitLocation& location) {
    if (!location.files.signature) return {};
    auto source = medkit::open_source_file(location.directory.get(), *location.files.signature);
    if (!source) return source.error().describe();
    auto text =
        read_to_end(source->file.get(), *location.files.signature, ErrorKind::medkit, Bytes{64 << 10});
    if (!text) return text.error().describe();
    const auto signature = medkit::parse_signature(*text);
    return signature ? "key " + medkit::to_text(signature->signer) : signature.error().describe();
}

}  // namespace

Expected<std::string> run(const InspectMedkit& command, const ByteProgress& progress) {
    const auto board = TRY(board::board_of_file_or_mox(command.board));
    auto location = TRY(find_medkit(command.archive));
    auto source = TRY(medkit::open_source_file(location.directory.get(), location.files.archive));
    medkit::ArchiveRules rules;
    rules.capacity = largest_medkit;
    auto summary = TRY(
        medkit::inspect_archive(source.file.get(), medkit::printable_name(source.name), rules, {}, progress));

    Inspection inspection;
    inspection.boot_files = boot_files_in(summary.contents, board.boot_files);
    inspection.summary = std::move(summary);
    inspection.signature = describe_signature(location);
    inspection.files = std::move(location.files);
    return command.json ? report_json(inspection) : report(inspection);
}

Expected<std::string> run(const VerifyMedkit& command, const ByteProgress& progress) {
    const auto board = TRY(board::board_of_file_or_mox(command.board));
    auto location = TRY(find_medkit(command.archive));
    medkit::VerifyRules rules;
    rules.archive.capacity = largest_medkit;
    rules.archive.required_files = board.boot_files;
    rules.archive.written_files = medkit::files_of_the_installation();
    rules.keys.directory = command.keys;
    if (command.signature_required || board.signatures_required)
        rules.signature = medkit::SignatureNeed::required;
    auto verified = TRY(medkit::verify_medkit(location.directory.get(), location.files, rules, progress));
    return command.json ? report_json(verified) : report(verified);
}

}  // namespace mox::cli
