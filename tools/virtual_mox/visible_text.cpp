#include "virtual_mox/visible_text.hpp"

namespace mox::virtual_mox {

namespace {

/// Returns the position behind the control sequence that begins at `escape` (ECMA-48: ESC [ parameters, then
/// a byte from @ to ~).
std::size_t behind_sequence(std::string_view line, std::size_t escape) {
    auto at = escape + 1;
    if (at < line.size() && line[at] != '[') return at + 1;
    for (++at; at < line.size(); ++at)
        if (line[at] >= '@' && line[at] <= '~') return at + 1;
    return line.size();
}

}  // namespace

std::string visible_text(std::string_view line) {
    constexpr char escape = '\x1b';
    std::string text;
    for (std::size_t at = 0; at < line.size();) {
        const char c = line[at];
        if (c == escape) {
            at = behind_sequence(line, at);
            continue;
        }
        if (c == '\r' && at + 1 < line.size()) text.clear();
        if (c == '\t' || static_cast<unsigned char>(c) >= ' ') text += c;
        ++at;
    }
    return text;
}

}  // namespace mox::virtual_mox
