#include "board/board_file.hpp"

#include <arpa/inet.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <iterator>
#include <set>
#include <utility>

#include "base/directory.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "config/shell_lines.hpp"

namespace mox::board {

namespace {

constexpr std::string_view like = "LIKE";

std::vector<std::string> words_of(std::string_view text, char separator = ' ') {
    std::vector<std::string> words;
    while (!text.empty())
        if (const auto word = trimmed(take_until(text, separator)); !word.empty()) words.emplace_back(word);
    return words;
}

/// How a field is read from and written as text. `read` returns what is wrong with the value; empty: nothing.
struct Field {
    std::string_view key;
    bool may_be_missing = false;
    std::string (*read)(Description& board, std::string_view value);
    std::string (*write)(const Description& board);
};

template <auto Member>
std::string read_text(Description& board, std::string_view value) {
    board.*Member = std::string(value);
    return value.empty() ? "is empty" : "";
}

template <auto Member>
std::string read_optional_text(Description& board, std::string_view value) {
    board.*Member = std::string(value);
    return {};
}

template <auto Member>
std::string write_text(const Description& board) {
    return board.*Member;
}

template <auto Member>
std::string write_list(const Description& board) {
    return joined(board.*Member, " ");
}

template <auto Member>
std::string read_yes_or_no(Description& board, std::string_view value) {
    board.*Member = value == "yes";
    return value == "yes" || value == "no" ? "" : "is neither yes nor no";
}

template <auto Member>
std::string write_yes_or_no(const Description& board) {
    return board.*Member ? "yes" : "no";
}

/// A path without "..", so that it stays in the directory to which it belongs.
bool is_inside(std::string_view path) {
    return !path.empty() && path.front() != '/' &&
           std::ranges::none_of(words_of(path, '/'), [](const auto& part) { return part == ".."; });
}

/// A name in a directory: "ttyMV0".
bool is_name(std::string_view text) {
    return !text.empty() && !text.contains('/') && !text.contains(' ');
}

template <auto Member>
std::string read_controller(Description& board, std::string_view value) {
    board.*Member = std::string(value);
    return is_name(value) && value.contains('.') ? ""
                                                 : "is not an address with a dot behind it, as d00d8000.";
}

std::string read_leds(Description& board, std::string_view value) {
    board.led_names = words_of(value);
    const bool fits = !board.led_names.empty() && std::ranges::all_of(board.led_names, is_name);
    return fits ? "" : "is not a list of names below /sys/class/leds";
}

std::string read_console(Description& board, std::string_view value) {
    board.console = std::string(value);
    return is_name(value) ? "" : "is not a name below /dev";
}

std::string read_compatible(Description& board, std::string_view value) {
    board.compatible = std::string(value);
    return value.empty() || value.contains(' ') ? "is not one entry of a device tree's `compatible`" : "";
}

std::string read_button_keys(Description& board, std::string_view value) {
    board.button_keys.clear();
    for (const auto& word : words_of(value)) {
        const auto key = whole_number<unsigned>(word);
        if (!key || *key == 0) return "is not a list of key codes, as `linux,code` in the device tree";
        board.button_keys.push_back(*key);
    }
    return board.button_keys.empty() ? "is empty" : "";
}

std::string write_button_keys(const Description& board) {
    return joined(board.button_keys, " ", [](unsigned key) { return std::to_string(key); });
}

/// Names are matched in lower case (medkit/file_name.hpp).
std::string read_medkit_prefix(Description& board, std::string_view value) {
    board.medkit_prefix = std::string(value);
    const bool fits = !value.empty() && std::ranges::all_of(value, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
    return fits ? "" : "has other characters than a-z, 0-9 and -";
}

std::string read_boot_files(Description& board, std::string_view value) {
    board.boot_files.clear();
    for (const auto& group : words_of(value)) {
        auto files = words_of(group, '|');
        if (files.empty() || !std::ranges::all_of(files, is_inside))
            return "is not a list of paths without / at the start";
        board.boot_files.push_back(std::move(files));
    }
    return board.boot_files.empty() ? "is empty" : "";
}

std::string write_boot_files(const Description& board) {
    return joined(board.boot_files, " ", [](const auto& group) { return joined(group, "|"); });
}

std::string read_boot_script(Description& board, std::string_view value) {
    board.boot_script = std::string(value);
    return is_inside(value) ? "" : "is not a path without / at the start";
}

std::string read_watchdog(Description& board, std::string_view value) {
    board.watchdog = std::filesystem::path(value);
    return board.watchdog.is_absolute() ? "" : "is not a path that starts with /";
}

std::string write_watchdog(const Description& board) {
    return board.watchdog.native();
}

std::string read_sysrq_trigger(Description& board, std::string_view value) {
    board.sysrq_trigger = std::filesystem::path(value);
    return value.empty() || is_inside(value) ? "" : "is not a path without / at the start";
}

std::string write_sysrq_trigger(const Description& board) {
    return board.sysrq_trigger.native();
}

std::string read_largest_rescue_image(Description& board, std::string_view value) {
    const auto size = whole_number<std::uint64_t>(value);
    board.largest_rescue_image = Bytes{size.value_or(0)};
    return size && *size > 0 ? "" : "is not a number of bytes";
}

std::string write_largest_rescue_image(const Description& board) {
    return std::to_string(board.largest_rescue_image.count);
}

std::string read_medkit_url(Description& board, std::string_view value) {
    constexpr std::string_view scheme = "https://";
    board.medkit_url = std::string(value);
    if (!value.starts_with(scheme) || value.size() == scheme.size())
        return "does not start with https://HOST";
    return value.ends_with(".gz") ? "is a file; the directory that holds the medkits is meant" : "";
}

std::string read_fallback_name_servers(Description& board, std::string_view value) {
    board.fallback_name_servers = words_of(value);
    const auto is_address = [](const std::string& text) {
        in_addr address{};
        return ::inet_pton(AF_INET, text.c_str(), &address) == 1;
    };
    return std::ranges::all_of(board.fallback_name_servers, is_address) ? ""
                                                                        : "is not a list of IPv4 addresses";
}

template <auto Member>
constexpr Field text_field(std::string_view key) {
    return {key, false, read_text<Member>, write_text<Member>};
}

using D = Description;

constexpr Field all_fields[] = {
    text_field<&D::name>("NAME"),
    {"COMPATIBLE", false, read_compatible, write_text<&D::compatible>},
    {"LEDS", false, read_leds, write_list<&D::led_names>},
    {"BUTTON_KEYS", false, read_button_keys, write_button_keys},
    {"CARD_CONTROLLER", false, read_controller<&D::card_controller>, write_text<&D::card_controller>},
    {"INSTALLED_ROOT_DEVICE", true, read_optional_text<&D::installed_root_device>,
     write_text<&D::installed_root_device>},
    {"MEDKIT_PREFIX", false, read_medkit_prefix, write_text<&D::medkit_prefix>},
    {"BOOT_FILES", false, read_boot_files, write_boot_files},
    {"BOOT_SCRIPT", false, read_boot_script, write_text<&D::boot_script>},
    text_field<&D::environment_partition>("ENVIRONMENT_PARTITION"),
    text_field<&D::rescue_partition>("RESCUE_PARTITION"),
    {"LARGEST_RESCUE_IMAGE", false, read_largest_rescue_image, write_largest_rescue_image},
    {"CONSOLE", false, read_console, write_text<&D::console>},
    text_field<&D::start_rescue>("START_RESCUE"),
    text_field<&D::default_boot_targets>("DEFAULT_BOOT_TARGETS"),
    {"WATCHDOG", false, read_watchdog, write_watchdog},
    {"SYSRQ_TRIGGER", true, read_sysrq_trigger, write_sysrq_trigger},
    {"SIGNATURES_REQUIRED", true, read_yes_or_no<&D::signatures_required>,
     write_yes_or_no<&D::signatures_required>},
    {"PORT_CONTROLLER", false, read_controller<&D::port_controller>, write_text<&D::port_controller>},
    {"MEDKIT_URL", false, read_medkit_url, write_text<&D::medkit_url>},
    {"TLS_STRICT", true, read_yes_or_no<&D::tls_strict>, write_yes_or_no<&D::tls_strict>},
    {"FALLBACK_NAME_SERVERS", true, read_fallback_name_servers, write_list<&D::fallback_name_servers>},
};

/// Reads assignments into a description and collects what is wrong.
class BoardReader {
public:
    explicit BoardReader(const std::vector<config::Assignment>& assignments) {
        // First the board whose values the others replace, wherever its line is.
        for (const auto& assignment : assignments)
            if (assignment.key == like) take_values_of(assignment.value);
        for (const auto& assignment : assignments)
            if (assignment.key != like) read(assignment);
        report_missing();
        report_boot_script();
    }

    [[nodiscard]] const Description& board() const { return board_; }
    [[nodiscard]] const std::vector<std::string>& mistakes() const { return mistakes_; }

private:
    void take_values_of(const std::string& compatible) {
        const auto boards = built_in_boards();
        const auto found = std::ranges::find(boards, compatible, &Description::compatible);
        if (found == boards.end()) {
            mistakes_.push_back("LIKE: \"" + compatible + "\" is not a built-in board");
            return;
        }
        board_ = *found;
        for (const auto& field : all_fields) known_.insert(field.key);
    }

    void read(const config::Assignment& assignment) {
        const auto* const field = std::ranges::find(all_fields, assignment.key, &Field::key);
        if (field == std::end(all_fields)) {
            mistakes_.push_back(assignment.key + ": there is no such key");
            return;
        }
        if (!read_.insert(field->key).second) mistakes_.push_back(assignment.key + " is there twice");
        known_.insert(field->key);
        const auto mistake = field->read(board_, assignment.value);
        if (!mistake.empty())
            mistakes_.push_back(assignment.key + ": \"" + assignment.value + "\" " + mistake);
    }

    void report_missing() {
        for (const auto& field : all_fields)
            if (!field.may_be_missing && !known_.contains(field.key))
                mistakes_.push_back(std::string(field.key) +
                                    " is missing (LIKE takes it from a built-in board)");
    }

    /// Every system is installed with a link to this script, so every medkit must hold it.
    void report_boot_script() {
        if (board_.boot_script.empty() || board_.boot_files.empty()) return;
        const std::vector<std::string> script{board_.boot_script};
        if (std::ranges::find(board_.boot_files, script) == board_.boot_files.end())
            mistakes_.push_back("BOOT_FILES does not have BOOT_SCRIPT, " + board_.boot_script);
    }

    Description board_{};
    std::set<std::string_view> known_{};
    std::set<std::string_view> read_{};
    std::vector<std::string> mistakes_{};
};

}  // namespace

Expected<Description> parse_board_file(std::string_view text) {
    const auto lines = config::parse_shell_lines(text);
    const BoardReader reader(lines.assignments);
    auto mistakes = lines.warnings;
    mistakes.insert(mistakes.end(), reader.mistakes().begin(), reader.mistakes().end());
    if (!mistakes.empty())
        return fail(ErrorKind::internal, joined(mistakes, "; "),
                    {"correct the file (a value with blanks needs quotes, and there are no blanks around =); "
                     "docs/boards.md explains it"});
    return reader.board();
}

std::string format_board_file(const Description& board) {
    std::string text;
    for (const auto& field : all_fields)
        text += std::string(field.key) + "=" + config::single_quoted(field.write(board)) + "\n";
    return text;
}

Expected<Description> read_board_file(const std::filesystem::path& file) {
    const auto text = TRY(read_small_file(file, ErrorKind::internal));
    return TRY(parse_board_file(text), file.native());
}

Expected<Description> board_of_file_or_mox(const std::optional<std::filesystem::path>& file) {
    return file ? read_board_file(*file) : turris_mox();
}

Expected<std::vector<Description>> known_boards(const std::filesystem::path& root) {
    const auto directory = root / board_files_directory;
    std::vector<Description> boards;
    UniqueFd open(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!open && errno != ENOENT) return fail_errno(ErrorKind::internal, directory.native());
    if (open) {
        auto names = names_in_directory(std::move(open));
        if (!names) return fail_errno(ErrorKind::internal, directory.native(), names.error());
        std::ranges::sort(*names);
        for (const auto& name : *names)
            if (name.ends_with(".conf") && name.front() != '.')
                boards.push_back(TRY(read_board_file(directory / name)));
    }
    std::ranges::move(built_in_boards(), std::back_inserter(boards));
    return boards;
}

}  // namespace mox::board
