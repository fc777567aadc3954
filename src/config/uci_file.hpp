#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mox::config {

/// One section of a UCI file: "config keep 'keep'", then options and lists.
struct UciSection {
    std::string type;
    std::string name;  ///< empty: anonymous
    std::map<std::string, std::string, std::less<>> options;
    std::map<std::string, std::vector<std::string>, std::less<>> lists;

    [[nodiscard]] std::optional<std::string> option(std::string_view key) const;
};

struct UciFile {
    std::vector<UciSection> sections;
    /// "line 3: ...": lines that were not understood and are ignored.
    std::vector<std::string> warnings;

    /// The section of that name; if there is none, the first anonymous section of that type; null: neither.
    [[nodiscard]] const UciSection* section(std::string_view name) const;
};

/// Reads OpenWrt's UCI syntax: `package`, `config TYPE [NAME]`, `option KEY VALUE`, `list KEY VALUE`; words
/// without quotes, in single or double quotes, or made of such parts; `#` comments; a backslash outside of
/// single quotes makes the next character literal. Never fails; sections of the same name are merged.
[[nodiscard]] UciFile parse_uci(std::string_view text);

}  // namespace mox::config
