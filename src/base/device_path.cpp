#include "base/device_path.hpp"

#include <string>

namespace mox {

namespace {

/// The bus of devices that are part of the SoC.
constexpr std::string_view platform_bus = "/platform/";

}  // namespace

bool leads_through(const std::filesystem::path& device, std::string_view controller) {
    if (controller.empty()) return false;
    const std::string_view path = device.native();
    const auto wanted = "/" + std::string(controller);
    const bool by_address = controller.ends_with('.');
    const auto bus = by_address ? path.find(platform_bus) : 0;
    if (bus == std::string_view::npos) return false;
    for (auto at = path.find(wanted, bus); at != std::string_view::npos; at = path.find(wanted, at + 1)) {
        const auto rest = path.substr(at + wanted.size());
        const bool name_ends = rest.empty() || rest.front() == '/';
        if (by_address != name_ends) return true;
    }
    return false;
}

}  // namespace mox
