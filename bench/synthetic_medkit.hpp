#pragma once

#include <filesystem>

namespace mox::bench {

/// Writes a tar.gz that resembles a real medkit in all that counts for speed: about 10,000 files and 900
/// directories, 215 MB unpacked, 70 MB packed, many small files and a few large ones, symlinks and hard
/// links. The same bytes every time. Throws on failure.
void write_synthetic_medkit(const std::filesystem::path& archive);

}  // namespace mox::bench
