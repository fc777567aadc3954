// The rooms of src/ and the arrows between them: what the folders promise, held by reading the sources.

#include <gtest/gtest.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mox {
namespace {

namespace fs = std::filesystem;
using Rooms = std::set<std::string>;

const fs::path project = MOX_PROJECT_DIR;

/// What each room may include besides itself. Lowest first; nothing points up.
const std::map<std::string, Rooms> allowed{
    {"base", {}},
    {"board", {"base"}},
    {"boot", {"base"}},
    {"supervision", {"board", "boot", "base"}},
    {"storage", {"base"}},
    {"selection", {"board", "boot", "base"}},
    // Of the snapshots only their reader of UCI files: the program stays small
    // (docs/decisions/014-mox-button-is-a-small-static-program.md).
    {"operation", {"board", "boot", "snapshots", "base"}},
    {"medkit", {"storage", "base"}},
    {"snapshots", {"storage", "base"}},
    {"network", {"storage", "board", "base"}},
    {"backup", {"medkit", "snapshots", "storage", "base"}},
    {"modes", {"selection", "medkit", "snapshots", "network", "storage", "boot", "board", "base"}},
    {"programs",
     {"modes", "backup", "operation", "supervision", "selection", "medkit", "snapshots", "network", "storage",
      "boot", "board", "base"}},
};

/// Whole folders beside src/: they use it, it never uses them.
const Rooms host_folders{"bench_board", "tests", "bench",    "support",
                         "virtual_mox", "image", "onlooker", "media"};

/// Which host folder may include which other one: the boards on a PC share `onlooker` and `media`, and know
/// nothing of each other.
const std::map<std::string, Rooms> allowed_on_host{
    {"onlooker", {}},
    {"media", {}},
    {"bench_board", {"onlooker", "media"}},
    {"virtual_mox", {"onlooker", "media"}},
};

struct SourceFile {
    std::string path;  ///< relative to the project
    std::vector<std::string> lines;
};

SourceFile read(const fs::path& path) {
    SourceFile file{fs::relative(path, project), {}};
    std::ifstream stream(path);
    for (std::string line; std::getline(stream, line);) file.lines.push_back(line);
    return file;
}

bool is_source(const fs::path& path) {
    return path.extension() == ".cpp" || path.extension() == ".hpp";
}

std::vector<SourceFile> sources_below(std::string_view folder) {
    std::vector<SourceFile> files;
    for (const auto& entry : fs::recursive_directory_iterator(project / folder)) {
        if (entry.is_regular_file() && is_source(entry.path())) files.push_back(read(entry.path()));
    }
    return files;
}

std::vector<SourceFile> all_sources() {
    std::vector<SourceFile> files;
    for (const auto folder : {"src", "onlooker", "media", "bench_board", "virtual_mox", "tests", "bench"}) {
        for (auto& file : sources_below(folder)) files.push_back(std::move(file));
    }
    return files;
}

/// `NAME` of `#include "NAME"` or `#include <NAME>`; empty for any other line.
std::string included(std::string_view line) {
    constexpr std::string_view directive = "#include ";
    if (!line.starts_with(directive)) return {};
    line.remove_prefix(directive.size());
    const auto end = line.find_first_of("\">", 1);
    if (line.empty() || end == std::string_view::npos) return {};
    return std::string(line.substr(1, end - 1));
}

std::string first_folder(const std::string& path) {
    const auto slash = path.find('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

/// Room of a file below src/, e.g. "medkit" for "src/medkit/verify.cpp".
std::string room_of(const SourceFile& file) {
    return first_folder(file.path.substr(std::string_view("src/").size()));
}

std::string place(const SourceFile& file, std::size_t line) {
    return file.path + ":" + std::to_string(line + 1) + ": ";
}

/// What is wrong with the includes of one file of src/.
std::vector<std::string> forbidden_includes(const SourceFile& file) {
    std::vector<std::string> wrong;
    const auto room = room_of(file);
    if (!allowed.contains(room)) return {file.path + ": no room of the house is called '" + room + "'"};
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
        const auto name = included(file.lines[i]);
        const auto target = first_folder(name);
        const bool is_room = allowed.contains(target);
        if (host_folders.contains(target))
            wrong.push_back(place(file, i) + "src must not use " + name);
        else if (is_room && target != room && !allowed.at(room).contains(target))
            wrong.push_back(place(file, i).append(room).append(" must not use ").append(name));
        else if (name.starts_with(".."))
            wrong.push_back(place(file, i) + "includes are relative to src/: " + name);
    }
    return wrong;
}

/// The same for a file of a host folder.
std::vector<std::string> forbidden_on_host(const SourceFile& file) {
    std::vector<std::string> wrong;
    const auto folder = first_folder(file.path);
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
        const auto name = included(file.lines[i]);
        const auto target = first_folder(name);
        if (host_folders.contains(target) && target != folder && !allowed_on_host.at(folder).contains(target))
            wrong.push_back(place(file, i).append(folder).append(" must not use ").append(name));
    }
    return wrong;
}

/// Things that no file may contain.
std::vector<std::string> forbidden_words(const SourceFile& file, const std::vector<std::string>& words) {
    std::vector<std::string> wrong;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
        for (const auto& word : words) {
            const auto at = file.lines[i].find(word);
            if (at == std::string::npos) continue;
            // "my_system(" is not "system(".
            const bool is_whole_word =
                at == 0 || (std::isalnum(static_cast<unsigned char>(file.lines[i][at - 1])) == 0 &&
                            file.lines[i][at - 1] != '_');
            if (is_whole_word) wrong.push_back(place(file, i) + word);
        }
    }
    return wrong;
}

const std::vector<std::string> shell_words{"std::system(", "::system(",      "return system(",   "= system(",
                                           "popen(",       "\"sh\", \"-c\"", "/bin/sh\", \"-c\""};

std::string listed(const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines) text += "\n  " + line;
    return text;
}

TEST(Architecture, NoRoomIncludesAHigherOneOrASiblingItMustNotKnow) {
    const auto files = sources_below("src");
    ASSERT_GT(files.size(), 50U) << "the sources were not found in " << project;
    std::vector<std::string> wrong;
    for (const auto& file : files) {
        const auto more = forbidden_includes(file);
        wrong.insert(wrong.end(), more.begin(), more.end());
    }
    EXPECT_TRUE(wrong.empty()) << listed(wrong);
}

TEST(Architecture, WrongIncludesAreFound) {
    const auto finds = [](const char* path, const char* line) {
        return !forbidden_includes({path, {"#pragma once", line}}).empty();
    };
    EXPECT_TRUE(finds("src/base/log.cpp", "#include \"storage/mount.hpp\""));
    EXPECT_TRUE(finds("src/medkit/verify.cpp", "#include \"modes/reflash.hpp\""));
    EXPECT_TRUE(finds("src/medkit/verify.cpp", "#include \"selection/mode.hpp\""));
    EXPECT_TRUE(finds("src/medkit/verify.cpp", "#include \"board/led.hpp\""));
    EXPECT_TRUE(finds("src/selection/selector.cpp", "#include \"medkit/verify.hpp\""));
    EXPECT_TRUE(finds("src/storage/card.cpp", "#include \"boot/environment.hpp\""));
    EXPECT_TRUE(finds("src/modes/reflash.cpp", "#include \"programs/console_progress.hpp\""));
    EXPECT_TRUE(finds("src/modes/reflash.cpp", "#include \"support/card.hpp\""));
    EXPECT_TRUE(finds("src/modes/reflash.cpp", "#include <bench_board/demo.hpp>"));
    EXPECT_TRUE(finds("src/modes/reflash.cpp", "#include \"../storage/mount.hpp\""));
    EXPECT_TRUE(finds("src/helpers/strings.cpp", "#include <string>"));

    EXPECT_FALSE(finds("src/modes/reflash.cpp", "#include \"medkit/verify.hpp\""));
    EXPECT_FALSE(finds("src/medkit/verify.cpp", "#include \"medkit/keys.hpp\""));
    EXPECT_FALSE(finds("src/base/log.cpp", "#include <sys/mount.h>"));
}

TEST(Architecture, TheBoardsOnAPcKnowNothingOfEachOther) {
    std::vector<std::string> wrong;
    for (const auto& [folder, friends] : allowed_on_host) {
        for (const auto& file : sources_below(folder)) {
            const auto more = forbidden_on_host(file);
            wrong.insert(wrong.end(), more.begin(), more.end());
        }
    }
    EXPECT_TRUE(wrong.empty()) << listed(wrong);
    EXPECT_FALSE(forbidden_on_host({"media/a.cpp", {"#include \"virtual_mox/machine.hpp\""}}).empty());
    EXPECT_TRUE(forbidden_on_host({"virtual_mox/a.cpp", {"#include \"media/stick.hpp\""}}).empty());
}

TEST(Architecture, OnlyNarrowAsioHeadersAreIncluded) {
    std::vector<std::string> wrong;
    for (const auto& file : all_sources()) {
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            if (included(file.lines[i]) == "boost/asio.hpp") wrong.push_back(place(file, i));
        }
    }
    EXPECT_TRUE(wrong.empty()) << listed(wrong);
}

TEST(Architecture, NoShellIsEverAskedToRunSomething) {
    std::vector<std::string> wrong;
    for (const auto& file : sources_below("src")) {
        const auto more = forbidden_words(file, shell_words);
        wrong.insert(wrong.end(), more.begin(), more.end());
    }
    EXPECT_TRUE(wrong.empty()) << listed(wrong);

    EXPECT_FALSE(forbidden_words({"src/a.cpp", {"    std::system(\"reboot\");"}}, shell_words).empty());
    EXPECT_FALSE(
        forbidden_words({"src/a.cpp", {"const int status = system(command);"}}, shell_words).empty());
    EXPECT_FALSE(forbidden_words({"src/a.cpp", {"run_child({\"sh\", \"-c\", text});"}}, shell_words).empty());
    EXPECT_TRUE(forbidden_words({"src/a.cpp", {"mount_file_system(node);"}}, shell_words).empty());
}

TEST(Architecture, NoFileIsLongerThanFourHundredLines) {
    std::vector<std::string> wrong;
    for (const auto& file : all_sources()) {
        if (file.lines.size() > 400)
            wrong.push_back(file.path + ": " + std::to_string(file.lines.size()) + " lines");
    }
    EXPECT_TRUE(wrong.empty()) << listed(wrong);
}

}  // namespace
}  // namespace mox
