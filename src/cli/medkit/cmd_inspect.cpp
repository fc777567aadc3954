// `medkit inspect` and `medkit verify`: they only look.

#include <fcntl.h>

#include <algorithm>
#include <utility>

#include "base/file.hpp"
#include "board/description.hpp"
#include "cli/medkit/commands.hpp"
#include "cli/medkit/report.hpp"
#include "medkit/archive.hpp"
#include "medkit/medkit_files.hpp"
#include "medkit/signature.hpp"
#include "medkit/source_file.hpp"
#include "medkit/verify.hpp"

namespace mox::cli {

namespace {

/// There is no card here to measure by: the largest microSD card (SDXC), so that whatever fits on one is
/// accepted.
constexpr Bytes largest_medkit{2ULL << 40};

/// A medkit somewhere on this machine: its folder, and the names in it.
struct Place {
    UniqueFd folder;
    medkit::MedkitFiles files;
};

Expected<Place> find_place(const std::filesystem::path& archive) {
    const auto folder = archive.parent_path();
    auto open = TRY(open_file(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY, ErrorKind::medkit));
    auto files = TRY(medkit::find_beside(open.get(), archive.filename().native()), folder.native());
    return Place{std::move(open), std::move(files)};
}

std::vector<BootFile> boot_files_in(const medkit::ArchiveContents& contents) {
    std::vector<BootFile> boot_files;
    for (const auto& group : board::turris_mox().boot_files) {
        const auto found =
            std::ranges::find_if(group, [&](const auto& path) { return contents.holds_filled_file(path); });
        boot_files.push_back({group, found == group.end() ? "" : *found});
    }
    return boot_files;
}

/// The key that a signature names. A look is not stopped by a signature that makes no sense.
std::string describe_signature(const Place& place) {
    if (!place.files.signature) return {};
    auto source = medkit::open_source_file(place.folder.get(), *place.files.signature);
    if (!source) return source.error().describe();
    auto text = read_to_end(source->file.get(), *place.files.signature, ErrorKind::medkit, Bytes{64 << 10});
    if (!text) return text.error().describe();
    const auto signature = medkit::parse_signature(*text);
    return signature ? "key " + medkit::to_text(signature->signer) : signature.error().describe();
}

}  // namespace

Expected<std::string> run(const InspectMedkit& command, const ByteProgress& progress) {
    auto place = TRY(find_place(command.archive));
    auto source = TRY(medkit::open_source_file(place.folder.get(), place.files.archive));
    medkit::ArchiveRules rules;
    rules.capacity = largest_medkit;
    auto summary = TRY(
        medkit::inspect_archive(source.file.get(), medkit::printable_name(source.name), rules, {}, progress));

    Inspection inspection;
    inspection.boot_files = boot_files_in(summary.contents);
    inspection.summary = std::move(summary);
    inspection.signature = describe_signature(place);
    inspection.files = std::move(place.files);
    return command.json ? report_json(inspection) : report(inspection);
}

Expected<std::string> run(const VerifyMedkit& command, const ByteProgress& progress) {
    auto place = TRY(find_place(command.archive));
    medkit::VerifyRules rules;
    rules.archive.capacity = largest_medkit;
    rules.archive.required_files = board::turris_mox().boot_files;
    rules.archive.written_files = {std::string(medkit::configuration_file)};
    rules.keys.directory = command.keys;
    if (command.signature_required) rules.signature = medkit::SignatureNeed::required;
    auto verified = TRY(medkit::verify_medkit(place.folder.get(), place.files, rules, progress));
    return command.json ? report_json(verified) : report(verified);
}

}  // namespace mox::cli
