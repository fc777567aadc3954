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
    /// "line 3: ...": lines that could not be understood and were left out.
    std::vector<std::string> trouble;

    /// The section of that name, or, if there is none, the first anonymous one of that type.
    [[nodiscard]] const UciSection* section(std::string_view name) const;
};

/// Reads OpenWrt's UCI syntax: `package`, `config TYPE [NAME]`, `option KEY VALUE`, `list KEY VALUE`; words
/// bare, in single or in double quotes, or joined of several such parts; `#` comments; a backslash outside
/// single quotes takes the next character literally. Data only. Never fails; sections of the same name are
/// merged.
[[nodiscard]] UciFile parse_uci(std::string_view text);

}  // namespace mox::config
