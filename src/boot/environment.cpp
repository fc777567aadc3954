#include "boot/environment.hpp"

namespace mox::boot {

EnvironmentChanges changes_between(const Variables& present, const Variables& wanted) {
    EnvironmentChanges changes;
    for (const auto& [name, value] : present)
        if (!wanted.contains(name)) changes[name] = "";
    for (const auto& [name, value] : wanted) {
        const auto found = present.find(name);
        if (found == present.end() || found->second != value) changes[name] = value;
    }
    return changes;
}

std::optional<std::string> NoEnvironment::get(std::string_view /*name*/) const {
    return std::nullopt;
}

Expected<void> NoEnvironment::change(const EnvironmentChanges& changes) {
    if (log_ == nullptr) return {};
    std::string names;
    for (const auto& [name, value] : changes)
        if (!value.empty()) names += (names.empty() ? "" : ", ") + name;
    if (!names.empty())
        log_->info("no boot environment here: " + names +
                   " not stored, the boot loader will not come back to the rescue system by itself");
    return {};
}

}  // namespace mox::boot
