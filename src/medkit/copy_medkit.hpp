#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/units.hpp"
#include "medkit/digest.hpp"
#include "medkit/medkit_files.hpp"

namespace mox::medkit {

/// All files of a medkit: what belongs to the archive first, the archive last.
[[nodiscard]] std::vector<std::string> names_of(const MedkitFiles& files);

/// The largest file that FAT32 can hold.
inline constexpr Bytes largest_fat_file{0xffffffff};

/// Checks that each file fits on FAT32. Errors (`medkit`): the first one that does not.
[[nodiscard]] Expected<void> require_fat_sizes(int source, const MedkitFiles& files);

/// Sum of the sizes of all files. Errors (`medkit`): one cannot be opened.
[[nodiscard]] Expected<Bytes> size_of(int source, const MedkitFiles& files);

/// Checks that the files of a medkit can be copied into the directory `target`: room, the limits of its file
/// system, and that no file there would be taken for a part of this medkit. Errors (`medkit`).
[[nodiscard]] Expected<void> require_copyable(int source, const MedkitFiles& files,
                                              const std::filesystem::path& target);

/// A file that was copied.
struct CopiedFile {
    std::string name;
    Bytes size;
    Sha256Digest sha256{};
};

/// Copies all files of a medkit into the directory `target`, and writes them to the disk. A medkit of the
/// same name is replaced; all other files stay. Errors (`medkit`): with the name of the file; `internal`:
/// stopped.
[[nodiscard]] Expected<std::vector<CopiedFile>> copy_medkit(int source, const MedkitFiles& files,
                                                            const std::filesystem::path& target,
                                                            const ByteProgress& progress);

/// Reads the copies from the disk, past the cache where the kernel allows it, and compares them with what was
/// copied. Errors (`medkit`): one cannot be read or is different.
[[nodiscard]] Expected<void> compare_copies(const std::vector<CopiedFile>& files,
                                            const std::filesystem::path& target,
                                            const ByteProgress& progress);

}  // namespace mox::medkit
