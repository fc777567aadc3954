#include "machine/qtest_machine.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace mox::machine_test {

namespace {

/// No answer of QEMU takes as long, on a machine that is busy with other things.
constexpr int answer_timeout_ms = 60'000;
constexpr int print_timeout_ms = 10'000;

std::pair<UniqueFd, UniqueFd> socket_pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        throw std::runtime_error("socketpair failed");
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

void send_all(const UniqueFd& to, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(to.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return;  // QEMU has ended: the missing answer tells it
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

/// Appends what has come; false if nothing comes any more, or nothing within the time.
bool receive(const UniqueFd& from, std::string& to, int timeout_ms) {
    pollfd readable{.fd = from.get(), .events = POLLIN, .revents = 0};
    if (::poll(&readable, 1, timeout_ms) <= 0) return false;
    std::array<char, 65536> buffer{};
    const auto count = ::recv(from.get(), buffer.data(), buffer.size(), 0);
    if (count <= 0) return false;
    to.append(buffer.data(), static_cast<std::size_t>(count));
    return true;
}

std::string hex(std::uint64_t number) {
    std::array<char, 20> digits{};
    const auto length =
        std::snprintf(digits.data(), digits.size(), "0x%llx", static_cast<unsigned long long>(number));
    return {digits.data(), static_cast<std::size_t>(length)};
}

std::string qemu_binary() {
    const char* given = std::getenv("MOX_QEMU");
    return given != nullptr ? given : MOX_QEMU_BINARY;
}

}  // namespace

QtestMachine::QtestMachine(std::vector<std::string> options) {
    auto [qtest, qemu_qtest] = socket_pair();
    auto [console, qemu_console] = socket_pair();
    auto [monitor, qemu_qmp] = socket_pair();
    // The id of the first chardev is qtest's own: QEMU 7.2 knows it by that name only.
    std::vector<std::string> argv{qemu_binary(), "-machine",
                                  "turris-mox",  "-accel",
                                  "qtest",       "-display",
                                  "none",        "-nodefaults",
                                  "-chardev",    "socket,id=qtest,fd=3",
                                  "-qtest",      "chardev:qtest",
                                  "-qtest-log",  "none",
                                  "-chardev",    "socket,id=console,fd=4",
                                  "-serial",     "chardev:console",
                                  "-chardev",    "socket,id=qmp,fd=5",
                                  "-mon",        "chardev=qmp,mode=control"};
    for (auto& option : options) argv.push_back(std::move(option));
    const std::array inherited{qemu_qtest.get(), qemu_console.get(), qemu_qmp.get()};
    auto started =
        virtual_mox::QemuProcess::start(io_.get_executor(), argv, inherited, directory_.path() / "log");
    if (!started) throw std::runtime_error(started.error().describe());
    qemu_.emplace(std::move(*started));
    qtest_ = std::move(qtest);
    console_ = std::move(console);
    qmp_ = std::move(monitor);
    // QEMU's ends are only QEMU's from now on: when it ends, reading ends too.
    qemu_qtest = UniqueFd();
    qemu_console = UniqueFd();
    qemu_qmp = UniqueFd();
    static_cast<void>(next_line(qmp_, unread_qmp_));  // its greeting
    qmp("qmp_capabilities");
}

std::string QtestMachine::next_line(const UniqueFd& from, std::string& rest) {
    for (;;) {
        if (const auto end = rest.find('\n'); end != std::string::npos) {
            auto line = rest.substr(0, end);
            rest.erase(0, end + 1);
            if (line.ends_with('\r')) line.pop_back();
            return line;
        }
        if (!receive(from, rest, answer_timeout_ms)) throw_with_log("QEMU does not answer");
    }
}

void QtestMachine::throw_with_log(const std::string& what) {
    throw std::runtime_error(what + ". Its log: " + virtual_mox::end_of_log(directory_.path() / "log"));
}

std::string QtestMachine::command(const std::string& line) {
    send_all(qtest_, line + "\n");
    for (;;) {
        auto message = parse_qtest(next_line(qtest_, unread_qtest_));
        if (!message) throw std::runtime_error(message.error().describe());
        if (const auto* changed = std::get_if<QtestLine>(&*message)) {
            levels_[changed->number] = changed->high;
            continue;
        }
        auto& reply = std::get<QtestReply>(*message);
        if (!reply.ok) throw_with_log(line + ": " + reply.text);
        return std::move(reply.text);
    }
}

std::string QtestMachine::qmp(std::string_view execute, std::string_view arguments) {
    send_all(qmp_,
             R"({"execute":")" + std::string(execute) + R"(","arguments":)" + std::string(arguments) + "}\n");
    for (;;) {
        auto line = next_line(qmp_, unread_qmp_);
        if (line.starts_with(R"({"return")")) return line;
        if (line.starts_with(R"({"error")")) throw_with_log(line);
    }
}

std::uint64_t QtestMachine::read(char width, std::uint64_t address) {
    return std::stoull(command(std::string("read") + width + " " + hex(address)), nullptr, 0);
}

void QtestMachine::write(char width, std::uint64_t address, std::uint64_t value) {
    command(std::string("write") + width + " " + hex(address) + " " + hex(value));
}

std::uint8_t QtestMachine::read8(std::uint64_t address) {
    return static_cast<std::uint8_t>(read('b', address));
}

std::uint16_t QtestMachine::read16(std::uint64_t address) {
    return static_cast<std::uint16_t>(read('w', address));
}

std::uint32_t QtestMachine::read32(std::uint64_t address) {
    return static_cast<std::uint32_t>(read('l', address));
}

void QtestMachine::write8(std::uint64_t address, std::uint8_t value) {
    write('b', address, value);
}

void QtestMachine::write16(std::uint64_t address, std::uint16_t value) {
    write('w', address, value);
}

void QtestMachine::write32(std::uint64_t address, std::uint32_t value) {
    write('l', address, value);
}

std::string QtestMachine::read_memory(std::uint64_t address, std::size_t size) {
    const auto answer = command("read " + hex(address) + " " + hex(size));
    std::string bytes;
    for (std::size_t at = 2; at + 1 < answer.size(); at += 2)
        bytes.push_back(static_cast<char>(std::stoi(answer.substr(at, 2), nullptr, 16)));
    return bytes;
}

void QtestMachine::write_memory(std::uint64_t address, std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "0x";
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        text += {digits[value >> 4U], digits[value & 0xfU]};
    }
    command("write " + hex(address) + " " + hex(bytes.size()) + " " + text);
}

void QtestMachine::advance(std::chrono::nanoseconds by) {
    command("clock_step " + std::to_string(by.count()));
}

void QtestMachine::watch_inputs(std::string_view device) {
    command("irq_intercept_in " + std::string(device));
}

void QtestMachine::watch_outputs(std::string_view device) {
    command(intercept_outputs_command(device));
}

std::optional<bool> QtestMachine::level(int line) {
    command("clock_step 0");  // what changed before was told before the answer
    const auto known = levels_.find(line);
    return known == levels_.end() ? std::nullopt : std::optional(known->second);
}

void QtestMachine::set_input(std::string_view device, int line, bool high, std::string_view name) {
    command("set_irq_in " + std::string(device) + " " + std::string(name) + " " + std::to_string(line) +
            (high ? " 1" : " 0"));
}

void QtestMachine::type(std::string_view text) {
    send_all(console_, text);
}

std::string QtestMachine::printed(std::size_t count) {
    std::string text;
    while (text.size() < count && receive(console_, text, print_timeout_ms)) {
    }
    return text;
}

void QtestMachine::discard_printed() {
    std::string text;
    while (receive(console_, text, 0)) {
    }
}

bool QtestMachine::is_running() {
    siginfo_t ended{};
    return ::waitid(P_PID, static_cast<id_t>(qemu_->pid()), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           ended.si_pid == 0;
}

}  // namespace mox::machine_test
