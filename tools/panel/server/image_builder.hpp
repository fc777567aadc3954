#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "disk_images/stick.hpp"
#include "panel/server/contents.hpp"

namespace mox::virtual_mox::panel {

/// Makes cards and sticks as image files. Each function takes seconds and needs root: run it on its own
/// thread. After an error the former image remains.
class ImageBuilder {
public:
    /// `built`: directory with the output of `make board`. `folder`: an existing directory for the images.
    ImageBuilder(std::filesystem::path built, std::filesystem::path folder)
        : built_(std::move(built)), folder_(std::move(folder)) {}

    [[nodiscard]] std::filesystem::path card() const { return folder_ / "card.img"; }
    [[nodiscard]] std::filesystem::path stick() const { return folder_ / "stick.img"; }

    /// Precondition: the card is not in use. Errors: the demo's medkit was not built, disk full, ...
    [[nodiscard]] Expected<void> make_card(CardContent content) const;

    /// `uploads` is the directory of `StickContent::files`. Precondition: the stick is not in use.
    [[nodiscard]] Expected<void> make_stick(StickContent content, disk_images::StickFilesystem filesystem,
                                            const std::filesystem::path& uploads) const;

    /// Makes a copy of the present card, for an inspection.
    [[nodiscard]] Expected<std::filesystem::path> copy_card() const;

private:
    [[nodiscard]] Expected<void> make_card_image(CardContent content,
                                                 const std::filesystem::path& image) const;
    [[nodiscard]] Expected<std::filesystem::path> lay_out_medkit(StickContent content) const;

    std::filesystem::path built_;
    std::filesystem::path folder_;
};

}  // namespace mox::virtual_mox::panel
