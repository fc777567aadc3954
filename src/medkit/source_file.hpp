#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"

namespace mox::medkit {

/// A file on a drive of the user, open for reading.
struct SourceFile {
    std::string name;
    UniqueFd file;
    Bytes size;
};

/// The hint of an error that damage in transfer explains.
inline constexpr std::string_view copy_again = "copy or download it again";

/// Opens a plain name in a directory. Does not follow a symlink and does not wait for a FIFO.
/// Errors (`medkit`), with the name: the file does not exist, cannot be read, is empty, or is not a regular
/// file (the message names its type).
[[nodiscard]] Expected<SourceFile> open_source_file(int directory, const std::string& name);

/// The error of a failed read: the file, the reason, and a hint about the drive if the medium failed.
[[nodiscard]] std::unexpected<Error> fail_reading(std::string_view name, int reason);

/// A range of a file that is not a hole.
struct DataExtent {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;

    bool operator==(const DataExtent&) const = default;
};

/// The data extents of an open file of `size` bytes (SEEK_DATA, SEEK_HOLE), in order. One extent over the
/// whole file if it has no hole, if its file system does not report holes, or if there are more than 10,000
/// extents: TarReader would refuse such a long map. Moves the position of the file. `name` is for messages.
/// Errors (`medkit`): it cannot be read.
[[nodiscard]] Expected<std::vector<DataExtent>> data_extents(int file, std::uint64_t size,
                                                             std::string_view name);

}  // namespace mox::medkit
