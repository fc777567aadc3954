#include "virtual_mox/demo_media.hpp"

#include <fcntl.h>

#include <optional>
#include <system_error>
#include <utility>

#include "base/file.hpp"
#include "disk_images/installed_card.hpp"
#include "medkit/medkit_files.hpp"
#include "virtual_mox/board_files.hpp"

namespace mox::virtual_mox {

namespace fs = std::filesystem;

namespace {

constexpr auto kind = ErrorKind::internal;

/// The base64 text on the second line of a public key.
std::string second_line(const std::string& text) {
    const auto begin = text.find('\n') + 1;
    return text.substr(begin, text.find('\n', begin) - begin);
}

/// nullopt: the loader's default environment is not known; an environment in the NOR would replace all of it.
Expected<std::optional<boot::Variables>> environment_with_key(const fs::path& loader, const fs::path& built) {
    std::error_code failed;
    if (!fs::exists(fs::path(loader).replace_extension(".env"), failed)) return std::nullopt;
    auto variables = default_environment(loader);
    if (!variables) return std::unexpected(variables.error());
    const auto key = built_file(built, "medkit-key.pub");
    if (!key) return std::unexpected(key.error());
    const auto text = read_small_file(*key, kind);
    if (!text) return std::unexpected(text.error());
    // The owner's own keys stay: they are what is tried.
    auto& keys = (*variables)["rescue_keys"];
    keys += (keys.empty() ? "" : " ") + second_line(*text);
    return std::move(*variables);
}

}  // namespace

Expected<DemoMedkit> find_demo_medkit(const fs::path& built) {
    const auto folder = built_file(built, "medkit");
    if (!folder) return std::unexpected(folder.error());
    auto directory = open_file(*folder, O_RDONLY | O_DIRECTORY, kind);
    if (!directory) return pass_on(directory);
    const auto medkits = medkit::find_medkits(directory->get(), {});
    if (!medkits) return std::unexpected(medkits.error());
    if (medkits->medkits.empty()) return fail(kind, "there is no medkit in " + folder->string());
    const auto archive = *folder / medkits->medkits.front().archive;
    auto file = open_file(archive, O_RDONLY, kind);
    if (!file) return pass_on(file);
    medkit::ArchiveRules rules;
    rules.capacity = disk_images::installed_card_size;
    const auto no_progress = [](Bytes, Bytes) {};
    auto content = medkit::inspect_archive(file->get(), archive.filename().string(), rules, {}, no_progress);
    if (!content) return pass_on(content);
    return DemoMedkit{*folder, archive, std::move(*content)};
}

Expected<MachineSetup> prepare_demo_board(const fs::path& folder, const fs::path& built,
                                          const std::optional<fs::path>& boot_loader) {
    NorContent nor;
    auto loader = boot_loader ? Expected<fs::path>(*boot_loader) : built_file(built, "mox-loader.bin");
    if (!loader) return std::unexpected(loader.error());
    nor.boot_loader = std::move(*loader);
    auto environment = environment_with_key(*nor.boot_loader, built);
    if (!environment) return pass_on(environment);
    nor.environment = std::move(*environment);
    auto rescue_image = built_file(built, "image.fit.lzma");
    if (!rescue_image) return pass_on(rescue_image);
    nor.rescue_image = std::move(*rescue_image);
    return prepare_board(folder, built, std::move(nor));
}

}  // namespace mox::virtual_mox
