#include "boot/no_environment.hpp"

namespace mox::boot {

std::optional<std::string> NoEnvironment::get(std::string_view /*name*/) const {
    return std::nullopt;
}

Expected<void> NoEnvironment::change(const EnvironmentChanges& changes) {
    std::string names;
    for (const auto& [name, value] : changes)
        if (!value.empty()) names += (names.empty() ? "" : ", ") + name;
    if (!names.empty())
        log_.info("no boot environment here: " + names +
                  " not stored, the boot loader will not come back to the rescue system by itself");
    return {};
}

}  // namespace mox::boot
