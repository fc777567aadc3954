#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/log.hpp"

namespace mox::boot {

/// The whole environment. Empty: none is stored, and the boot loader uses its built-in defaults.
using Variables = std::map<std::string, std::string, std::less<>>;

/// Values to set; an empty value removes the variable.
using EnvironmentChanges = std::map<std::string, std::string>;

/// The changes that turn `present` into `wanted`. Pure.
[[nodiscard]] EnvironmentChanges changes_between(const Variables& present, const Variables& wanted);

/// The boot loader's environment. Implementations: libubootenv (uboot_environment.hpp) for a board, and
/// NoEnvironment for `mox-rescue run` on a PC.
class Environment {
public:
    virtual ~Environment() = default;

    [[nodiscard]] virtual Variables variables() const = 0;

    [[nodiscard]] virtual std::optional<std::string> get(std::string_view name) const = 0;

    /// Writes all changes at once; does not write when there is no change. When no variable is left, the
    /// stored environment is erased. Errors: `internal`.
    [[nodiscard]] virtual Expected<void> change(const EnvironmentChanges& changes) = 0;
};

/// The boot environment of a machine that has none, or none that can be read. It is empty and stores no
/// change, because no boot loader would use it.
class NoEnvironment final : public Environment {
public:
    /// Of a machine that should have one: each change is logged.
    explicit NoEnvironment(Log& log) : log_(&log) {}
    /// Of a machine without such a boot loader, as a PC: changes are dropped without a message.
    NoEnvironment() = default;

    [[nodiscard]] Variables variables() const override { return {}; }
    [[nodiscard]] std::optional<std::string> get(std::string_view name) const override;
    [[nodiscard]] Expected<void> change(const EnvironmentChanges& changes) override;

private:
    Log* log_ = nullptr;
};

}  // namespace mox::boot
