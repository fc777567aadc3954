#include "cli/command_table.hpp"

#include <algorithm>
#include <numeric>

#include "cli/version.hpp"

namespace mox::cli {

namespace {

constexpr std::size_t any_number = 10'000;

/// The parts of `text` between `separator`s, without empty ones.
std::vector<std::string_view> parts_of(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const auto end = std::min(text.find(separator), text.size());
        if (end > 0) parts.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

/// The number of inserted, deleted, changed and swapped characters between two words (optimal string
/// alignment).
std::size_t distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> before_last(right.size() + 1);
    std::vector<std::size_t> last(right.size() + 1);
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= left.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const auto changed = last[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
            row[j] = std::min({changed, row[j - 1] + 1, last[j] + 1});
            const bool is_swapped =
                i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
            if (is_swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        before_last.swap(last);
        last.swap(row);
    }
    return last[right.size()];
}

/// A line of the help: what is typed, and what it does from column 29 on.
std::string help_line(std::string typed, std::string_view help) {
    constexpr std::size_t column = 28;
    typed.insert(0, "  ");
    if (typed.size() + 2 > column) return typed + "\n" + std::string(column, ' ') + std::string(help) + "\n";
    return typed + std::string(column - typed.size(), ' ') + std::string(help) + "\n";
}

std::string help_line(const OptionEntry& option) {
    std::string typed;
    for (const auto name : names_of(option)) typed += (typed.empty() ? "" : ", ") + std::string(name);
    if (!option.value.empty()) typed += " " + std::string(option.value);
    return help_line(std::move(typed), option.help);
}

std::string typed_form(const CommandEntry& command) {
    return std::string(command.name) + (command.words.empty() ? "" : " ") + std::string(command.words);
}

std::string common_options(const ProgramEntry& program) {
    std::string text;
    for (const auto& option : program.options) text += help_line(option);
    return text + help_line(help_option) + help_line(version_option);
}

std::vector<std::string_view> option_names(const ProgramEntry& program, const CommandEntry* command) {
    std::vector<std::string_view> names;
    const auto add = [&names](const OptionEntry& option) {
        const auto more = names_of(option);
        names.insert(names.end(), more.begin(), more.end());
    };
    if (command != nullptr) std::ranges::for_each(command->options, add);
    std::ranges::for_each(program.options, add);
    add(help_option);
    add(version_option);
    return names;
}

std::vector<std::string_view> command_names(const ProgramEntry& program) {
    std::vector<std::string_view> names;
    for (const auto& command : program.commands) names.push_back(command.name);
    if (!names.empty()) names.emplace_back("help");
    return names;
}

std::string joined(const std::vector<std::string_view>& words) {
    std::string text;
    for (const auto word : words) text += (text.empty() ? "" : " ") + std::string(word);
    return text;
}

}  // namespace

WordCount count_of(std::string_view words) {
    WordCount count;
    for (const auto word : parts_of(words, ' ')) {
        const bool repeats = word.contains("...");
        if (!word.starts_with('[')) ++count.least;
        count.most += repeats ? any_number : 1;
    }
    return count;
}

std::vector<std::string_view> names_of(const OptionEntry& option) {
    return parts_of(option.names, ',');
}

std::string help_of(const ProgramEntry& program) {
    std::string text = std::string(program.help) + "\n\nUsage: " + std::string(program.name) + " [OPTION...]";
    if (!program.commands.empty()) {
        text += " COMMAND [ARGUMENT...]\n\nCommands:\n";
        for (const auto& command : program.commands) text += help_line(typed_form(command), command.help);
        text += help_line("help [COMMAND]", "show this help, or that of a command");
    } else {
        text += "\n";
    }
    text += "\nOptions:\n" + common_options(program);
    return text + "\n" + std::string(program.footer) + "\n";
}

std::string help_of(const ProgramEntry& program, const CommandEntry& command) {
    std::string text =
        "Usage: " + std::string(program.name) + " " + std::string(command.name) + " [OPTION...]";
    if (!command.words.empty()) text += " " + std::string(command.words);
    text += "\n\n" + std::string(command.help) + "\n\nOptions:\n";
    for (const auto& option : command.options) text += help_line(option);
    text += common_options(program);
    return text + "\nWrite -- before a word that begins with a dash but is not an option.\n" +
           std::string(program.footer) + "\n";
}

std::string version_line(std::string_view program) {
    return std::string(program) + " " + std::string(version) + "\n";
}

std::string bash_completion(const ProgramEntry& program) {
    std::string function = "_" + std::string(program.name);
    std::ranges::replace(function, '-', '_');
    std::string text = "# bash completion for " + std::string(program.name) +
                       ", generated from its table of commands: `scripts/completions`.\n\n" + function +
                       "() {\n"
                       "    local word=${COMP_WORDS[COMP_CWORD]} command= known= i\n"
                       "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                       "        case ${COMP_WORDS[i]} in\n";
    if (!program.commands.empty()) {
        std::string names;
        for (const auto name : command_names(program))
            names += (names.empty() ? "" : " | ") + std::string(name);
        text += "            " + names + ") command=${COMP_WORDS[i]}; break ;;\n";
    }
    text +=
        "            --) COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
        "        esac\n    done\n    case $command in\n";
    for (const auto& command : program.commands)
        text += "        " + std::string(command.name) + ") known='" +
                joined(option_names(program, &command)) + "' ;;\n";
    if (!program.commands.empty())
        text += "        help) known='" + joined(command_names(program)) + "' ;;\n";
    auto first_words = command_names(program);
    const auto options = option_names(program, nullptr);
    first_words.insert(first_words.end(), options.begin(), options.end());
    text += "        '') known='" + joined(first_words) + "' ;;\n    esac\n";
    text +=
        "    COMPREPLY=($(compgen -W \"$known\" -- \"$word\"))\n"
        "    [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"$word\"))\n"
        "}\n\ncomplete -o filenames -F " +
        function + " " + std::string(program.name) + "\n";
    return text;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
    std::string_view nearest;
    // A third of a word may be wrong; of a short one a single character.
    auto best = std::max<std::size_t>(word.size() / 3, 1) + 1;
    for (const auto candidate : known) {
        if (candidate.size() <= 2 || candidate == word) continue;  // -n is near to every short option
        const bool begins_so = word.size() > 2 && candidate.starts_with(word);
        const auto far = begins_so ? 1 : distance(word, candidate);
        if (far >= best) continue;
        best = far;
        nearest = candidate;
    }
    return nearest.empty() ? std::string() : "; did you mean " + std::string(nearest) + "?";
}

std::string unknown_command(const ProgramEntry& program, std::string_view word) {
    return "there is no command " + std::string(word) + did_you_mean(word, command_names(program));
}

std::string unknown_option(const ProgramEntry& program, const CommandEntry* command, std::string_view word) {
    word = word.substr(0, word.find('='));
    const auto known = option_names(program, command);
    const auto of = command == nullptr ? std::string() : std::string(command->name) + " has ";
    return (of.empty() ? "there is no option " : of + "no option ") + std::string(word) +
           did_you_mean(word, known);
}

bool is_like_number(std::string_view word) {
    return !word.empty() && word.find_first_not_of("0123456789-") == std::string_view::npos &&
           word.front() != '-';
}

std::string number_for_path(std::string_view word, std::string_view meant) {
    return std::string(word) + " is a number, but a " + std::string(meant) + " is meant; write ./" +
           std::string(word) + " for a " + std::string(meant) + " of that name";
}

}  // namespace mox::cli
