#pragma once

#include <filesystem>
#include <utility>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace mox::board {

/// Notices new entries of a folder (inotify). While the folder does not exist its nearest existing ancestor
/// is watched for it.
class FolderWatch {
public:
    /// Errors (`internal`): the kernel has no inotify or no more watches.
    [[nodiscard]] static Expected<FolderWatch> on(const std::filesystem::path& folder);

    /// Becomes readable with the first change. Then look, and watch anew. Owned by this.
    [[nodiscard]] int fd() const { return fd_.get(); }

private:
    explicit FolderWatch(UniqueFd fd) : fd_(std::move(fd)) {}

    UniqueFd fd_;
};

}  // namespace mox::board
