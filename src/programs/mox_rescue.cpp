// The rescue program, as on the device and from a shell.

#include <type_traits>
#include <variant>

#include "programs/device_session.hpp"
#include "programs/mains.hpp"
#include "programs/mount_card.hpp"
#include "programs/mox_rescue_options.hpp"
#include "programs/nor_update.hpp"
#include "programs/run_mode.hpp"

namespace mox::programs {

int mox_rescue_main(int argc, char** argv) {
    const auto options = read_options(argc, argv);
    if (const int* status = std::get_if<int>(&options)) return *status;
    const auto& rescue = std::get<RescueOptions>(options);
    if (const auto* run = std::get_if<RunMode>(&rescue.action)) return run_one_mode(rescue, *run);
    if (const auto* mount = std::get_if<MountCard>(&rescue.action)) return mount_card(rescue, *mount);
    if (const auto* update = std::get_if<NorUpdate>(&rescue.action)) return run_nor_update(rescue, *update);
    return run_device_session(rescue, std::get<RescueSession>(rescue.action));
}

}  // namespace mox::programs
