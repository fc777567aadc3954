#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/schnapps/table.hpp"
#include "snapshots/changes.hpp"
#include "snapshots/compare.hpp"
#include "snapshots/snapshot.hpp"

namespace mox::cli::schnapps {

// The output of `--json`: one object, indented by two blanks, with a newline at the end. Pure. Texts from the
// card are escaped as in the table.

/// Text that is not escaped (except for bytes that are not UTF-8): the content of files.
struct Verbatim {
    std::string text;
};

struct JsonField {
    std::string_view key;
    std::variant<std::monostate, bool, std::int64_t, std::string, Verbatim, std::vector<std::int64_t>,
                 std::vector<std::string>>
        value;
};

/// An object with these fields, in this order.
[[nodiscard]] std::string json_of(const std::vector<JsonField>& fields);

/// `list -j`: {"snapshots": [{"number", "type", "size", "created", "description"}]}, exactly these five keys,
/// the number an integer, everything else text. The web interface accepts only this format.
[[nodiscard]] std::string parsed_list_json(const std::vector<snapshots::Snapshot>& snapshots,
                                           const Sizes& sizes);

/// `list --json`: all properties of each snapshot, sizes as numbers of bytes (null without quotas).
[[nodiscard]] std::string full_list_json(const std::vector<snapshots::Snapshot>& snapshots,
                                         const Sizes& sizes, bool factory_exists);

[[nodiscard]] std::string snapshot_json(const snapshots::Snapshot& snapshot);

[[nodiscard]] std::string cleanup_json(const std::vector<snapshots::CleanupResult>& results);

[[nodiscard]] std::string comparison_json(std::string_view left, std::string_view right,
                                          const snapshots::Comparison& comparison);

}  // namespace mox::cli::schnapps
