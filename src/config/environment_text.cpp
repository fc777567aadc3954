#include "config/environment_text.hpp"

#include <string>

#include "base/text.hpp"

namespace mox::config {

Variables parse_environment_text(std::string_view text) {
    Variables variables;
    while (!text.empty()) {
        const auto line = take_until(text, '\n');
        if (line.starts_with('#')) continue;
        std::string entry(line);
        while (entry.ends_with('\\') && !text.empty()) {
            entry.back() = '\n';
            entry += take_until(text, '\n');
        }
        const auto equals = entry.find('=');
        if (equals == std::string::npos || equals == 0) continue;
        variables.insert_or_assign(entry.substr(0, equals), entry.substr(equals + 1));
    }
    return variables;
}

}  // namespace mox::config
