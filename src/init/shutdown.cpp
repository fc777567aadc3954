#include "init/shutdown.hpp"

#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <sstream>
#include <system_error>

#include "base/file.hpp"
#include "base/units.hpp"

namespace mox::init {

namespace {

constexpr Bytes longest_mount_table{1 << 20};

/// Reaps children that have ended. Returns false when no child is left.
bool has_children() {
    for (;;) {
        const auto ended = ::waitpid(-1, nullptr, WNOHANG);
        if (ended == 0) return true;
        if (ended < 0 && errno != EINTR) return false;
    }
}

/// Waits until a child has ended, or for `longest`. Precondition: SIGCHLD is blocked.
void wait_for_a_child(std::chrono::nanoseconds longest) {
    sigset_t child_ended;
    sigemptyset(&child_ended);
    sigaddset(&child_ended, SIGCHLD);
    timespec length{};
    length.tv_sec = static_cast<time_t>(longest.count() / 1'000'000'000);
    length.tv_nsec = static_cast<long>(longest.count() % 1'000'000'000);
    ::sigtimedwait(&child_ended, nullptr, &length);
}

bool all_end_within(std::chrono::nanoseconds timeout) {
    const auto deadline = Clock::now() + timeout;
    while (has_children()) {
        const auto left = deadline - Clock::now();
        if (left <= Clock::duration::zero()) return false;
        wait_for_a_child(left);
    }
    return true;
}

/// Blanks and some other characters are encoded as a backslash and three octal digits.
std::string unescaped(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto digits = text.substr(std::min(i + 1, text.size()), 3);
        const bool octal = text[i] == '\\' && digits.size() == 3 &&
                           std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '7'; });
        if (!octal) {
            plain += text[i];
            continue;
        }
        plain += static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
        i += digits.size();
    }
    return plain;
}

}  // namespace

void end_all_processes(std::chrono::milliseconds timeout) {
    sigset_t child_ended;
    sigemptyset(&child_ended);
    sigaddset(&child_ended, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &child_ended, nullptr);

    // Interactive shells end only at the second one.
    for (const int request : {SIGTERM, SIGHUP}) {
        ::kill(-1, request);
        ::kill(-1, SIGCONT);  // a stopped process does not handle signals
        if (all_end_within(timeout / 2)) return;
    }
    ::kill(-1, SIGKILL);
    while (has_children()) wait_for_a_child(std::chrono::seconds(1));
}

std::vector<std::filesystem::path> disk_mounts(std::string_view mountinfo) {
    std::vector<std::filesystem::path> mounts;
    std::istringstream lines{std::string(mountinfo)};
    for (std::string line; std::getline(lines, line);) {
        // "36 35 98:0 /root /mount/point options [optional...] - type source options"
        std::istringstream words(line);
        std::string word;
        std::string place;
        for (int i = 0; i < 5; ++i) words >> place;
        while (words >> word && word != "-") {
        }
        std::string type;
        std::string source;
        if (words >> type >> source && source.starts_with("/dev/")) mounts.emplace_back(unescaped(place));
    }
    std::ranges::reverse(mounts);
    return mounts;
}

std::vector<std::string> unmount_disks() {
    const auto text = read_small_file("/proc/self/mountinfo", ErrorKind::internal, longest_mount_table);
    if (!text) return {text.error().describe()};
    std::vector<std::string> errors;
    for (const auto& place : disk_mounts(*text)) {
        if (::umount2(place.c_str(), 0) == 0) continue;
        if (::mount("none", place.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0) continue;
        errors.push_back(place.native() + ": " + std::error_code(errno, std::generic_category()).message());
    }
    return errors;
}

}  // namespace mox::init
