#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/log.hpp"

namespace mox::boot {

/// The whole environment. Empty: none is stored, and the boot loader's built-in defaults are in force.
using Variables = std::map<std::string, std::string, std::less<>>;

/// Values to set; an empty value removes the variable.
using EnvironmentChanges = std::map<std::string, std::string>;

/// Pure: what to change so that `present` becomes `wanted`.
[[nodiscard]] EnvironmentChanges changes_between(const Variables& present, const Variables& wanted);

/// The boot loader's environment. Two implementations live: libubootenv (uboot_environment.hpp) for a board,
/// and none at all for `mox-rescue run` on a PC (environment.hpp).
class Environment {
public:
    virtual ~Environment() = default;

    [[nodiscard]] virtual Variables variables() const = 0;

    [[nodiscard]] virtual std::optional<std::string> get(std::string_view name) const = 0;

    /// Writes all changes at once; nothing is written when nothing changes. Without any variable left no
    /// environment is stored any more. Errors: `internal`.
    [[nodiscard]] virtual Expected<void> change(const EnvironmentChanges& changes) = 0;
};

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
