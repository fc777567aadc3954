#include "snapshots/info_file.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include "config/shell_lines.hpp"
#include "snapshots/description.hpp"

namespace mox::snapshots {

namespace {

/// Limit for unknown lines; real files have a few.
constexpr std::size_t most_other_lines = 32;

void add_warning(SnapshotInfo& info, std::string_view what) {
    if (!info.warning.empty()) info.warning += "; ";
    info.warning += what;
}

void add_other(SnapshotInfo& info, config::Assignment&& line) {
    const auto known =
        std::ranges::find(info.other, line.key, [](const auto& one) -> const auto& { return one.first; });
    if (known != info.other.end())
        known->second = std::move(line.value);
    else if (info.other.size() < most_other_lines)
        info.other.emplace_back(std::move(line.key), std::move(line.value));
}

void apply(SnapshotInfo& info, config::Assignment&& line) {
    if (line.key == "TYPE") {
        const auto type = type_named(line.value);
        if (!type) add_warning(info, "unknown type, taken as single");
        info.type = type.value_or(SnapshotType::single);
    } else if (line.key == "DESCRIPTION") {
        info.description = std::move(line.value);
    } else if (line.key == "CREATED") {
        info.created = std::move(line.value);
    } else if (line.key == "ROLL_TO") {
        info.roll_to = target_named(line.value);
        if (!info.roll_to && !line.value.empty()) add_warning(info, "ROLL_TO is not a snapshot");
    } else {
        add_other(info, std::move(line));
    }
}

bool is_plain_date(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == ':' || c == ' ';
    });
}

bool is_printable(std::string_view text) {
    return std::ranges::all_of(text,
                               [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; });
}

std::string padded(std::int64_t number, std::size_t width) {
    const auto digits = std::to_string(number);
    return std::string(width - std::min(width, digits.size()), '0') + digits;
}

}  // namespace

SnapshotInfo parse_info(std::string_view text) {
    SnapshotInfo info;
    auto lines = config::parse_shell_lines(text);
    for (auto& line : lines.assignments) apply(info, std::move(line));
    if (lines.warnings.size() > 3)
        add_warning(info, std::to_string(lines.warnings.size()) + " lines are invalid");
    else
        for (const auto& line : lines.warnings) add_warning(info, line);
    return info;
}

std::string format_info(const SnapshotInfo& info) {
    std::string text = "TYPE=\"" + std::string(name_of(info.type)) + "\"\n";
    text += "DESCRIPTION=\"" + sanitised_description(info.description) + "\"\n";
    if (info.roll_to) text += "ROLL_TO=" + to_text(*info.roll_to) + "\n";
    if (is_plain_date(info.created)) text += "CREATED=\"" + info.created + "\"\n";
    for (const auto& [key, value] : info.other)
        if (is_printable(value)) text += key + "=" + config::single_quoted(value) + "\n";
    return text;
}

std::string created_text(std::chrono::sys_seconds at, std::chrono::minutes offset) {
    const auto local = at + offset;
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(local - day);
    const auto away = std::abs(offset.count());
    return padded(static_cast<int>(date.year()), 4) + "-" + padded(static_cast<unsigned>(date.month()), 2) +
           "-" + padded(static_cast<unsigned>(date.day()), 2) + " " + padded(clock.hours().count(), 2) + ":" +
           padded(clock.minutes().count(), 2) + ":" + padded(clock.seconds().count(), 2) +
           (offset.count() < 0 ? " -" : " +") + padded(away / 60, 2) + padded(away % 60, 2);
}

std::string created_now() {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    std::tm local{};
    static_cast<void>(::localtime_r(&seconds, &local));  // fails only for years that no clock can hold
    return created_text(now, std::chrono::minutes(local.tm_gmtoff / 60));
}

}  // namespace mox::snapshots
