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

/// The files of one export in a folder: the archive NAME.tar.gz (or NAME.tar.gz.gpg) and what stands beside
/// it. They appear together, complete and on the disk, when all is written, or not at all. Only their owner
/// can read them: a backup holds the passwords and keys of a router.
///
/// A power cut while they appear leaves the archive without its checksums at worst, never beside those of
/// another one.
class ExportFiles {
public:
    /// With Existing::keep a backup of that name, plain or encrypted, is an error; with Existing::replace it
    /// is replaced by `finish`. Errors (`medkit`): `folder` is no directory, or cannot be written; an extra
    /// archive there would be unpacked over the export.
    [[nodiscard]] static Expected<ExportFiles> begin(const std::filesystem::path& folder, std::string name,
                                                     ExportFormat format, Existing existing);

    /// The archive, to be written.
    [[nodiscard]] int archive() const { return archive_.file(); }
    [[nodiscard]] const std::filesystem::path& archive_path() const { return archive_.path(); }

    /// A file that stands beside the archive: `name` is its whole name. Errors (`medkit`).
    [[nodiscard]] Expected<void> add(const std::string& name, std::string_view content);

    /// Removes what is left of an earlier backup of this name, and gives all files their names. Returns them,
    /// the archive first. Errors (`medkit`): nothing of the export is there then; only an archive that has
    /// taken the place of another one stays.
    [[nodiscard]] Expected<std::vector<std::filesystem::path>> finish();

private:
    ExportFiles(std::filesystem::path folder, std::string name, Existing existing, AtomicFile archive);

    [[nodiscard]] Expected<void> sync_content() const;
    [[nodiscard]] Expected<void> remove_leftovers() const;
    [[nodiscard]] Expected<void> publish_companions();
    [[nodiscard]] Expected<void> remove_other_format() const;

    std::filesystem::path folder_;
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

/// Of a whole open file, whatever its position. `name` is for the message; `listeners` are shown all of its
/// bytes too, in order. Errors (`medkit`).
[[nodiscard]] Expected<FileDigest> digest_of(int file, const std::string& name,
                                             const std::vector<medkit::PackedListener>& listeners = {});

}  // namespace mox::backup
