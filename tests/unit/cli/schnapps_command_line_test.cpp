// The command line of schnapps as scripts write it.

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "cli/schnapps/command_line.hpp"

namespace mox::cli::schnapps {
namespace {

using snapshots::Factory;
using snapshots::Number;
using snapshots::SnapshotType;
using snapshots::Target;

std::variant<Request, int> read(const std::vector<std::string>& arguments) {
    std::vector<const char*> argv{"schnapps"};
    for (const auto& argument : arguments) argv.push_back(argument.c_str());
    return read_command_line(static_cast<int>(argv.size()), argv.data());
}

template <typename T>
T command(const std::vector<std::string>& arguments) {
    auto result = read(arguments);
    if (!std::holds_alternative<Request>(result)) {
        ADD_FAILURE() << testing::PrintToString(arguments) << " was refused";
        return {};
    }
    auto& chosen = std::get<Request>(result).command;
    if (!std::holds_alternative<T>(chosen)) {
        ADD_FAILURE() << testing::PrintToString(arguments) << " is another command";
        return {};
    }
    return std::get<T>(chosen);
}

TEST(SchnappsCommandLine, CreateHasTheOptionsOfTheUpdaterAndOfScripts) {
    const auto create = command<Create>({"create", "-t", "pre", "Automatic pre-update snapshot (7.0)"});
    EXPECT_EQ(create.type, SnapshotType::pre);
    EXPECT_EQ(create.description, "Automatic pre-update snapshot (7.0)");
    EXPECT_FALSE(create.number_only);
    EXPECT_TRUE(command<Create>({"create", "-n"}).number_only);
    EXPECT_EQ(command<Create>({"create"}).description, "User created snapshot");
    EXPECT_EQ(command<Create>({"create", "two", "words"}).description, "two words");
}

TEST(SchnappsCommandLine, TheRootCanStandBeforeAndBehindTheCommand) {
    for (const auto& arguments :
         {std::vector<std::string>{"-d", "/mnt", "list"}, std::vector<std::string>{"list", "-d", "/mnt"}}) {
        const auto request = std::get<Request>(read(arguments));
        EXPECT_EQ(request.options.place, "/mnt");
    }
    EXPECT_TRUE(std::get<Request>(read({"list", "--json"})).options.json);
}

TEST(SchnappsCommandLine, TheDOfModifyIsTheDescription) {
    const auto request = std::get<Request>(read({"-d", "/mnt", "modify", "3", "-d", "words"}));
    const auto modify = std::get<Modify>(request.command);
    EXPECT_EQ(request.options.place, "/mnt");
    EXPECT_EQ(modify.number, Number{3});
    EXPECT_EQ(modify.modification.description, "words");
    EXPECT_FALSE(modify.modification.type);
}

TEST(SchnappsCommandLine, RollbackTakesANumberFactoryOrNothing) {
    EXPECT_EQ(command<Rollback>({"rollback", "3"}).target, Target(Number{3}));
    EXPECT_EQ(command<Rollback>({"rollback", "factory"}).target, Target(Factory{}));
    EXPECT_FALSE(command<Rollback>({"rollback"}).target);
}

TEST(SchnappsCommandLine, SidesOfAComparisonCanBeLeftOut) {
    const auto none = command<Compare>({"cmp"}).sides;
    EXPECT_TRUE(std::holds_alternative<NewestSnapshot>(none.left));
    EXPECT_TRUE(std::holds_alternative<CurrentSystem>(none.right));

    const auto path = command<Compare>({"cmp", "/etc/config"}).sides;
    EXPECT_TRUE(std::holds_alternative<NewestSnapshot>(path.left));
    EXPECT_EQ(path.path, "etc/config");

    const auto one = command<Diff>({"diff", "3", "etc"}).sides;
    EXPECT_EQ(std::get<Target>(one.left), Target(Number{3}));
    EXPECT_TRUE(std::holds_alternative<CurrentSystem>(one.right));
    EXPECT_EQ(one.path, "etc");

    const auto both = command<Diff>({"diff", "@", "factory", "./5"}).sides;
    EXPECT_TRUE(std::holds_alternative<CurrentSystem>(both.left));
    EXPECT_EQ(std::get<Target>(both.right), Target(Factory{}));
    EXPECT_EQ(both.path, "./5");
}

TEST(SchnappsCommandLine, ExportTakesAnOptionalNumberAndAFolderOrADash) {
    EXPECT_EQ(command<Export>({"export", "5", "/mnt"}).number, Number{5});
    EXPECT_EQ(command<Export>({"export", "/mnt"}).number, std::nullopt);
    EXPECT_EQ(command<Export>({"export", "-c", "-"}).destination, "-");
    EXPECT_EQ(command<Export>({"export", "current", "/mnt"}).number, std::nullopt) << "as in the field";
    EXPECT_FALSE(command<Export>({"export", "/mnt"}).force);
    EXPECT_TRUE(command<Export>({"export", "--force", "5", "/mnt"}).force);
    EXPECT_EQ(command<Export>({"export", "--level", "9", "/mnt"}).level.value, 9);
}

TEST(SchnappsCommandLine, TheFOfImportIsTheFactoryImage) {
    EXPECT_EQ(command<Import>({"import", "x.info"}).file, "x.info");
    EXPECT_TRUE(command<Import>({"import", "--force", "x.tar.gz"}).force);
    EXPECT_EQ(command<ImportFactory>({"import", "-f", "https://x/y.tar.gz"}).source, "https://x/y.tar.gz");
    EXPECT_FALSE(command<ImportFactory>({"import", "-f", "y.tar.gz"}).force);
}

TEST(SchnappsCommandLine, DeleteTakesWhatIsNestedOnlyWhenTold) {
    EXPECT_EQ(command<Delete>({"delete", "3"}).nested, snapshots::Nested::refuse);
    EXPECT_EQ(command<Delete>({"delete", "--nested", "3", "4"}).nested, snapshots::Nested::remove);
}

TEST(SchnappsCommandLine, ListFormatsAndCleanup) {
    EXPECT_EQ(command<List>({"list"}).format, ListFormat::table);
    EXPECT_EQ(command<List>({"list", "-j"}).format, ListFormat::json);
    EXPECT_EQ(command<List>({"list", "-c"}).format, ListFormat::csv);
    EXPECT_TRUE(command<Cleanup>({"cleanup", "-c"}).compare);
    EXPECT_TRUE(command<Cleanup>({"cleanup", "--compare"}).compare);
    EXPECT_FALSE(command<Cleanup>({"cleanup"}).compare);
}

TEST(SchnappsCommandLine, ASavepointWaitsTenMinutesUnlessToldOtherwise) {
    EXPECT_EQ(command<Savepoint>({"savepoint"}).time, std::chrono::minutes(10));
    EXPECT_EQ(command<Savepoint>({"savepoint", "3"}).time, std::chrono::minutes(3));
    EXPECT_EQ(command<Savepoint>({"savepoint", "--no-reboot"}).afterwards, AfterRollback::stay);
    EXPECT_EQ(command<ResumeSavepoint>({"savepoint", "--resume"}).afterwards, AfterRollback::reboot);
}

TEST(SchnappsCommandLine, DeleteTakesRanges) {
    const auto remove = command<Delete>({"delete", "7", "1-3"});
    EXPECT_EQ(remove.numbers, std::vector{Number{7}});
    ASSERT_EQ(remove.ranges.size(), 1U);
    EXPECT_EQ(remove.ranges.front().first, Number{1});
    EXPECT_EQ(remove.ranges.front().last, Number{3});
    EXPECT_TRUE(command<Cleanup>({"cleanup", "--dry-run"}).dry_run);
    EXPECT_EQ(command<Unmount>({"unmount", "3", "factory"}).targets.size(), 2U);
}

TEST(SchnappsCommandLine, WordsAreTakenAsTyped) {
    EXPECT_EQ(command<Create>({"create", "[a,b]", "--", "--json", "list"}).description, "[a,b] --json list");
    EXPECT_EQ(command<Export>({"export", "--", "-dir"}).destination, "-dir");
    EXPECT_EQ(command<Export>({"export", "3", "./5"}).destination, "./5");
    EXPECT_EQ(command<Import>({"import", "--", "-x.info"}).file, "-x.info");
}

struct Mistake {
    std::vector<std::string> words;
    std::string_view message;
};

TEST(SchnappsCommandLine, MistakesEndWith64AndSayWhatIsMeant) {
    const std::vector<Mistake> mistakes{
        {{}, "schnapps: a command is missing"},
        {{"creat"}, "there is no command creat; did you mean create?"},
        {{"lst", "create"}, "there is no command lst; did you mean list?"},
        {{"help", "unmout"}, "there is no command unmout; did you mean unmount?"},
        {{"xyzzy"}, "there is no command xyzzy\n"},
        {{"list", "--jsn"}, "list has no option --jsn; did you mean --json?"},
        {{"create", "-t", "tiem"}, "did you mean time?"},
        {{"list", "b", "a"}, "b is one word too many"},
        {{"rollback", "3", "4"}, "4 is one word too many; usage: schnapps rollback [N|factory]"},
        {{"delete", "0"}, "\"0\" is not the number of a snapshot"},
        {{"delete", "3-1"}, "the range 3-1 is empty"},
        {{"delete", "/mnt"}, "\"/mnt\" is not the number of a snapshot"},
        {{"-d"}, "needs a value"},
        {{"list", "-d", "/a", "-d", "/b"}, "can be given once only"},
        {{"cleanup", "--dry-run=false"}, "schnapps: "},
        {{"export"}, "export needs more words; usage: schnapps export [N] DIRECTORY|-"},
        {{"export", "5"}, "5 is a number, but a directory is meant"},
        {{"export", "--level", "0", "/mnt"}, "\"0\" is not a level of compression; there are 1 to 12"},
        {{"export", "/mnt", "/mnt"}, "\"/mnt\" is not the number of a snapshot"},
        {{"import", "5"}, "5 is a number, but a file is meant"},
        {{"update-factory", "5"}, "5 is a number, but a file is meant"},
        {{"cmp", "1", "2", "3"}, "3 is a number, but a path is meant"},
        {{"mount", "/mnt/x"}, "is a path, but a number is meant"},
        {{"savepoint", "/mnt"}, "a savepoint waits for"},
        {{"quota", "statu"}, "did you mean status?"},
        {{"x\033[31m"}, "\\x1b[31m"},
    };
    for (const auto& [words, message] : mistakes) {
        testing::internal::CaptureStderr();
        const auto result = read(words);
        const auto text = testing::internal::GetCapturedStderr();
        ASSERT_TRUE(std::holds_alternative<int>(result)) << testing::PrintToString(words);
        EXPECT_EQ(std::get<int>(result), exit_usage);
        EXPECT_NE(text.find(message), std::string::npos) << text;
        EXPECT_NE(text.find("\nTry `schnapps help"), std::string::npos) << text;
    }
}

TEST(SchnappsCommandLine, HelpNamesEveryCommandAndOption) {
    const auto program = program_table();
    const auto help = [](const std::vector<std::string>& words) {
        testing::internal::CaptureStdout();
        EXPECT_EQ(std::get<int>(read(words)), 0) << testing::PrintToString(words);
        return testing::internal::GetCapturedStdout();
    };
    const auto all = help({"help"});
    EXPECT_EQ(help({"--help"}), all);
    for (const auto& entry : program.commands) {
        EXPECT_NE(all.find("\n  " + std::string(entry.name)), std::string::npos) << entry.name;
        const auto one = help({"help", std::string(entry.name)});
        EXPECT_EQ(help({std::string(entry.name), "--help"}), one);
        for (const auto& option : entry.options)
            for (const auto name : names_of(option)) EXPECT_NE(one.find(name), std::string::npos) << name;
    }
    EXPECT_TRUE(help({"--version"}).starts_with("schnapps "));
    EXPECT_TRUE(command<ShowText>({"version"}).text.starts_with("schnapps "));
}

}  // namespace
}  // namespace mox::cli::schnapps
