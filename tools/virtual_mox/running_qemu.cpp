#include "virtual_mox/running_qemu.hpp"

#include <array>
#include <boost/asio/this_coro.hpp>
#include <filesystem>
#include <system_error>
#include <utility>

#include "async/spawn.hpp"

namespace mox::virtual_mox {

namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr auto kind = ErrorKind::internal;

}  // namespace

RunningQemu::RunningQemu(const asio::any_io_executor& executor, QemuProcess process, OurEnds ends,
                         QemuListeners listeners, std::filesystem::path log)
    : executor_(executor),
      listeners_(std::move(listeners)),
      log_(std::move(log)),
      process_(std::move(process)),
      qmp_(executor, std::move(ends.qmp), [this](QmpNotice notice) { listeners_.notice(std::move(notice)); }),
      panel_(executor, std::move(ends.panel),
             [this](const PanelMessage& message) { listeners_.panel(message); }),
      console_(executor, std::move(ends.console)) {}

Expected<std::shared_ptr<RunningQemu>> RunningQemu::launch(const asio::any_io_executor& executor,
                                                           const MachineSetup& setup,
                                                           QemuListeners listeners) {
    auto qmp = make_socket_pair();
    if (!qmp) return pass_on(qmp);
    auto panel = make_socket_pair();
    if (!panel) return pass_on(panel);
    auto console = make_socket_pair();
    if (!console) return pass_on(console);
    std::vector<int> inherited{qmp->theirs.get(), panel->theirs.get(), console->theirs.get()};
    if (const auto* tap = std::get_if<TapNetwork>(&setup.network)) inherited.push_back(tap->tap);

    auto log = setup.folder / "qemu.log";
    std::error_code failed;
    std::filesystem::remove(log, failed);
    if (failed) return fail_errno(kind, log.string(), failed.value());
    auto process = QemuProcess::start(executor, command_line(setup), inherited, log);
    if (!process) return pass_on(process);
    return std::shared_ptr<RunningQemu>(
        new RunningQemu(executor, std::move(*process),
                        OurEnds{std::move(qmp->ours), std::move(panel->ours), std::move(console->ours)},
                        std::move(listeners), std::move(log)));
}

asio::awaitable<Expected<std::shared_ptr<RunningQemu>>> RunningQemu::start(const MachineSetup& setup,
                                                                           QemuListeners listeners) {
    auto launched = launch(co_await asio::this_coro::executor, setup, std::move(listeners));
    if (!launched) co_return pass_on(launched, "starting QEMU");
    auto qemu = *launched;
    qemu->listen();
    auto ready = co_await qemu->qmp_.begin();
    if (!ready) {
        qemu->end();
        co_return qemu->with_log(ready.error());
    }
    co_return qemu;
}

std::unexpected<Error> RunningQemu::with_log(const Error& error) const {
    const auto said = end_of_log(log_);
    return fail(kind, "starting QEMU: " + error.describe() + (said.empty() ? "" : ". It said: " + said));
}

void RunningQemu::listen() {
    const auto self = shared_from_this();
    async::spawn(executor_, [self]() -> asio::awaitable<void> {
        co_await self->qmp_.listen();
        co_await self->connection_ended();
    });
    async::spawn(executor_, [self]() -> asio::awaitable<void> {
        co_await self->panel_.listen();
        co_await self->connection_ended();
    });
    async::spawn(executor_, [self]() -> asio::awaitable<void> {
        co_await self->listen_to_console();
        co_await self->connection_ended();
    });
}

asio::awaitable<void> RunningQemu::listen_to_console() {
    while (!ended_) {
        const auto bytes = co_await console_.receive();
        if (!bytes || ended_) co_return;
        listeners_.console(*bytes, Clock::now());
    }
}

/// Reads all messages of QEMU before it reports the end.
asio::awaitable<void> RunningQemu::connection_ended() {
    if (--connections_ > 0 || ended_) co_return;
    co_await process_.ended();
    if (ended_) co_return;
    end();
    listeners_.ended();
}

asio::awaitable<Expected<json>> RunningQemu::execute(std::string command, json arguments) {
    return qmp_.execute(std::move(command), std::move(arguments));
}

void RunningQemu::end() {
    ended_ = true;
    process_.kill();
    qmp_.close();
    panel_.close();
    console_.close();
}

}  // namespace mox::virtual_mox
