#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace mox {

/// What happens to a file that has the name already.
enum class Existing { keep, replace };

/// A file that is being written. It has no name meanwhile (O_TMPFILE), so that it meets no file of the user's
/// and a killed process leaves nothing behind; on file systems without such files (FAT) it has a name that
/// nothing else has, and is removed at the end of the scope unless it was published, or, of a killed process,
/// when the next such file is made in the folder.
class AtomicFile {
public:
    /// For a file `path`; `mode` counts from the first byte on. Errors (`kind`): its folder is not there, or
    /// nothing can be written in it; with the name of the file.
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

    /// Brings the content to the disk. Errors (`kind`).
    [[nodiscard]] Expected<void> sync() const;

    /// Gives the file its name, in one step. A power cut may undo that until the folder is on the disk too
    /// (`sync_folder`). Precondition: not published yet. Errors (`kind`): with Existing::keep also that there
    /// is a file of that name.
    [[nodiscard]] Expected<void> publish(Existing existing);

private:
    AtomicFile(std::filesystem::path path, ErrorKind kind, UniqueFd file, std::filesystem::path temporary);
    [[nodiscard]] bool link_to(const std::filesystem::path& name) const;
    [[nodiscard]] bool rename_to_name(Existing existing) const;

    std::filesystem::path path_;
    ErrorKind kind_;
    UniqueFd file_;
    std::filesystem::path temporary_;  ///< empty: it has no name
};

/// The folder that a file lies in; "." for a plain name.
[[nodiscard]] std::filesystem::path folder_of(const std::filesystem::path& file);

/// Brings the names in a folder to the disk. Errors (`kind`).
[[nodiscard]] Expected<void> sync_folder(const std::filesystem::path& folder, ErrorKind kind);

}  // namespace mox
