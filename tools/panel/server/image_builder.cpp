#include "panel/server/image_builder.hpp"

#include <system_error>

#include "disk_images/image_file.hpp"
#include "disk_images/installed_card.hpp"
#include "disk_images/old_system.hpp"
#include "panel/server/broken_system.hpp"
#include "panel/server/corrupt_medkit.hpp"
#include "virtual_mox/demo_media.hpp"

namespace mox::virtual_mox::panel {

namespace fs = std::filesystem;

namespace {

constexpr auto kind = ErrorKind::internal;

Expected<void> put_in_place(const fs::path& made, const fs::path& place) {
    std::error_code failed;
    fs::rename(made, place, failed);
    if (failed) return fail_errno(kind, place.string(), failed.value());
    return {};
}

Expected<void> make_empty_directory(const fs::path& folder) {
    std::error_code failed;
    fs::remove_all(folder, failed);
    if (!failed) fs::create_directories(folder, failed);
    if (failed) return fail_errno(kind, folder.string(), failed.value());
    return {};
}

Expected<void> copy_files(const fs::path& from, const fs::path& to) {
    std::error_code failed;
    fs::copy(from, to, failed);
    if (failed) return fail_errno(kind, "copying " + from.string(), failed.value());
    return {};
}

}  // namespace

Expected<void> ImageBuilder::make_card(CardContent content) const {
    const auto unfinished = folder_ / "unfinished-card.img";
    if (auto made = make_card_image(content, unfinished); !made) return made;
    return put_in_place(unfinished, card());
}

Expected<void> ImageBuilder::make_card_image(CardContent content, const fs::path& image) const {
    if (content == CardContent::empty)
        return disk_images::make_sparse_image(image, disk_images::installed_card_size);
    if (content == CardContent::old) {
        auto made = disk_images::make_old_card(image);
        if (!made) return pass_on(made);
        return {};
    }
    const auto medkit = find_demo_medkit(built_);
    if (!medkit) return std::unexpected(medkit.error());
    if (auto made = disk_images::copy_installed_card(image, medkit->archive, built_ / "cards"); !made)
        return made;
    if (content == CardContent::broken) return break_system(image);
    return {};
}

Expected<fs::path> ImageBuilder::lay_out_medkit(StickContent content) const {
    const auto medkit = find_demo_medkit(built_);
    if (!medkit) return std::unexpected(medkit.error());
    if (content == StickContent::good) return medkit->folder;
    auto folder = folder_ / "stick-content";
    if (auto made = make_empty_directory(folder); !made) return pass_on(made);
    if (auto copied = copy_files(medkit->folder, folder); !copied) return pass_on(copied);
    if (auto corrupted = corrupt_medkit(folder / medkit->archive.filename(), content); !corrupted)
        return pass_on(corrupted);
    return folder;
}

Expected<void> ImageBuilder::make_stick(StickContent content, disk_images::StickFilesystem filesystem,
                                        const fs::path& uploads) const {
    auto folder = content == StickContent::files ? Expected<fs::path>(uploads) : lay_out_medkit(content);
    if (!folder) return pass_on(folder);
    const auto unfinished = folder_ / "unfinished-stick.img";
    if (auto made = disk_images::make_stick(unfinished, filesystem, *folder); !made) return made;
    return put_in_place(unfinished, stick());
}

Expected<fs::path> ImageBuilder::copy_card() const {
    auto copy = folder_ / "card-copy.img";
    if (auto copied = disk_images::copy_image(card(), copy); !copied) return pass_on(copied);
    return copy;
}

}  // namespace mox::virtual_mox::panel
