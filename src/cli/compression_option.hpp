#pragma once

#include "base/error.hpp"
#include "cli/command_parser.hpp"
#include "cli/command_table.hpp"
#include "medkit/piece_compressor.hpp"

namespace mox::cli {

/// `--level` of `medkit pack` and `schnapps export`.
inline constexpr OptionEntry level_option{
    .names = "--level", .value = "LEVEL", .help = "compression, 1 (fast) to 12 (small), by default 2"};

/// The value of `level_option`, or the default. Errors: wrong usage.
[[nodiscard]] inline Expected<medkit::CompressionLevel> compression_level_in(const Parsed& parsed) {
    const auto text = parsed.value("--level");
    if (!text) return medkit::CompressionLevel{};
    if (const auto level = medkit::parse_compression_level(*text)) return *level;
    return wrong_usage("\"" + *text + "\" is not a level of compression; there are 1 to 12");
}

}  // namespace mox::cli
