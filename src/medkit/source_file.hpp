#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"

namespace mox::medkit {

/// A file on a drive that somebody brought along, open for reading.
struct SourceFile {
    std::string name;
    UniqueFd file;
    Bytes size;
};

/// Opens a plain name in a directory. Never follows a symlink, and never waits for a FIFO.
/// Errors (`medkit`): not there, not readable, not a regular file (says what it is), empty; with its name.
[[nodiscard]] Expected<SourceFile> open_source_file(int directory, const std::string& name);

/// The error of a failed read: names the file and the reason, and asks for the drive when the medium failed.
[[nodiscard]] std::unexpected<Error> fail_reading(std::string_view name, int reason);

/// A stretch of a file that is not a hole.
struct DataExtent {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;

    bool operator==(const DataExtent&) const = default;
};

/// Where the data of an open file of `size` bytes is (SEEK_DATA, SEEK_HOLE), in order; one extent over all of
/// it when it has no hole, when its file system cannot tell, or when there are more than 10,000: a map as
/// long as that would not be read again (TarReader). Moves the file's position. `name` is for messages.
/// Errors (`medkit`).
[[nodiscard]] Expected<std::vector<DataExtent>> data_extents(int file, std::uint64_t size,
                                                             std::string_view name);

}  // namespace mox::medkit
