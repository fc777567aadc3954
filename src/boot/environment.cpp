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

}  // namespace mox::boot
