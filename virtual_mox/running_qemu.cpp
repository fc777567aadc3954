#include "virtual_mox/running_qemu.hpp"

#include <array>
#include <boost/asio/this_coro.hpp>
#include <filesystem>
#include <system_error>
#include <utility>

#include "virtual_mox/spawn.hpp"

namespace mox::virtual_mox {

namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr auto kind = ErrorKind::internal;

// Where QEMU's `virt` keeps the devices that it makes itself, and the kind that button and LED are on.
constexpr auto own_devices = "/machine/unattached";
constexpr auto gpio_controller = "child<pl061>";

}  // namespace

RunningQemu::RunningQemu(const asio::any_io_executor& executor, QemuProcess process, OurEnds ends,
                         QemuListeners listeners, std::filesystem::path log)
    : executor_(executor),
      listeners_(std::move(listeners)),
      log_(std::move(log)),
      process_(std::move(process)),
      qmp_(executor, std::move(ends.qmp), [this](QmpNotice notice) { listeners_.notice(std::move(notice)); }),
      qtest_(executor, std::move(ends.qtest),
             [this](QtestLine line, Clock::time_point at) { listeners_.gpio(line, at); }),
      console_(executor, std::move(ends.console)) {}

Expected<std::shared_ptr<RunningQemu>> RunningQemu::launch(const asio::any_io_executor& executor,
                                                           const MachineSetup& setup,
                                                           QemuListeners listeners) {
    auto qmp = make_socket_pair();
    if (!qmp) return pass_on(qmp);
    auto qtest = make_socket_pair();
    if (!qtest) return pass_on(qtest);
    auto console = make_socket_pair();
    if (!console) return pass_on(console);
    std::vector<int> inherited{qmp->theirs.get(), qtest->theirs.get(), console->theirs.get()};
    if (const auto* tap = std::get_if<TapNetwork>(&setup.network)) inherited.push_back(tap->tap);

    auto log = setup.folder / "qemu.log";
    std::error_code failed;
    std::filesystem::remove(log, failed);
    if (failed) return fail_errno(kind, log.string(), failed.value());
    auto process = QemuProcess::start(executor, command_line(setup), inherited, log);
    if (!process) return pass_on(process);
    return std::shared_ptr<RunningQemu>(
        new RunningQemu(executor, std::move(*process),
                        OurEnds{std::move(qmp->ours), std::move(qtest->ours), std::move(console->ours)},
                        std::move(listeners), std::move(log)));
}

asio::awaitable<Expected<std::shared_ptr<RunningQemu>>> RunningQemu::start(const MachineSetup& setup,
                                                                           QemuListeners listeners) {
    auto launched = launch(co_await asio::this_coro::executor, setup, std::move(listeners));
    if (!launched) co_return pass_on(launched, "starting QEMU");
    auto qemu = *launched;
    qemu->gpio_path_ = part_names(setup).gpio;
    qemu->listen();
    auto ready = co_await qemu->qmp_.begin();
    if (ready) ready = co_await qemu->intercept_gpio();
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
    spawn(executor_, [self]() -> asio::awaitable<void> {
        co_await self->qmp_.listen();
        co_await self->connection_ended();
    });
    spawn(executor_, [self]() -> asio::awaitable<void> {
        co_await self->qtest_.listen();
        co_await self->connection_ended();
    });
    spawn(executor_, [self]() -> asio::awaitable<void> {
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

/// Everything that QEMU has said is read before its end is told.
asio::awaitable<void> RunningQemu::connection_ended() {
    if (--connections_ > 0 || ended_) co_return;
    co_await process_.ended();
    if (ended_) co_return;
    end();
    listeners_.ended();
}

asio::awaitable<Expected<void>> RunningQemu::find_gpio() {
    json where;
    where["path"] = own_devices;
    const auto devices = co_await qmp_.execute("qom-list", where);
    if (!devices) co_return std::unexpected(devices.error());
    for (const auto& device : *devices) {
        if (device.value("type", "") == gpio_controller)
            gpio_path_ = std::string(own_devices) + "/" + device.value("name", "");
    }
    if (gpio_path_.empty()) co_return fail(kind, "this QEMU's board has no PL061 for button and LED");
    co_return Expected<void>();
}

asio::awaitable<Expected<void>> RunningQemu::intercept_gpio() {
    if (gpio_path_.empty())
        if (auto found = co_await find_gpio(); !found) co_return found;
    const auto asked = qtest_.send(intercept_outputs_command(gpio_path_));
    if (!asked) co_return std::unexpected(asked.error());
    co_return co_await qtest_.reply_to(*asked);
}

asio::awaitable<Expected<json>> RunningQemu::execute(std::string command, json arguments) {
    return qmp_.execute(std::move(command), std::move(arguments));
}

Expected<QtestClient::Ticket> RunningQemu::set_input(int line, bool high) {
    return qtest_.send(set_input_command(gpio_path_, line, high));
}

asio::awaitable<Expected<void>> RunningQemu::reply_to(QtestClient::Ticket ticket) {
    return qtest_.reply_to(ticket);
}

void RunningQemu::end() {
    ended_ = true;
    process_.kill();
    qmp_.close();
    qtest_.close();
    console_.close();
}

}  // namespace mox::virtual_mox
