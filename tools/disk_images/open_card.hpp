#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "storage/loop_device.hpp"
#include "storage/mount.hpp"

namespace mox::disk_images {

/// The image of a card that no router uses, for reading or changes. Needs root. Closed at the end of the
/// scope. Errors: `card`.
class OpenCard {
public:
    /// Mounts the card's btrfs read-only. After a power cut during a write it shows the last complete state,
    /// without the log that the next mount for writing would replay.
    [[nodiscard]] static Expected<OpenCard> look(const std::filesystem::path& image);

    /// Mounts it for writing.
    [[nodiscard]] static Expected<OpenCard> change(const std::filesystem::path& image);

    /// The top level: `@`, `@factory`, snapshots. Valid as long as this object.
    [[nodiscard]] std::filesystem::path top() const { return mount_.path(); }
    /// The root file system of the installed system.
    [[nodiscard]] std::filesystem::path root() const { return top() / "@"; }
    /// The open top level.
    [[nodiscard]] int top_directory() const { return mount_.root(); }

    /// A file of the installed system, e.g. "etc/turris-version".
    [[nodiscard]] Expected<std::string> read(const std::filesystem::path& path) const;

    /// Unmounts, so that everything is in the image. Errors: a file of it is still open.
    [[nodiscard]] Expected<void> close();

private:
    OpenCard(storage::LoopDevice loop, storage::Mount mount)
        : loop_(std::move(loop)), mount_(std::move(mount)) {}

    storage::LoopDevice loop_;
    storage::Mount mount_;
};

}  // namespace mox::disk_images
