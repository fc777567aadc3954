#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "operation/machine.hpp"

namespace mox::operation {

/// The router that we run on.
class Router final : public Machine {
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

}  // namespace mox::operation
