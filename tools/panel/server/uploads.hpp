#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "panel/server/board_state.hpp"

namespace mox::virtual_mox::panel {

/// A file during its upload. Removed at the end of the scope unless it is complete.
class UnfinishedUpload {
public:
    UnfinishedUpload(UniqueFd file, std::filesystem::path path)
        : file_(std::move(file)), path_(std::move(path)) {}
    UnfinishedUpload(UnfinishedUpload&&) = default;
    UnfinishedUpload& operator=(UnfinishedUpload&&) = delete;
    UnfinishedUpload(const UnfinishedUpload&) = delete;
    UnfinishedUpload& operator=(const UnfinishedUpload&) = delete;
    ~UnfinishedUpload();

    /// Appends to the file. May take long when the disk is busy. Errors (`internal`): the disk is full, ...
    [[nodiscard]] Expected<void> append(std::span<const char> bytes);

private:
    friend class Uploads;

    UniqueFd file_;  ///< empty: complete
    std::filesystem::path path_;
    Bytes size_;
};

/// The files for the next stick. Incomplete files are in another directory, so that their names cannot
/// collide.
class Uploads {
public:
    /// Creates the directory and removes its old content. Errors: `internal`.
    [[nodiscard]] static Expected<Uploads> in(std::filesystem::path folder);

    /// Checks that a stick can hold a file of this name and size beside those that are here. Errors
    /// (`internal`): as a message for the page.
    [[nodiscard]] Expected<void> check(std::string_view name, Bytes size) const;
    [[nodiscard]] Expected<UnfinishedUpload> begin();
    /// Adds a complete file under this name, and replaces an older one. Errors: `internal`.
    [[nodiscard]] Expected<void> complete(UnfinishedUpload upload, const std::string& name);
    /// Removes a file. Returns false when there is no such file.
    [[nodiscard]] bool remove(const std::string& name);

    /// Sorted by name.
    [[nodiscard]] const std::vector<UploadedFile>& files() const { return files_; }
    /// The directory that holds only the complete files.
    [[nodiscard]] std::filesystem::path folder() const { return folder_ / "complete"; }

private:
    explicit Uploads(std::filesystem::path folder) : folder_(std::move(folder)) {}

    std::filesystem::path folder_;
    std::vector<UploadedFile> files_;
    int begun_ = 0;
};

}  // namespace mox::virtual_mox::panel
