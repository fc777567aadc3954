#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "boot/flash.hpp"

namespace mox::boot {

/// Counts tries in the last erase block of the flash partition of the rescue system, which no image reaches.
///
/// Flash can be written without erasing it, as long as bits only become 0: an entry is appended, and nothing
/// else changes. A power cut while the boot environment is written loses the environment; here it loses at
/// most the entry.
class TryLog {
public:
    /// Bytes of an entry: no two of them share a word of any flash chip.
    static constexpr std::size_t entry_size = 16;

    /// Reads the block. Nothing when something else is in it, such as the end of a very large image.
    /// `flash` outlives this. Errors (`internal`): it cannot be read.
    [[nodiscard]] static Expected<std::optional<TryLog>> open(Flash& flash);

    /// Since the last `start_afresh`.
    [[nodiscard]] int tries() const;

    /// Errors (`internal`): the flash cannot be written.
    [[nodiscard]] Expected<void> add_try();
    /// Writes nothing when there is no try. Errors (`internal`): the flash cannot be written.
    [[nodiscard]] Expected<void> start_afresh();

private:
    TryLog(Flash& flash, std::uint64_t start, std::string content)
        : flash_(&flash), start_(start), content_(std::move(content)) {}

    [[nodiscard]] std::size_t end() const;
    [[nodiscard]] Expected<void> append(char mark);
    [[nodiscard]] Expected<void> write(std::size_t at, std::string_view bytes);

    Flash* flash_;
    std::uint64_t start_;  ///< of the block in the partition
    std::string content_;  ///< of the block
};

}  // namespace mox::boot
