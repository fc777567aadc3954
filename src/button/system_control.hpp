#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace mox::button {

/// The effects of a press on the router. Implementations: Router, and one for tests.
class SystemControl {
public:
    virtual ~SystemControl() = default;

    /// Starts the system's reboot command as a child process; the caller waits for it. Errors (`internal`):
    /// it cannot be started.
    [[nodiscard]] virtual Expected<pid_t> start_reboot() = 0;

    /// Starts the rollback to the factory snapshot as a child process, as above. Exit status 0: it is done
    /// and on the card; the caller then resets.
    [[nodiscard]] virtual Expected<pid_t> start_factory_reset() = 0;

    /// Resets at once without a sync. Returns only if it fails (`internal`).
    [[nodiscard]] virtual Expected<void> reset() = 0;
};

/// The router on which this program runs.
class Router final : public SystemControl {
public:
    /// `reboot_command`: program and arguments. `sysrq_trigger`: as for boot/reboot.hpp.
    Router(std::vector<std::string> reboot_command, std::filesystem::path sysrq_trigger)
        : reboot_command_(std::move(reboot_command)), sysrq_trigger_(std::move(sysrq_trigger)) {}

    [[nodiscard]] Expected<pid_t> start_reboot() override;
    /// Runs the program schnapps: the snapshots library would double the memory of this program for a rare
    /// action.
    [[nodiscard]] Expected<pid_t> start_factory_reset() override;
    [[nodiscard]] Expected<void> reset() override;

private:
    std::vector<std::string> reboot_command_;
    std::filesystem::path sysrq_trigger_;
};

}  // namespace mox::button
