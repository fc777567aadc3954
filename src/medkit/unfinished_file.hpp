#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace mox::medkit {

/// A file that is being written, under a temporary name ("NAME.new"); removed at the end of the scope unless
/// it was given its own: it is there completely or not at all.
class UnfinishedFile {
public:
    /// Errors (`medkit`): it cannot be made.
    [[nodiscard]] static Expected<UnfinishedFile> beside(const std::filesystem::path& path);

    UnfinishedFile(UnfinishedFile&& other) noexcept;
    UnfinishedFile& operator=(UnfinishedFile&&) = delete;
    UnfinishedFile(const UnfinishedFile&) = delete;
    UnfinishedFile& operator=(const UnfinishedFile&) = delete;
    ~UnfinishedFile();

    [[nodiscard]] int file() const { return file_.get(); }
    [[nodiscard]] const std::filesystem::path& path_for_now() const { return temporary_; }

    /// Now it is complete: on the disk first, then under its name. Errors (`medkit`).
    [[nodiscard]] Expected<void> finish();

private:
    UnfinishedFile(std::filesystem::path path, std::filesystem::path temporary, UniqueFd file);

    std::filesystem::path path_;
    std::filesystem::path temporary_;
    UniqueFd file_;
};

}  // namespace mox::medkit
