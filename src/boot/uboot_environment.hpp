#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "boot/environment.hpp"

namespace mox::boot {

/// U-Boot's environment through libubootenv: on flash (/dev/mtdN) or in a plain file.
class UbootEnvironment final : public Environment {
public:
    /// Reads the environment. `config` is a file in the format of /etc/fw_env.config: device, offset, size
    /// and sector size.
    ///
    /// Errors (`internal`): no such file or device, or the environment's checksum is wrong. Then U-Boot runs
    /// on its built-in defaults, and writing a few variables over them would leave it without the rest:
    /// nothing is repaired here.
    [[nodiscard]] static Expected<UbootEnvironment> open(const std::filesystem::path& config);

    [[nodiscard]] Variables variables() const override { return variables_; }
    [[nodiscard]] std::optional<std::string> get(std::string_view name) const override;
    [[nodiscard]] Expected<void> change(const EnvironmentChanges& changes) override;

private:
    UbootEnvironment(std::filesystem::path config, Variables variables)
        : config_(std::move(config)), variables_(std::move(variables)) {}

    std::filesystem::path config_;
    Variables variables_;  ///< as last read or written: the library's lock is not held in between
};

}  // namespace mox::boot
