#include "support/network_lab.hpp"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include "base/units.hpp"
#include "support/loop_image.hpp"

namespace mox::test_support {

namespace {

using namespace std::chrono_literals;

[[noreturn]] void throw_errno(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

UniqueFd this_network_namespace() {
    UniqueFd fd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    if (!fd) throw_errno("network namespace");
    return fd;
}

UniqueFd new_network_namespace() {
    if (::unshare(CLONE_NEWNET) != 0) throw_errno("a network namespace of our own");
    auto fd = this_network_namespace();
    run({"ip", "link", "set", "lo", "up"});
    return fd;
}

void enter(const UniqueFd& network_namespace) {
    if (::setns(network_namespace.get(), CLONE_NEWNET) != 0) throw_errno("entering a network namespace");
}

/// As a child process can reach it.
std::string path_of(const UniqueFd& fd) {
    return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(fd.get());
}

/// A network card that this process plays the hardware of. Made in the namespace of the calling thread.
UniqueFd make_tap(const std::string& name) {
    UniqueFd tap(::open("/dev/net/tun", O_RDWR | O_CLOEXEC));
    ifreq request{};
    name.copy(request.ifr_name, sizeof request.ifr_name - 1);
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    if (!tap || ::ioctl(tap.get(), TUNSETIFF, &request) != 0) throw_errno("a tap");
    return tap;
}

}  // namespace

NetworkLab::NetworkLab(Cable cable) {
    // What is bound over the PC's files is seen by this process alone.
    if (::unshare(CLONE_NEWNS) != 0) throw_errno("a mount namespace of our own");
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) throw_errno("private mounts");
    peer_namespace_ = new_network_namespace();
    router_namespace_ = new_network_namespace();
    if (cable == Cable::to_a_tap)
        as_peer([&] { tap_ = make_tap("peer0"); });
    else
        run({"ip", "link", "add", "eth0", "type", "veth", "peer", "name", "peer0", "netns",
             path_of(peer_namespace_)});
    run(at_peer({"ip", "address", "add", "10.77.0.1/24", "dev", "peer0"}));
    plug_in();
}

NetworkLab::~NetworkLab() {
    for (const auto& path : replaced_) ::umount2(path.c_str(), MNT_DETACH);
}

void NetworkLab::plug_in() const {
    run(at_peer({"ip", "link", "set", "peer0", "up"}));
}

void NetworkLab::unplug() const {
    run(at_peer({"ip", "link", "set", "peer0", "down"}));
}

std::vector<std::string> NetworkLab::at_peer(std::vector<std::string> argv) const {
    std::vector<std::string> command{"nsenter", "--net=" + path_of(peer_namespace_), "--"};
    command.insert(command.end(), std::make_move_iterator(argv.begin()), std::make_move_iterator(argv.end()));
    return command;
}

RunningChild NetworkLab::start_at_peer(const std::string& name, std::vector<std::string> argv,
                                       std::string_view ready) const {
    const auto log = folder() / (name + ".log");
    // A server that is started anew begins a new log.
    const UniqueFd output(::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644));
    if (!output) throw_errno(log.native());
    argv.insert(argv.begin(), {"setpriv", "--pdeathsig", "KILL"});
    auto child = must(RunningChild::start(
        {.argv = at_peer(std::move(argv)), .output = output.get(), .errors = output.get()}));
    try {
        wait_until([&] { return log_of(name).contains(ready); }, name + " to be ready");
    } catch (const std::exception& late) {
        throw std::runtime_error(late.what() + std::string("; it said: ") + log_of(name));
    }
    return child;
}

std::string NetworkLab::log_of(const std::string& name) const {
    return text_of(folder() / (name + ".log"));
}

void NetworkLab::as_peer(const std::function<void()>& work) const {
    const auto before = this_network_namespace();
    enter(peer_namespace_);
    work();
    enter(before);
}

void NetworkLab::replace_file(const std::filesystem::path& path, std::string_view content) {
    const auto replacement = folder() / ("replaced-" + std::to_string(replaced_.size()));
    write_file(replacement, content);
    if (::mount(replacement.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) != 0)
        throw_errno(path.native());
    replaced_.push_back(path);
}

void NetworkLab::replace_folder(const std::filesystem::path& path) {
    if (::mount("tmpfs", path.c_str(), "tmpfs", 0, nullptr) != 0) throw_errno(path.native());
    replaced_.push_back(path);
}

void wait_until(const std::function<bool()>& condition, std::string_view what) {
    const auto deadline = Clock::now() + 30s;
    while (!condition()) {
        if (Clock::now() > deadline) throw std::runtime_error("waited in vain for " + std::string(what));
        std::this_thread::sleep_for(10ms);
    }
}

pid_t child_called(const std::string& name) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        // "1234 (udhcpc) S 1233 ..."
        std::istringstream words(text_of(entry.path() / "stat"));
        pid_t pid = 0;
        std::string comm;
        std::string state;
        pid_t parent = 0;
        if (words >> pid >> comm >> state >> parent && comm == "(" + name + ")" && parent == ::getpid())
            return pid;
    }
    throw std::runtime_error("no child is called " + name);
}

std::string text_of(const std::filesystem::path& path) {
    if (!std::filesystem::is_regular_file(path)) return {};
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace mox::test_support
