#include "cli/medkit/location.hpp"

#include <fcntl.h>

#include <utility>

#include "base/file.hpp"

namespace mox::cli {

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

medkit::VerifyRules verify_rules(const board::Description& board, const std::filesystem::path& keys) {
    medkit::VerifyRules rules;
    rules.archive.capacity = largest_medkit;
    rules.archive.required_files = board.boot_files;
    rules.archive.written_files = medkit::files_of_the_installation();
    rules.keys.directory = keys;
    if (board.signatures_required) rules.signature = medkit::SignatureNeed::required;
    return rules;
}

}  // namespace mox::cli
