#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace mox {

/// What happens to an existing file of the same name.
enum class Existing { keep, replace };

/// A file that gets its name when it is complete. Until then it has no name (O_TMPFILE): it cannot collide
/// with a file of the user, and a killed process leaves nothing behind. File systems without O_TMPFILE (FAT)
/// get a temporary file with a unique name. It is removed at the end of the scope unless it was published;
/// the file of a killed process is removed when the next one is created in the directory.
class AtomicFile {
public:
    /// Creates the file for `path` with the permissions `mode`. Errors (`kind`), with the name of the file:
    /// its directory does not exist or cannot be written to.
    [[nodiscard]] static Expected<AtomicFile> create(const std::filesystem::path& path, ErrorKind kind,
                                                     unsigned mode = 0644);

    AtomicFile(AtomicFile&& other) noexcept;
    AtomicFile& operator=(AtomicFile&&) = delete;
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;
    ~AtomicFile();

    /// Open for reading and writing.
    [[nodiscard]] int file() const { return file_.get(); }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    /// Writes the content to the disk (fsync). Errors (`kind`).
    [[nodiscard]] Expected<void> sync() const;

    /// Gives the file its name, in one step. A power cut may undo this until the directory is on the disk too
    /// (`sync_directory`). Precondition: not published yet. Errors (`kind`): with Existing::keep also that a
    /// file of that name exists.
    [[nodiscard]] Expected<void> publish(Existing existing);

private:
    AtomicFile(std::filesystem::path path, ErrorKind kind, UniqueFd file, std::filesystem::path temporary);
    [[nodiscard]] bool link_to(const std::filesystem::path& name) const;
    [[nodiscard]] bool rename_to_name(Existing existing) const;

    std::filesystem::path path_;
    ErrorKind kind_;
    UniqueFd file_;
    std::filesystem::path temporary_;  ///< empty: the file has no name
};

/// The directory of a file; "." for a plain name.
[[nodiscard]] std::filesystem::path directory_of(const std::filesystem::path& file);

/// Writes the names in a directory to the disk (fsync). Errors (`kind`).
[[nodiscard]] Expected<void> sync_directory(const std::filesystem::path& directory, ErrorKind kind);

}  // namespace mox
