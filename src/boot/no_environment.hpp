#pragma once

#include "base/log.hpp"
#include "boot/environment.hpp"

namespace mox::boot {

/// The boot environment of a machine that has none, or none that can be read. It is empty. Changes are
/// forgotten, and the log says so each time: no boot loader will act on them.
class NoEnvironment final : public Environment {
public:
    explicit NoEnvironment(Log& log) : log_(log) {}

    [[nodiscard]] Variables variables() const override { return {}; }
    [[nodiscard]] std::optional<std::string> get(std::string_view name) const override;
    [[nodiscard]] Expected<void> change(const EnvironmentChanges& changes) override;

private:
    Log& log_;
};

}  // namespace mox::boot
