#include "cli/command_parser.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "base/file.hpp"

namespace mox::cli {

namespace {

/// Options by the last of their names.
using Options = std::vector<std::pair<std::string, CLI::Option*>>;

void add_option(CLI::App& app, const OptionEntry& entry, Options& options) {
    const std::string names(entry.names);
    auto* option = entry.value.empty() ? app.add_flag(names) : app.add_option(names);
    if (entry.value.empty())
        option->disable_flag_override();  // not --yes=false, which would be yes
    else
        option->expected(1)->allow_extra_args(false)->type_name(std::string(entry.value));
    if (entry.may_repeat) option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    options.emplace_back(names_of(entry).back(), option);
}

/// Words that CLI11 must not interpret begin with this character: those behind `--`, and lists like [a,b],
/// which it would split.
constexpr char protection = '\x01';

/// The command line for CLI11, the last word first, as it wants it.
std::vector<std::string> protected_words(int argc, const char* const* argv) {
    std::vector<std::string> words;
    bool behind_dashes = false;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (!behind_dashes && word == "--") {
            behind_dashes = true;
            continue;
        }
        const bool must_be_protected = behind_dashes || word.starts_with('[') || word.starts_with(protection);
        words.push_back(must_be_protected ? protection + word : word);
    }
    std::ranges::reverse(words);
    return words;
}

std::string as_typed(const std::string& word) {
    return word.starts_with(protection) ? word.substr(1) : word;
}

std::vector<std::string> as_typed(std::vector<std::string> words) {
    for (auto& word : words) word = as_typed(word);
    return words;
}

/// Control characters as "\xNN", so that a word cannot change the terminal.
std::string without_controls(const std::string& text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string safe;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7f)
            safe += c;
        else
            safe += std::string("\\x") + digits[byte >> 4U] + digits[byte & 0xfU];
    }
    return safe;
}

/// "-d: 1 required TEXT missing" of CLI11 in our words.
std::string message_about(const CLI::ArgumentMismatch& error) {
    const std::string text = error.what();
    const auto name = text.substr(0, text.find(':'));
    return name + (text.contains("missing") ? " needs a value" : " can be given once only");
}

/// CLI11's parser for the table. It only sorts the words: which words fit is decided below, with better
/// messages.
class Parser {
public:
    explicit Parser(const ProgramEntry& program) : program_(program), app_("", std::string(program.name)) {
        app_.set_help_flag();
        app_.allow_extras();
        app_.fallthrough();
        app_.require_subcommand(0, 1);
        for (const auto& option : program.options) add_option(app_, option, options_);
        add_option(app_, help_option, options_);
        add_option(app_, version_option, options_);
        for (const auto& command : program.commands) add(command);
        if (!program.commands.empty()) add(help_command);
    }

    std::variant<Parsed, EarlyExit> parse(int argc, const char* const* argv) {
        try {
            app_.parse(protected_words(argc, argv));
        } catch (const CLI::ArgumentMismatch& error) {
            return usage_error(program_, command(), message_about(error));
        } catch (const CLI::Error& error) {  // such as a flag with a value
            return usage_error(program_, command(), error.what());
        }
        if (app_.count("--version") > 0) return EarlyExit{.text = version_line(program_.name)};
        if (const auto mistake = find_mistake(); !mistake.empty())
            return usage_error(program_, command(), mistake);
        if (app_.count("--help") > 0) return help(command());
        if (command() == &help_command) return help_about(words());
        if (const auto mistake = find_wrong_count(); !mistake.empty())
            return usage_error(program_, command(), mistake);
        return result();
    }

private:
    struct Subcommand {
        CLI::App* app;
        const CommandEntry* entry;
        CLI::Option* words;
    };

    static constexpr CommandEntry help_command{.name = "help", .words = "[COMMAND]"};

    void add(const CommandEntry& command) {
        auto* subcommand = app_.add_subcommand(std::string(command.name));
        subcommand->set_help_flag();
        subcommand->fallthrough();
        for (const auto& option : command.options) add_option(*subcommand, option, options_);
        constexpr int any_number = 10'000;
        auto* words = subcommand->add_option("WORDS")->expected(0, any_number)->allow_extra_args();
        subcommands_.push_back({subcommand, &command, words});
    }

    [[nodiscard]] const Subcommand* chosen() const {
        const auto found = std::ranges::find_if(
            subcommands_, [](const auto& subcommand) { return subcommand.app->parsed(); });
        return found == subcommands_.end() ? nullptr : &*found;
    }

    [[nodiscard]] const CommandEntry* command() const {
        const auto* subcommand = chosen();
        return subcommand == nullptr ? nullptr : subcommand->entry;
    }

    [[nodiscard]] std::vector<std::string> words() const {
        const auto* subcommand = chosen();
        return subcommand == nullptr ? std::vector<std::string>() : as_typed(subcommand->words->results());
    }

    /// The first word that is in no table; empty: none.
    [[nodiscard]] std::string find_mistake() const {
        for (const auto& word : app_.remaining(true)) {
            if (word.size() > 1 && word.front() == '-') return unknown_option(program_, command(), word);
            if (program_.commands.empty()) return as_typed(word) + " is one word too many";
            return unknown_command(program_, as_typed(word));
        }
        return {};
    }

    [[nodiscard]] std::string find_wrong_count() const {
        const auto* entry = command();
        if (entry == nullptr) return {};
        const auto given = words();
        const auto count = count_of(entry->words);
        const auto usage = "; usage: " + std::string(program_.name) + " " + std::string(entry->name) + " " +
                           std::string(entry->words);
        if (given.size() < count.least) return std::string(entry->name) + " needs more words" + usage;
        if (given.size() <= count.most) return {};
        return given.at(count.most) + " is one word too many" +
               (entry->words.empty() ? "; " + std::string(entry->name) + " takes none" : usage);
    }

    [[nodiscard]] EarlyExit help(const CommandEntry* entry) const {
        if (entry == nullptr || entry == &help_command) return {.text = help_of(program_)};
        return {.text = help_of(program_, *entry)};
    }

    [[nodiscard]] EarlyExit help_about(const std::vector<std::string>& words) const {
        if (words.empty() || words.front() == help_command.name) return help(nullptr);
        const auto found = std::ranges::find(program_.commands, words.front(), &CommandEntry::name);
        if (found != program_.commands.end()) return help(&*found);
        return usage_error(program_, nullptr, unknown_command(program_, words.front()));
    }

    [[nodiscard]] Parsed result() const {
        Parsed parsed;
        parsed.command = command();
        parsed.words = words();
        for (const auto& [name, option] : options_)
            if (option->count() > 0) parsed.options[name] = as_typed(option->results());
        return parsed;
    }

    const ProgramEntry& program_;
    CLI::App app_;
    Options options_;
    std::vector<Subcommand> subcommands_;
};

}  // namespace

std::optional<std::string> Parsed::value(std::string_view name) const {
    const auto found = options.find(name);
    return found == options.end() ? std::nullopt : std::optional(found->second.back());
}

std::vector<std::string> Parsed::values(std::string_view name) const {
    const auto found = options.find(name);
    return found == options.end() ? std::vector<std::string>() : found->second;
}

std::optional<std::filesystem::path> Parsed::path(std::string_view name) const {
    const auto found = value(name);
    return found ? std::optional<std::filesystem::path>(*found) : std::nullopt;
}

std::unexpected<Error> wrong_usage(std::string message) {
    return fail(ErrorKind::internal, std::move(message));
}

Expected<std::string> path_in(const std::string& word, std::string_view meant) {
    if (is_like_number(word)) return wrong_usage(number_for_path(word, meant));
    return word;
}

std::variant<Parsed, EarlyExit> parse(const ProgramEntry& program, int argc, const char* const* argv) {
    return Parser(program).parse(argc, argv);
}

EarlyExit usage_error(const ProgramEntry& program, const CommandEntry* command, const std::string& message) {
    const std::string name(program.name);
    auto text = name + ": " + without_controls(message) + "\nTry `" + name;
    if (program.commands.empty())
        text += " --help";
    else
        text += " help" + (command == nullptr ? std::string() : " " + std::string(command->name));
    return {.text = text + "`.\n", .status = exit_usage};
}

int show(const EarlyExit& early_exit) {
    const int fd = early_exit.status == 0 ? STDOUT_FILENO : STDERR_FILENO;
    const auto written = write_all(fd, early_exit.text, "standard output", ErrorKind::internal);
    if (written) return early_exit.status;
    // If standard error takes nothing either, the exit status is all that can be told.
    [[maybe_unused]] const auto told =
        write_all(STDERR_FILENO, written.error().describe() + "\n", "standard error", ErrorKind::internal);
    return led_code(ErrorKind::internal);
}

}  // namespace mox::cli
