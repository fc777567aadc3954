#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "disk_images/stick.hpp"
#include "panel/server/contents.hpp"

namespace mox::virtual_mox::panel {

/// Makes cards and sticks as image files. All of it takes seconds and needs root: to be used on a thread of
/// its own. What cannot be finished leaves the image of before.
class ImageBuilder {
public:
    /// `built`: what `make board` has built. `folder` exists and takes the images.
    ImageBuilder(std::filesystem::path built, std::filesystem::path folder)
        : built_(std::move(built)), folder_(std::move(folder)) {}

    [[nodiscard]] std::filesystem::path card() const { return folder_ / "card.img"; }
    [[nodiscard]] std::filesystem::path stick() const { return folder_ / "stick.img"; }

    /// Precondition: nobody uses the card. Errors: the demo's medkit was not built, disk full, ...
    [[nodiscard]] Expected<void> make_card(CardContent content) const;

    /// `uploads` is the folder of `StickContent::files`. Precondition: nobody uses the stick.
    [[nodiscard]] Expected<void> make_stick(StickContent content, disk_images::StickFilesystem filesystem,
                                            const std::filesystem::path& uploads) const;

    /// A copy of the card as it is now, for somebody who wants to look at it.
    [[nodiscard]] Expected<std::filesystem::path> copy_card() const;

private:
    [[nodiscard]] Expected<void> make_card_image(CardContent content,
                                                 const std::filesystem::path& image) const;
    [[nodiscard]] Expected<std::filesystem::path> lay_out_medkit(StickContent content) const;

    std::filesystem::path built_;
    std::filesystem::path folder_;
};

}  // namespace mox::virtual_mox::panel
