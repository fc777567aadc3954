#include "button/hotplug_scripts.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <system_error>

#include "base/file.hpp"

namespace mox::button {

namespace {

namespace fs = std::filesystem;

/// Programs that such scripts call: those of OpenWrt and busybox, and schnapps.
constexpr std::array<std::string_view, 10> programs{"reboot",     "poweroff",    "halt",      "shutdown",
                                                    "sysupgrade", "jffs2reset",  "firstboot", "schnapps",
                                                    "uci",        "factoryreset"};
/// Statements without effect.
constexpr std::array<std::string_view, 6> without_effect{":", "true", "exit", "exit 0", "return", "return 0"};

bool is_word_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool has_word(std::string_view text, std::string_view word) {
    for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        const auto end = at + word.size();
        const bool begins = at == 0 || !is_word_character(text[at - 1]);
        if (begins && (end == text.size() || !is_word_character(text[end]))) return true;
    }
    return false;
}

/// The lines of a script that are neither empty nor a comment, without their indentation.
std::vector<std::string_view> statements_of(std::string_view script) {
    std::vector<std::string_view> statements;
    while (!script.empty()) {
        const auto end = std::min(script.find('\n'), script.size());
        auto line = script.substr(0, end);
        script.remove_prefix(std::min(end + 1, script.size()));
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        line = line.substr(0, line.find_last_not_of(" \t\r") + 1);
        if (!line.empty() && line.front() != '#') statements.push_back(line);
    }
    return statements;
}

bool has_effect(std::string_view script) {
    return std::ranges::any_of(statements_of(script), [](std::string_view statement) {
        return std::ranges::find(without_effect, statement) == without_effect.end();
    });
}

bool is_executable(const fs::path& file) {
    std::error_code error;
    const auto status = fs::status(file, error);
    constexpr auto execute = fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
    return !error && fs::is_regular_file(status) && (status.permissions() & execute) != fs::perms::none;
}

}  // namespace

bool acts_on_button(std::string_view script, std::span<const std::string_view> names) {
    return std::ranges::any_of(statements_of(script), [&](std::string_view statement) {
        const auto is_in_it = [&](std::string_view word) { return has_word(statement, word); };
        return std::ranges::any_of(names, is_in_it) || std::ranges::any_of(programs, is_in_it);
    });
}

std::vector<fs::path> find_hotplug_scripts(const fs::path& root, std::span<const std::string_view> names) {
    std::vector<fs::path> scripts;
    for (const auto name : names) {
        const auto file = root / "etc/rc.button" / name;
        if (!is_executable(file)) continue;
        const auto text = read_small_file(file, ErrorKind::internal);
        if (!text || has_effect(*text)) scripts.push_back(file);
    }
    std::error_code error;
    for (fs::directory_iterator entry(root / "etc/hotplug.d/button", error), end; !error && entry != end;
         entry.increment(error)) {
        // hotplug-call runs all files that `ls` lists.
        std::error_code unreadable;
        const bool hidden = entry->path().filename().native().starts_with('.');
        if (hidden || !entry->is_regular_file(unreadable)) continue;
        const auto text = read_small_file(entry->path(), ErrorKind::internal);
        if (!text || acts_on_button(*text, names)) scripts.push_back(entry->path());
    }
    std::ranges::sort(scripts);
    return scripts;
}

}  // namespace mox::button
