#include "config/environment_text.hpp"

#include <algorithm>
#include <string>

namespace mox::config {

namespace {

std::string_view take_line(std::string_view& text) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

}  // namespace

Variables parse_environment_text(std::string_view text) {
    Variables variables;
    while (!text.empty()) {
        const auto line = take_line(text);
        if (line.starts_with('#')) continue;
        std::string entry(line);
        while (entry.ends_with('\\') && !text.empty()) {
            entry.back() = '\n';
            entry += take_line(text);
        }
        const auto equals = entry.find('=');
        if (equals == std::string::npos || equals == 0) continue;
        variables.insert_or_assign(entry.substr(0, equals), entry.substr(equals + 1));
    }
    return variables;
}

}  // namespace mox::config
