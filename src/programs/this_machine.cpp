#include "programs/this_machine.hpp"

#include <system_error>

#include "base/file.hpp"
#include "boot/no_environment.hpp"
#include "boot/uboot_environment.hpp"

namespace mox::programs {

namespace {

constexpr auto device_tree_compatible = "/proc/device-tree/compatible";
constexpr auto usual_configuration = "/etc/fw_env.config";

}  // namespace

std::optional<board::Description> this_board() {
    const auto compatible = read_small_file(device_tree_compatible, ErrorKind::internal);
    if (!compatible) return std::nullopt;
    return board::board_for(*compatible);
}

std::unique_ptr<boot::Environment> open_environment(const std::optional<std::filesystem::path>& configuration,
                                                    Log& log) {
    std::error_code ignored;  // one that cannot be looked at does not exist for us
    const bool usual_exists = std::filesystem::exists(usual_configuration, ignored);
    if (!configuration && !usual_exists) return std::make_unique<boot::NoEnvironment>(log);
    auto environment = boot::UbootEnvironment::open(configuration.value_or(usual_configuration));
    if (environment) return std::make_unique<boot::UbootEnvironment>(std::move(*environment));
    log.warning("going on without the boot environment: " + environment.error().describe());
    return std::make_unique<boot::NoEnvironment>(log);
}

}  // namespace mox::programs
