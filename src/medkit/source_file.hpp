#pragma once

#include <string>
#include <string_view>

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

}  // namespace mox::medkit
