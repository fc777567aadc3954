#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "panel/server/board_state.hpp"

namespace mox::virtual_mox::panel {

/// A file that is being uploaded. Gone at the end of the scope, unless it is complete.
class UnfinishedUpload {
public:
    UnfinishedUpload(UniqueFd file, std::filesystem::path path)
        : file_(std::move(file)), path_(std::move(path)) {}
    UnfinishedUpload(UnfinishedUpload&&) = default;
    UnfinishedUpload& operator=(UnfinishedUpload&&) = delete;
    UnfinishedUpload(const UnfinishedUpload&) = delete;
    UnfinishedUpload& operator=(const UnfinishedUpload&) = delete;
    ~UnfinishedUpload();

    /// May take long when the disk is busy. Errors (`internal`): the disk is full, ...
    [[nodiscard]] Expected<void> append(std::span<const char> bytes);

private:
    friend class Uploads;

    UniqueFd file_;  ///< none: complete
    std::filesystem::path path_;
    Bytes size_;
};

/// The files for the next stick. Unfinished ones are in another folder: no name of a file is in their way.
class Uploads {
public:
    /// The folder is made; what was in it is removed. Errors: `internal`.
    [[nodiscard]] static Expected<Uploads> in(std::filesystem::path folder);

    [[nodiscard]] Expected<UnfinishedUpload> begin();
    /// From now on the file is there, under this name; an older one is replaced. Errors: `internal`.
    [[nodiscard]] Expected<void> complete(UnfinishedUpload upload, const std::string& name);
    /// False: there is no such file.
    [[nodiscard]] bool remove(const std::string& name);

    /// By name.
    [[nodiscard]] const std::vector<UploadedFile>& files() const { return files_; }
    /// Where they are, and nothing else.
    [[nodiscard]] std::filesystem::path folder() const { return folder_ / "complete"; }

private:
    explicit Uploads(std::filesystem::path folder) : folder_(std::move(folder)) {}

    std::filesystem::path folder_;
    std::vector<UploadedFile> files_;
    int begun_ = 0;
};

}  // namespace mox::virtual_mox::panel
