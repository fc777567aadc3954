#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"

namespace mox::test_support {

/// How a program is connected to the test.
enum class Connection {
    pipe,      ///< both outputs go into one pipe
    terminal,  ///< it leads a session on a pseudo terminal, like a login by SSH
};

/// A program that runs while the test does something to it, in a process group of its own. Killed at the end
/// of the scope, its group as well. Throws on failure.
class RunningProgram {
public:
    /// `folder_of_programs`: searched before PATH; may be empty.
    explicit RunningProgram(std::vector<std::string> argv, Connection connection = Connection::pipe,
                            const std::filesystem::path& folder_of_programs = {});
    RunningProgram(const RunningProgram&) = delete;
    RunningProgram& operator=(const RunningProgram&) = delete;
    ~RunningProgram();

    /// Reads its output until `text` has come. Throws when it ends or after a minute.
    void wait_for(const std::string& text);

    /// Types into its terminal. Precondition: Connection::terminal.
    void type(std::string_view text) const;

    [[nodiscard]] pid_t pid() const { return pid_; }

    /// As the keys of a terminal do.
    void send_to_group(int signal) const;

    /// Nobody reads its output any more: the pipe breaks, the terminal is hung up.
    void close_output() { output_.reset(); }

    /// Its exit status as a shell shows it. Throws when it does not end within two minutes.
    int wait();

    /// What has been read so far; after wait(), everything.
    [[nodiscard]] const std::string& output() const { return text_; }

private:
    /// Whether it may have more to say.
    bool read_some(std::chrono::steady_clock::time_point deadline);

    pid_t pid_ = -1;
    UniqueFd output_;
    std::string text_;
};

/// A program in PATH that is held up where a test wants it: before its work begins, it waits.
class HeldUpProgram {
public:
    /// Makes a program `name` in `folder` that waits for go_on() before the real one is run. Throws.
    static HeldUpProgram before(const std::filesystem::path& folder, const std::string& name);

    /// Makes a program `script` that waits for go_on() and then ends well, such as a hook; `folder` is for
    /// what that needs. Throws.
    HeldUpProgram(const std::filesystem::path& folder, const std::filesystem::path& script);

    /// Waits until it runs. Throws after a minute.
    void wait_until_it_waits() const;
    void go_on() const;

private:
    HeldUpProgram(const std::filesystem::path& folder, const std::filesystem::path& script,
                  const std::string& then);
    void write(const std::filesystem::path& script, const std::string& then) const;

    std::filesystem::path arrived_;
    std::filesystem::path released_;
};

}  // namespace mox::test_support
