#pragma once

#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/units.hpp"
#include "medkit/verify.hpp"

namespace mox::medkit {

/// Memory that must stay free for the unpacker, btrfs and the kernel.
inline constexpr Bytes memory_reserve{64ULL << 20};

/// `MemAvailable` in the text of /proc/meminfo: the memory that can be used without swapping.
/// nullopt if the line is missing or not a number.
[[nodiscard]] std::optional<Bytes> available_memory(std::string_view meminfo);

/// Packed size of a medkit with its extra archive: the memory that a copy needs.
[[nodiscard]] Bytes packed_size(const VerifiedMedkit& medkit);

/// Errors (`medkit`): `needed` and the reserve do not fit into `available`; the message states the missing
/// amount and that a medkit on a USB drive needs no copy. Pure.
[[nodiscard]] Expected<void> check_memory(Bytes needed, Bytes available);

/// Copies a verified medkit into sealed memory files, for a medkit on the card that will be written.
/// The files of the result are memory files; no file of the source directory stays open. The copies are
/// hashed: the result is an error if they differ from the verified files.
///
/// Checks the free memory first. Errors: `medkit` (not enough memory, unreadable, changed since
/// verification), `internal` (no memory file, /proc/meminfo unreadable).
[[nodiscard]] Expected<VerifiedMedkit> copy_to_ram(VerifiedMedkit medkit, const ByteProgress& progress);

}  // namespace mox::medkit
