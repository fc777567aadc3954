#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace mox::button {

/// What a press does to the router. Two implementations live: the router (system_control.hpp) and the tests'.
class SystemControl {
public:
    virtual ~SystemControl() = default;

    /// Starts the system's own reboot: a child process, which is the caller's to wait for.
    /// Errors (`internal`): it could not be started.
    [[nodiscard]] virtual Expected<pid_t> start_reboot() = 0;

    /// Starts going back to the factory snapshot: a child process, as above. Exit status 0: done, and the
    /// card holds it; reset now.
    [[nodiscard]] virtual Expected<pid_t> start_factory_reset() = 0;

    /// Resets at once, nothing is synced. Returns only if it fails (`internal`).
    [[nodiscard]] virtual Expected<void> reset() = 0;
};

/// The router that we run on.
class Router final : public SystemControl {
public:
    /// `reboot_command`: program and arguments. `sysrq_trigger`: as for boot/reboot.hpp.
    Router(std::vector<std::string> reboot_command, std::filesystem::path sysrq_trigger)
        : reboot_command_(std::move(reboot_command)), sysrq_trigger_(std::move(sysrq_trigger)) {}

    [[nodiscard]] Expected<pid_t> start_reboot() override;
    /// By the program schnapps: the snapshots library in this one would double its memory for something that
    /// happens once in years.
    [[nodiscard]] Expected<pid_t> start_factory_reset() override;
    [[nodiscard]] Expected<void> reset() override;

private:
    std::vector<std::string> reboot_command_;
    std::filesystem::path sysrq_trigger_;
};

}  // namespace mox::button
