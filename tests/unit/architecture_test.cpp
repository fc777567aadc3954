// The modules of src/ and the arrows between them: what the directories promise, held by reading the sources.

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
using Modules = std::set<std::string>;

const fs::path project = MOX_PROJECT_DIR;

/// What each module may include besides itself. Lowest first; nothing points up.
const std::map<std::string, Modules> allowed{
    {"base", {}},
    {"async", {"base"}},
    {"config", {"base"}},
    {"console", {"base"}},
    {"board", {"async", "config", "base"}},
    {"boot", {"board", "config", "base"}},
    {"storage", {"async", "base"}},
    {"init", {"board", "boot", "async", "base"}},
    {"button", {"board", "boot", "config", "base"}},
    {"medkit", {"storage", "base"}},
    {"snapshots", {"storage", "config", "base"}},
    {"network", {"storage", "board", "async", "base"}},
    {"backup", {"medkit", "snapshots", "storage", "config", "base"}},
    {"remote", {"network", "medkit", "snapshots", "storage", "base"}},
    {"update", {"medkit", "snapshots", "network", "storage", "boot", "board", "async", "base"}},
    {"rescue", {"update", "medkit", "snapshots", "network", "storage", "boot", "board", "async", "base"}},
    {"cli",
     {"rescue", "update", "remote", "backup", "button", "init", "medkit", "snapshots", "network", "storage",
      "boot", "board", "console", "config", "async", "base"}},
};

/// What needs the event loop in modules that have values as well: a second library of the same directory.
const std::set<std::string> with_event_loop{
    "src/board/button.hpp",
    "src/board/evdev_button.hpp",
    "src/board/evdev_button.cpp",
    "src/storage/drives.hpp",
    "src/storage/listed_drives.hpp",
    "src/storage/listed_drives.cpp",
    "src/storage/redirected_drives.hpp",
    "src/storage/redirected_drives.cpp",
    "src/storage/sysfs_drives.hpp",
    "src/storage/sysfs_drives.cpp",
};

/// Directories that use src/; it never uses them.
const Modules host_directories{"simulated_board", "virtual_mox", "panel", "led_decoder", "disk_images",
                               "tools",           "tests",       "bench", "support",     "image"};

/// Which directory of tools/ may include which other one: the boards share `led_decoder` and `disk_images`,
/// and know nothing of each other.
const std::map<std::string, Modules> allowed_in_tools{
    {"led_decoder", {}},
    {"disk_images", {}},
    {"simulated_board", {"led_decoder", "disk_images"}},
    {"virtual_mox", {"led_decoder", "disk_images"}},
    {"panel", {"virtual_mox", "led_decoder", "disk_images"}},
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
    for (const auto folder : {"src", "tools", "tests", "bench"}) {
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

/// Module of a file below src/, e.g. "medkit" for "src/medkit/verify.cpp".
std::string module_of(const SourceFile& file) {
    return first_folder(file.path.substr(std::string_view("src/").size()));
}

std::string place(const SourceFile& file, std::size_t line) {
    return file.path + ":" + std::to_string(line + 1) + ": ";
}

/// What is wrong with the includes of one file of src/.
std::vector<std::string> forbidden_includes(const SourceFile& file) {
    std::vector<std::string> wrong;
    const auto module = module_of(file);
    if (!allowed.contains(module)) return {file.path + ": there is no module '" + module + "'"};
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
        const auto name = included(file.lines[i]);
        const auto target = first_folder(name);
        const bool is_module = allowed.contains(target);
        if (host_directories.contains(target))
            wrong.push_back(place(file, i) + "src must not use " + name);
        else if (is_module && target != module && !allowed.at(module).contains(target))
            wrong.push_back(place(file, i).append(module).append(" must not use ").append(name));
        else if (name.starts_with(".."))
            wrong.push_back(place(file, i) + "includes are relative to src/: " + name);
    }
    return wrong;
}

/// The same for a file of tools/.
std::vector<std::string> forbidden_in_tools(const SourceFile& file) {
    std::vector<std::string> wrong;
    const auto directory = first_folder(file.path.substr(std::string_view("tools/").size()));
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
        const auto name = included(file.lines[i]);
        const auto target = first_folder(name);
        if (host_directories.contains(target) && target != directory &&
            !allowed_in_tools.at(directory).contains(target))
            wrong.push_back(place(file, i).append(directory).append(" must not use ").append(name));
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

TEST(Architecture, NoModuleIncludesAHigherOneOrASiblingItMustNotKnow) {
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
    EXPECT_TRUE(finds("src/medkit/verify.cpp", "#include \"rescue/modes/reflash.hpp\""));
    EXPECT_TRUE(finds("src/update/install.cpp", "#include \"rescue/session.hpp\""));
    EXPECT_TRUE(finds("src/medkit/verify.cpp", "#include \"boot/mode.hpp\""));
    EXPECT_TRUE(finds("src/medkit/verify.cpp", "#include \"board/led.hpp\""));
    EXPECT_TRUE(finds("src/snapshots/rollback.cpp", "#include \"medkit/verify.hpp\""));
    EXPECT_TRUE(finds("src/storage/card.cpp", "#include \"boot/environment.hpp\""));
    EXPECT_TRUE(finds("src/rescue/modes/reflash.cpp", "#include \"console/console_progress.hpp\""));
    EXPECT_TRUE(finds("src/rescue/modes/reflash.cpp", "#include \"support/card.hpp\""));
    EXPECT_TRUE(finds("src/rescue/modes/reflash.cpp", "#include <simulated_board/demo.hpp>"));
    EXPECT_TRUE(finds("src/rescue/modes/reflash.cpp", "#include \"../storage/mount.hpp\""));
    EXPECT_TRUE(finds("src/helpers/strings.cpp", "#include <string>"));

    EXPECT_FALSE(finds("src/rescue/modes/reflash.cpp", "#include \"medkit/verify.hpp\""));
    EXPECT_FALSE(finds("src/medkit/verify.cpp", "#include \"medkit/keys.hpp\""));
    EXPECT_FALSE(finds("src/base/log.cpp", "#include <sys/mount.h>"));
}

TEST(Architecture, TheBoardsOnAPcKnowNothingOfEachOther) {
    std::vector<std::string> wrong;
    for (const auto& file : sources_below("tools")) {
        const auto more = forbidden_in_tools(file);
        wrong.insert(wrong.end(), more.begin(), more.end());
    }
    EXPECT_TRUE(wrong.empty()) << listed(wrong);
    const auto finds = [](const char* path, const char* line) {
        return !forbidden_in_tools({path, {line}}).empty();
    };
    EXPECT_TRUE(finds("tools/disk_images/a.cpp", "#include \"virtual_mox/machine.hpp\""));
    EXPECT_TRUE(finds("tools/simulated_board/a.cpp", "#include \"virtual_mox/machine.hpp\""));
    EXPECT_FALSE(finds("tools/virtual_mox/a.cpp", "#include \"disk_images/stick.hpp\""));
}

TEST(Architecture, ValuesOfBoardAndStorageNeedNoEventLoop) {
    std::vector<std::string> wrong;
    for (const auto module : {"src/board", "src/storage"}) {
        for (const auto& file : sources_below(module)) {
            if (with_event_loop.contains(file.path)) continue;
            for (std::size_t i = 0; i < file.lines.size(); ++i) {
                const auto name = included(file.lines[i]);
                if (name.starts_with("boost/asio") || with_event_loop.contains("src/" + name))
                    wrong.push_back(place(file, i) + name);
            }
        }
    }
    EXPECT_TRUE(wrong.empty()) << listed(wrong);
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
