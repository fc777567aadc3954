#include "support/storage_daemon.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "base/file.hpp"
#include "base/units.hpp"

namespace mox::test_support {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 30s;
constexpr int control_fd = 3;  ///< what the daemon calls its end of the control socket

[[noreturn]] void fail_with_errno(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

/// QEMU's option syntax doubles commas.
std::string option_value(const std::filesystem::path& path) {
    std::string text;
    for (const char c : path.native()) text += c == ',' ? ",," : std::string(1, c);
    return text;
}

std::string file_block(const std::string& node, const std::filesystem::path& path) {
    return "driver=file,node-name=" + node + ",discard=unmap,filename=" + option_value(path);
}

/// Waits until `fd` can be read. False when the time is up.
bool readable_before(int fd, Clock::time_point deadline) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (left <= 0) return false;
        pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
        if (::poll(&waiting, 1, static_cast<int>(left)) > 0) return true;
    }
}

/// Between fork and exec: only what is allowed there. The daemon dies with the test that started it.
[[noreturn]] void become(char* const* argv, int control, pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(127);
    if (control == control_fd)
        ::fcntl(control, F_SETFD, 0);
    else
        ::dup2(control, control_fd);
    ::execvp(argv[0], argv);
    ::_exit(127);
}

}  // namespace

StorageDaemon StorageDaemon::recording(const std::filesystem::path& image, const std::filesystem::path& log,
                                       const std::filesystem::path& shown) {
    return started(
        {file_block("image", image), file_block("log", log),
         "driver=blklogwrites,node-name=shown,discard=unmap,file=image,log=log,log-sector-size=512"},
        shown);
}

StorageDaemon StorageDaemon::with_unreadable_sector(const std::filesystem::path& image, std::uint64_t bad,
                                                    const std::filesystem::path& shown) {
    // 5 is EIO; "none" is the event of requests that no image format has made.
    return started({file_block("image", image),
                    "driver=blkdebug,node-name=shown,image=image,inject-error.0.event=none,"
                    "inject-error.0.iotype=read,inject-error.0.errno=5,inject-error.0.sector=" +
                        std::to_string(bad / 512)},
                   shown);
}

StorageDaemon StorageDaemon::showing(const std::filesystem::path& image, const std::filesystem::path& shown) {
    return started({file_block("image", image), "driver=raw,node-name=shown,file=image"}, shown);
}

StorageDaemon StorageDaemon::slow(const std::filesystem::path& image, const std::filesystem::path& shown) {
    return started(
        {file_block("image", image), "driver=throttle,node-name=shown,throttle-group=limits,file=image"},
        shown, {"throttle-group,id=limits,x-bps-read=1048576"});
}

void StorageDaemon::hold() const {
    ::kill(pid_, SIGSTOP);
}

void StorageDaemon::go_on() const {
    ::kill(pid_, SIGCONT);
}

void StorageDaemon::break_down() const {
    if (pid_ <= 0) throw std::logic_error("the daemon has ended");  // -1 is every process
    ::kill(pid_, SIGKILL);  // what the kernel asks a dead FUSE server for fails
}

StorageDaemon StorageDaemon::started(const std::vector<std::string>& blocks,
                                     const std::filesystem::path& shown,
                                     const std::vector<std::string>& objects) {
    std::vector<std::string> argv{"qemu-storage-daemon"};
    for (const auto& object : objects) {
        argv.emplace_back("--object");
        argv.push_back(object);
    }
    for (const auto& block : blocks) {
        argv.emplace_back("--blockdev");
        argv.push_back(block);
    }
    argv.emplace_back("--export");
    argv.push_back("type=fuse,id=export,node-name=shown,writable=on,mountpoint=" + option_value(shown));
    // Options are worked off in their order: once the monitor greets us, the export is there.
    argv.emplace_back("--chardev");
    argv.push_back("socket,id=control,fd=" + std::to_string(control_fd));
    argv.emplace_back("--monitor");
    argv.emplace_back("chardev=control");

    StorageDaemon daemon(shown);
    daemon.start(std::move(argv));
    daemon.wait_for_line_with("\"QMP\"");
    daemon.order("qmp_capabilities");
    daemon.wait_for_line_with("\"return\"");
    return daemon;
}

StorageDaemon::StorageDaemon(StorageDaemon&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      control_(std::move(other.control_)),
      shown_(std::move(other.shown_)) {}

StorageDaemon::~StorageDaemon() {
    if (pid_ > 0) clean_up();
}

void StorageDaemon::stop() {
    order("quit");
    const auto deadline = Clock::now() + patience;
    std::array<char, 1024> rest{};
    for (;;) {  // the socket ends when the daemon does
        if (!readable_before(control_.get(), deadline))
            throw std::runtime_error("qemu-storage-daemon does not end");
        const ssize_t got = ::read(control_.get(), rest.data(), rest.size());
        if (got < 0 && errno != EINTR && errno != ECONNRESET) fail_with_errno("qemu-storage-daemon");
        if (got == 0 || (got < 0 && errno == ECONNRESET)) break;
    }
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        throw std::runtime_error("qemu-storage-daemon ended badly, status " + std::to_string(status));
}

void StorageDaemon::clean_up() {
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    ::umount2(shown_.c_str(), MNT_DETACH);
}

void StorageDaemon::order(const std::string& command) {
    const auto sent = write_all(control_.get(), "{\"execute\": \"" + command + "\"}\n", "control socket",
                                ErrorKind::internal);
    if (!sent) throw std::runtime_error(sent.error().describe());
}

void StorageDaemon::start(std::vector<std::string> argv) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) fail_with_errno("socketpair");
    control_.reset(ends[0]);
    const UniqueFd theirs(ends[1]);

    std::vector<char*> pointers;
    pointers.reserve(argv.size() + 1);
    for (auto& word : argv) pointers.push_back(word.data());
    pointers.push_back(nullptr);

    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) fail_with_errno("fork");
    if (pid_ == 0) become(pointers.data(), theirs.get(), parent);
}

/// Takes lines from the daemon until one holds `word`.
void StorageDaemon::wait_for_line_with(const std::string& word) {
    const auto deadline = Clock::now() + patience;
    std::string line;
    for (;;) {
        if (!readable_before(control_.get(), deadline))
            throw std::runtime_error("qemu-storage-daemon does not say \"" + word + "\"");
        char c = 0;
        const ssize_t got = ::read(control_.get(), &c, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) throw std::runtime_error("qemu-storage-daemon ended before it said \"" + word + "\"");
        if (c != '\n') {
            line += c;
            continue;
        }
        if (line.contains(word)) return;
        line.clear();
    }
}

}  // namespace mox::test_support
