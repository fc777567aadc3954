#include "cli/schnapps/table.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "snapshots/description.hpp"

namespace mox::cli::schnapps {

namespace {

using snapshots::escaped_for_display;
using snapshots::Snapshot;

constexpr std::array<std::size_t, 4> widths{4, 9, 11, 25};
constexpr std::size_t description_dashes = 36;
constexpr std::string_view separator = " | ";

enum class Alignment { left, right };

std::string padded(std::string_view text, std::size_t width, Alignment alignment) {
    const std::string padding(width - std::min(width, text.size()), ' ');
    return alignment == Alignment::left ? std::string(text) + padding : padding + std::string(text);
}

std::string line_of(const std::array<std::string, 4>& columns, std::string_view description) {
    return columns[0] + std::string(separator) + columns[1] + std::string(separator) + columns[2] +
           std::string(separator) + columns[3] + std::string(separator) + std::string(description) + "\n";
}

std::string header() {
    const auto names =
        line_of({padded("#", widths[0], Alignment::right), padded("Type", widths[1], Alignment::left),
                 padded("Size", widths[2], Alignment::left), padded("Date", widths[3], Alignment::left)},
                "Description");
    std::string dashes;
    for (std::size_t i = 0; i < widths.size(); ++i)
        dashes += std::string(widths.at(i) + (i == 0 ? 1 : 2), '-') + "+";
    return names + dashes + std::string(description_dashes, '-') + "\n";
}

std::string size_of(const Snapshot& snapshot, const Sizes& sizes) {
    const auto found = sizes.find(snapshot.number);
    return found == sizes.end() ? std::string() : snapshots::size_text(found->second.exclusive);
}

std::string shown_description(const Snapshot& snapshot) {
    return escaped_for_display(snapshot.usable() ? snapshot.description
                                                 : "(damaged: " + snapshot.damage + ")");
}

std::string quoted_field(const std::string& field) {
    const bool needs_quotes =
        field.find_first_of(",\"") != std::string::npos || field.starts_with(' ') || field.ends_with(' ');
    if (!needs_quotes) return field;
    std::string quoted = "\"";
    for (const char c : field) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

}  // namespace

std::string table_of(const std::vector<Snapshot>& snapshots, const Sizes& sizes) {
    auto text = header();
    for (const auto& snapshot : snapshots)
        text += line_of({padded(to_text(snapshot.number), widths[0], Alignment::right),
                         padded(name_of(snapshot.type), widths[1], Alignment::left),
                         padded(size_of(snapshot, sizes), widths[2], Alignment::right),
                         padded(escaped_for_display(snapshot.created), widths[3], Alignment::left)},
                        shown_description(snapshot));
    return text;
}

std::string csv_of(const std::vector<Snapshot>& snapshots, const Sizes& sizes) {
    std::string text = "#,type,size,date,description\n";
    for (const auto& snapshot : snapshots)
        text += to_text(snapshot.number) + "," + std::string(name_of(snapshot.type)) + "," +
                size_of(snapshot, sizes) + "," + quoted_field(escaped_for_display(snapshot.created)) + "," +
                quoted_field(shown_description(snapshot)) + "\n";
    return text;
}

}  // namespace mox::cli::schnapps
