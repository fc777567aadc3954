// The tables of all programs: their manual pages and the completion of the shell say the same.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/child_process.hpp"
#include "cli/command_parser.hpp"
#include "cli/command_table.hpp"
#include "cli/medkit/command_line.hpp"
#include "cli/mox_button/options.hpp"
#include "cli/mox_rescue/options.hpp"
#include "cli/schnapps/command_line.hpp"

namespace mox::cli {
namespace {

const std::filesystem::path project = MOX_PROJECT_DIR;

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    EXPECT_TRUE(file) << path;
    return text.str();
}

std::vector<ProgramEntry> all_programs() {
    return {schnapps::program_table(), medkit_table(), mox_rescue_table(), mox_button::mox_button_table()};
}

std::string manual_of(std::string_view program) {
    const bool for_users = program == "schnapps" || program == "medkit";
    return content_of(project / "docs/man" / (std::string(program) + (for_users ? ".1" : ".8")));
}

/// Whether the page has the macro with the word: "Fl -json", "Cm list", as a whole word.
bool names(const std::string& page, const std::string& word) {
    for (auto at = page.find(word); at != std::string::npos; at = page.find(word, at + 1)) {
        const auto end = at + word.size();
        if (end == page.size() || page[end] == ' ' || page[end] == '\n') return true;
    }
    return false;
}

/// "--json" is written "Fl -json"; behind a comma the macro is not repeated: "Fl d , -root".
bool names_option(const std::string& page, std::string_view option) {
    const std::string bare(option.substr(1));
    return names(page, "Fl " + bare) || names(page, ", " + bare) || names(page, "| " + bare);
}

TEST(CommandTables, ManualPagesNameEveryCommandAndOption) {
    for (const auto& program : all_programs()) {
        const auto page = manual_of(program.name);
        const auto expect_options = [&](std::span<const OptionEntry> options) {
            for (const auto& option : options)
                for (const auto name : names_of(option))
                    EXPECT_TRUE(names_option(page, name)) << program.name << " " << name;
        };
        expect_options(program.options);
        expect_options({{version_option, {.names = "--help"}}});
        for (const auto& command : program.commands) {
            EXPECT_TRUE(names(page, "Cm " + std::string(command.name)) ||
                        names(page, ", " + std::string(command.name)))
                << program.name << " " << command.name;
            expect_options(command.options);
        }
        EXPECT_NE(page.find("\n.It 64\n"), std::string::npos) << program.name;
    }
}

/// MOX_UPDATE_DOCS=1 writes the files anew.
TEST(CommandTables, CompletionFilesAreThoseOfTheTables) {
    for (const auto& program : all_programs()) {
        const auto path = project / "packaging/bash-completion" / program.name;
        const auto wanted = bash_completion(program);
        if (std::getenv("MOX_UPDATE_DOCS") != nullptr) std::ofstream(path) << wanted;
        EXPECT_EQ(content_of(path), wanted) << "write it anew: scripts/completions";
    }
}

/// What bash offers for the words typed so far.
std::string offered(std::string_view program, const std::string& words) {
    const auto file = project / "packaging/bash-completion" / program;
    const auto script = "source \"" + file.native() + "\"; COMP_WORDS=(" + words +
                        "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); f=$(complete -p " + std::string(program) +
                        "); f=${f##*-F }; ${f%% *}; echo \"${COMPREPLY[*]}\"";
    const auto said = run_child({"bash", "-c", script}, std::chrono::seconds(20));
    return said ? said->output : said.error().describe();
}

TEST(CommandTables, BashCompletesCommandsAndOptions) {
    EXPECT_EQ(offered("schnapps", "schnapps unm"), "unmount\n");
    EXPECT_EQ(offered("schnapps", "schnapps --json cleanup --d"), "--dry-run\n");
    EXPECT_EQ(offered("schnapps", "schnapps help fac"), "factory-version\n");
    EXPECT_EQ(offered("medkit", "medkit verify --req"), "--require-signature\n");
    EXPECT_EQ(offered("mox-rescue", "mox-rescue run 4 --dr"), "--drive --dry-run\n");
    EXPECT_EQ(offered("mox-rescue", "mox-rescue run 4 --me"), "--medkit\n");
    EXPECT_EQ(offered("mox-rescue", "mox-rescue run 4 --k"), "--keys\n");
    EXPECT_EQ(offered("mox-button", "mox-button --ch"), "--check\n");
}

struct Line {
    const char* program;
    std::vector<const char*> words;
    std::string_view message;
};

TEST(CommandTables, MistakesOfAllProgramsEndWith64AndNameTheWord) {
    const std::vector<Line> lines{
        {"medkit", {"verfy", "x"}, "medkit: there is no command verfy; did you mean verify?"},
        {"medkit", {"verify", "--key", "k", "x"}, "verify has no option --key; did you mean --keys?"},
        {"medkit", {"inspect", "b", "a"}, "a is one word too many; usage: medkit inspect ARCHIVE"},
        {"medkit", {"pack", "root"}, "use -o ARCHIVE"},
        {"medkit", {"pack", "root", "-o", "a", "--level", "13"}, "\"13\" is not a level of compression"},
        {"medkit", {"keygen"}, "use NAME or --directory DIRECTORY"},
        {"medkit", {}, "a command is missing"},
        {"mox-rescue", {"runn"}, "mox-rescue: there is no command runn; did you mean run?"},
        {"mox-rescue",
         {"run", "relfash"},
         "there is no mode relfash; use 1 to 7 or a name; did you mean reflash?"},
        {"mox-rescue", {"run", "8"}, "there is no mode 8"},
        {"mox-rescue", {"run"}, "run needs more words; usage: mox-rescue run MODE"},
        {"mox-rescue", {"mount", "4"}, "4 is a number, but a directory is meant"},
        {"mox-rescue", {"nor-update", "4"}, "4 is a number, but a file is meant"},
        {"mox-rescue", {"run", "4", "--yes=false"}, "mox-rescue: "},
        {"mox-rescue",
         {"run", "2", "--medkit", "x"},
         "--medkit is for mode 4 (reflash) only, not for mode 2"},
        {"mox-rescue", {"run", "internet", "--medkit", "x"}, "only, not for mode internet"},
        {"mox-rescue", {"run", "4", "--medkit", "5"}, "5 is a number, but a file is meant"},
        {"mox-rescue", {"run", "4", "--medkit"}, "--medkit needs a value"},
        {"mox-rescue", {"run", "4", "--medkti", "x"}, "did you mean --medkit?"},
        {"mox-rescue", {"--heartbeat", "x"}, "the number of a descriptor is meant"},
    };
    for (const auto& [program, words, message] : lines) {
        std::vector<const char*> argv{program};
        argv.insert(argv.end(), words.begin(), words.end());
        const auto count = static_cast<int>(argv.size());
        const bool is_medkit = std::string_view(program) == "medkit";
        testing::internal::CaptureStderr();
        int status = 0;
        if (is_medkit) {
            const auto read = read_medkit_command_line(count, argv.data());
            if (const int* early = std::get_if<int>(&read)) status = *early;
        } else {
            const auto read = read_options(count, argv.data());
            if (const int* early = std::get_if<int>(&read)) status = *early;
        }
        const auto text = testing::internal::GetCapturedStderr();
        EXPECT_EQ(status, exit_usage) << message;
        EXPECT_NE(text.find(message), std::string::npos) << text;
    }
}

TEST(CommandTables, RescueOptionsStandBeforeAndBehindTheCommand) {
    const std::vector<const char*> argv{
        "mox-rescue",         "--keys", "a", "run", "reflash", "--drive", "/d", "--drive", "/e", "--dry-run",
        "--require-signature"};
    const auto read = read_options(static_cast<int>(argv.size()), argv.data());
    const auto* options = std::get_if<RescueOptions>(&read);
    ASSERT_NE(options, nullptr);
    EXPECT_EQ(options->keys, "a");
    EXPECT_TRUE(options->signature_required);
    const auto& run = std::get<RunMode>(options->action);
    EXPECT_EQ(run.mode, boot::Mode::reflash_from_drive);
    EXPECT_EQ(run.drives, (std::vector<std::filesystem::path>{"/d", "/e"}));
    EXPECT_TRUE(run.dry_run);
    EXPECT_FALSE(run.confirmed);
}

TEST(CommandTables, WithoutACommandMoxRescueIsTheSession) {
    const std::vector<const char*> argv{"mox-rescue", "--heartbeat", "3", "--dont-reboot"};
    const auto read = read_options(static_cast<int>(argv.size()), argv.data());
    const auto* options = std::get_if<RescueOptions>(&read);
    ASSERT_NE(options, nullptr);
    const auto& session = std::get<RescueSession>(options->action);
    EXPECT_EQ(session.heartbeat, 3);
    EXPECT_TRUE(session.dont_reboot);
    EXPECT_EQ(options->keys, "/etc/mox-rescue/keys");
}

TEST(CommandTables, WordsSayHowManyThereAre) {
    EXPECT_EQ(count_of("").most, 0U);
    EXPECT_EQ(count_of("[N] DIRECTORY|-").least, 1U);
    EXPECT_EQ(count_of("[N] DIRECTORY|-").most, 2U);
    EXPECT_GT(count_of("N...").most, 100U);
    EXPECT_EQ(count_of("[N...]").least, 0U);
}

}  // namespace
}  // namespace mox::cli
