#include "network/ssh_server.hpp"

#include <fcntl.h>
#include <signal.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <charconv>
#include <chrono>
#include <system_error>
#include <utility>

#include "async/waiting.hpp"
#include "base/child_process.hpp"
#include "base/file.hpp"
#include "board/evdev_source.hpp"

namespace mox::network {

namespace {

namespace fs = std::filesystem;
using boost::asio::awaitable;

constexpr std::chrono::seconds making_a_key{10};

fs::path key_of(const SshServerSetup& setup) {
    return setup.directory / "ssh_host_key";
}

fs::path process_number_of(const SshServerSetup& setup) {
    return setup.directory / "ssh.pid";
}

/// Stops the server of a rescue program that was killed.
void stop_earlier(const SshServerSetup& setup) {
    const auto text = read_small_file(process_number_of(setup), ErrorKind::internal);
    if (!text) return;
    pid_t pid = 0;
    std::from_chars(text->data(), text->data() + text->size(), pid);
    const auto name = read_small_file("/proc/" + std::to_string(pid) + "/comm", ErrorKind::internal);
    // Another process may have the number now.
    if (pid > 1 && name && name->starts_with("dropbear")) ::kill(pid, SIGTERM);
    std::error_code ignored;  // dropbear reports it
    fs::remove(process_number_of(setup), ignored);
}

Expected<void> make_host_key(const SshServerSetup& setup) {
    std::error_code absent;
    fs::remove(key_of(setup), absent);
    return run_child_successfully({setup.key_program, "-t", "ed25519", "-f", key_of(setup).native()},
                                  making_a_key, ErrorKind::internal);
}

}  // namespace

std::vector<std::string> ssh_server_command(const SshServerSetup& setup) {
    return {setup.program,
            "-F",  // in the foreground
            "-E",  // its log on standard error
            "-B",  // empty passwords
            "-j",  // no forwarding of local
            "-k",  // or remote ports
            "-r",          key_of(setup).native(),           "-p", to_text(setup.address) + ":22",
            "-P",          process_number_of(setup).native()};
}

awaitable<Expected<SshServer>> SshServer::start(SshServerSetup setup) {
    std::error_code failure;
    fs::create_directories(setup.directory, failure);
    if (failure) co_return fail_errno(ErrorKind::internal, setup.directory.native(), failure.value());
    stop_earlier(setup);
    CO_TRY(make_host_key(setup));

    auto log_file = setup.directory / "ssh.log";
    const auto log =
        CO_TRY(open_file(log_file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, ErrorKind::internal));
    auto child = CO_TRY(RunningChild::start({.argv = ssh_server_command(setup), .errors = log.get()}));
    SshServer server(std::move(child), std::move(log_file));
    const auto sign = process_number_of(setup);
    auto listens = co_await server.wait_until_it_listens(sign);
    if (!listens) co_return pass_on(listens);
    co_return server;
}

/// dropbear writes its process number to a file when it listens.
awaitable<Expected<void>> SshServer::wait_until_it_listens(fs::path sign) {
    using namespace boost::asio::experimental::awaitable_operators;
    for (;;) {
        auto watch = CO_TRY(board::DirectoryWatch::on(sign.parent_path()));
        std::error_code absent;
        if (fs::exists(sign, absent)) co_return Expected<void>();
        const auto first = co_await (async::readable_before(watch.fd(), Clock::time_point::max()) ||
                                     async::readable_before(child_.end_fd(), Clock::time_point::max()));
        if (first.index() == 0) continue;
        auto ended = co_await end();
        co_return std::unexpected(std::move(ended));
    }
}

awaitable<Error> SshServer::end() {
    const int status = co_await async::end_of(child_);
    auto said = read_small_file(log_, ErrorKind::internal).value_or("");
    constexpr std::size_t enough = 300;
    if (said.size() > enough) said.erase(0, said.size() - enough);
    while (said.ends_with('\n')) said.pop_back();
    co_return Error(ErrorKind::internal,
                    "the SSH server has ended (status " + std::to_string(status) + "): " + said);
}

}  // namespace mox::network
