#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "boot/environment.hpp"

namespace mox::test_support {

/// A boot environment in memory that counts how often it was written.
class RememberedEnvironment final : public boot::Environment {
public:
    boot::Variables stored;
    int writes = 0;
    bool broken = false;  ///< nothing can be written

    [[nodiscard]] boot::Variables variables() const override { return stored; }

    [[nodiscard]] std::optional<std::string> get(std::string_view name) const override {
        const auto found = stored.find(name);
        return found == stored.end() ? std::nullopt : std::optional(found->second);
    }

    [[nodiscard]] Expected<void> change(const boot::EnvironmentChanges& changes) override {
        if (broken) return fail(ErrorKind::internal, "cannot write the boot environment");
        auto after = stored;
        for (const auto& [name, value] : changes) {
            if (value.empty())
                after.erase(name);
            else
                after[name] = value;
        }
        if (after != stored) ++writes;
        stored = std::move(after);
        return {};
    }
};

}  // namespace mox::test_support
