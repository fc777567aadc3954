#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace mox::test_support {

/// One request as the device saw it.
struct LoggedWrite {
    std::uint64_t offset = 0;         ///< in bytes, on the device
    std::uint64_t length = 0;         ///< in bytes; 0 for a plain flush
    std::span<const std::byte> data;  ///< a view into the log; empty for a flush and for a discard
    bool flush = false;    ///< everything that was written before is durable now (before this write)
    bool durable = false;  ///< forced unit access: this write is durable by itself
    bool discard = false;  ///< the range is forgotten: zeros from now on
};

/// Reads a log in the format of Linux' dm-log-writes
/// (Documentation/admin-guide/device-mapper/log-writes.rst), which QEMU's blklogwrites filter writes too. The
/// result points into `log`. Marks are left out. Errors (`internal`): not such a log, or cut off before the
/// last entry that its super block promises.
[[nodiscard]] Expected<std::vector<LoggedWrite>> parse_write_log(std::span<const std::byte> log);

/// A power cut, told in entries of a log: [0, durable) is on the device, of [durable, end) everything but
/// `lost`, and the rest never happened.
struct Cut {
    std::size_t durable = 0;
    std::size_t end = 0;
    std::vector<std::size_t> lost;  ///< sorted
};

/// After each flush (and before the first write): what a device in which nothing is reordered may hold.
[[nodiscard]] std::vector<Cut> cuts_at_flushes(std::span<const LoggedWrite> log);

/// After any request.
[[nodiscard]] std::vector<Cut> cuts_at_random(std::span<const LoggedWrite> log, std::size_t count,
                                              std::mt19937_64& random);

/// After any request, and each write since the last flush may have been lost: a device with a cache writes in
/// the order that it likes.
[[nodiscard]] std::vector<Cut> cuts_with_lost_writes(std::span<const LoggedWrite> log, std::size_t count,
                                                     std::mt19937_64& random);

/// "entry 812 of 4173, 17 lost".
[[nodiscard]] std::string to_text(const Cut& cut, std::size_t entries);

}  // namespace mox::test_support
