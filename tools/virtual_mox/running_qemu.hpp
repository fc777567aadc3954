#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/units.hpp"
#include "virtual_mox/front_panel_client.hpp"
#include "virtual_mox/machine_setup.hpp"
#include "virtual_mox/qemu_process.hpp"
#include "virtual_mox/qmp_client.hpp"
#include "virtual_mox/wire.hpp"

namespace mox::virtual_mox {

/// Is called with the events of a running QEMU, on the event loop.
struct QemuListeners {
    std::function<void(const PanelMessage&)> panel;  ///< LED and button
    std::function<void(QmpNotice)> notice;
    std::function<void(std::string_view bytes, Clock::time_point at)> console;
    std::function<void()> ended;  ///< the guest has switched off, or QEMU has crashed
};

/// QEMU from its start to its end, with its connections.
class RunningQemu : public std::enable_shared_from_this<RunningQemu> {
public:
    /// Starts QEMU, stopped before the first instruction. Writes "qemu.log" in the setup's directory. Errors
    /// (`internal`): QEMU does not start, with its message.
    [[nodiscard]] static boost::asio::awaitable<Expected<std::shared_ptr<RunningQemu>>> start(
        const MachineSetup& setup, QemuListeners listeners);

    RunningQemu(const RunningQemu&) = delete;
    RunningQemu& operator=(const RunningQemu&) = delete;
    ~RunningQemu() = default;

    /// A command of QEMU's monitor. Errors (`internal`): refused, with QEMU's reason; QEMU has ended.
    [[nodiscard]] boost::asio::awaitable<Expected<nlohmann::json>> execute(std::string command,
                                                                           nlohmann::json arguments);

    /// A command of the front panel (front_panel_message.hpp), sent at once.
    [[nodiscard]] Expected<void> order_panel(const std::string& command) { return panel_.send(command); }

    /// Types on the serial console.
    [[nodiscard]] Expected<void> type(std::string_view keys) { return console_.send(keys); }

    /// Kills QEMU. No listener is called afterwards.
    void end();

    [[nodiscard]] pid_t pid() const { return process_.pid(); }

private:
    struct OurEnds {
        UniqueFd qmp, panel, console;
    };
    RunningQemu(const boost::asio::any_io_executor& executor, QemuProcess process, OurEnds ends,
                QemuListeners listeners, std::filesystem::path log);
    static Expected<std::shared_ptr<RunningQemu>> launch(const boost::asio::any_io_executor& executor,
                                                         const MachineSetup& setup, QemuListeners listeners);
    void listen();
    boost::asio::awaitable<void> listen_to_console();
    boost::asio::awaitable<void> connection_ended();
    [[nodiscard]] std::unexpected<Error> with_log(const Error& error) const;

    boost::asio::any_io_executor executor_;
    QemuListeners listeners_;
    std::filesystem::path log_;
    QemuProcess process_;
    QmpClient qmp_;
    FrontPanelClient panel_;
    Wire console_;
    int connections_ = 3;
    bool ended_ = false;
};

}  // namespace mox::virtual_mox
