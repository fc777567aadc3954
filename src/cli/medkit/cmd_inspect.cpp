// `medkit inspect` and `medkit verify`: they only read.

#include <algorithm>
#include <utility>

#include "base/file.hpp"
#include "board/board_file.hpp"
#include "cli/medkit/commands.hpp"
#include "cli/medkit/location.hpp"
#include "cli/medkit/report.hpp"
#include "medkit/archive.hpp"
#include "medkit/medkit_files.hpp"
#include "medkit/signature.hpp"
#include "medkit/source_file.hpp"
#include "medkit/verify.hpp"

namespace mox::cli {

namespace {

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
    auto rules = verify_rules(board, command.keys);
    if (command.signature_required) rules.signature = medkit::SignatureNeed::required;
    auto verified = TRY(medkit::verify_medkit(location.directory.get(), location.files, rules, progress));
    return command.json ? report_json(verified) : report(verified);
}

}  // namespace mox::cli
