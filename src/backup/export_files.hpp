#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/atomic_file.hpp"
#include "base/error.hpp"
#include "base/units.hpp"
#include "medkit/archive.hpp"
#include "medkit/digest.hpp"

namespace mox::backup {

enum class ExportFormat { plain, encrypted };

/// The files of one export in a directory: the archive NAME.tar.gz (or NAME.tar.gz.gpg) and its companions.
/// They get their names together, when all are complete and on the disk, or not at all. Only their owner can
/// read them, because a backup holds the passwords and keys of a router.
///
/// A power cut during this step may leave the archive without its checksums, but never with the checksums of
/// another archive.
class ExportFiles {
public:
    /// With Existing::keep an existing backup of that name, plain or encrypted, is an error; with
    /// Existing::replace `finish` replaces it. Errors (`medkit`): `directory` is not a directory or cannot be
    /// written, or it holds an extra archive that would be unpacked over the export.
    [[nodiscard]] static Expected<ExportFiles> begin(const std::filesystem::path& directory, std::string name,
                                                     ExportFormat format, Existing existing);

    /// The open file of the archive, which the caller writes.
    [[nodiscard]] int archive() const { return archive_.file(); }
    [[nodiscard]] const std::filesystem::path& archive_path() const { return archive_.path(); }

    /// Adds a companion of the archive; `name` is its complete name. Errors (`medkit`): it cannot be written.
    [[nodiscard]] Expected<void> add(const std::string& name, std::string_view content);

    /// Removes companions of an earlier backup of this name, and gives all files their names. Returns their
    /// paths, the archive first. Errors (`medkit`): no file of the export exists then, except an archive that
    /// has already replaced another one.
    [[nodiscard]] Expected<std::vector<std::filesystem::path>> finish();

private:
    ExportFiles(std::filesystem::path directory, std::string name, Existing existing, AtomicFile archive);

    [[nodiscard]] Expected<void> sync_content() const;
    [[nodiscard]] Expected<void> remove_leftovers() const;
    [[nodiscard]] Expected<void> publish_companions();
    [[nodiscard]] Expected<void> remove_other_format() const;

    std::filesystem::path directory_;
    std::string name_;
    Existing existing_;
    AtomicFile archive_;
    std::vector<AtomicFile> companions_;
};

struct FileDigest {
    medkit::Sha256Digest sha256{};
    medkit::Md5Digest md5{};
    Bytes size;
};

/// Hashes a whole open file, independent of its position. `name` is for messages. Also passes all bytes, in
/// order, to `listeners`. Errors (`medkit`): the file cannot be read.
[[nodiscard]] Expected<FileDigest> digest_of(int file, const std::string& name,
                                             const std::vector<medkit::PackedListener>& listeners = {});

}  // namespace mox::backup
