#pragma once

#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/units.hpp"
#include "medkit/verify.hpp"

namespace mox::medkit {

/// What stays free for everything else: the unpacker, btrfs, the kernel.
inline constexpr Bytes memory_reserve{64ULL << 20};

/// `MemAvailable` in the text of /proc/meminfo: what can be used without pushing anything out.
/// Nothing when the line is missing or not a number.
[[nodiscard]] std::optional<Bytes> available_memory(std::string_view meminfo);

/// Packed size of a medkit with its extra archive: what a copy takes.
[[nodiscard]] Bytes packed_size(const VerifiedMedkit& medkit);

/// Errors (`medkit`): `needed` and the reserve do not fit into `available`; says how much is missing and that
/// a USB drive needs no copy. Pure.
[[nodiscard]] Expected<void> check_memory(Bytes needed, Bytes available);

/// Copies a verified medkit into sealed memory, for one that lies on the card that will be written.
/// In the result the files are memory; nothing of the directory it came from is open any more. The copies
/// are hashed: they are what was verified, or the result is an error.
///
/// Looks at the free memory first. Errors: `medkit` (no room, unreadable, changed since verification),
/// `internal` (no memory file, /proc/meminfo unreadable).
[[nodiscard]] Expected<VerifiedMedkit> copy_to_ram(VerifiedMedkit medkit, const ByteProgress& progress);

}  // namespace mox::medkit
