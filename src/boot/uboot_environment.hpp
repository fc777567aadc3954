#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "boot/environment.hpp"
#include "boot/flash_partitions.hpp"

namespace mox::boot {

/// U-Boot's environment through libubootenv: on flash (/dev/mtdN) or in a plain file.
class UbootEnvironment final : public Environment {
public:
    /// Reads the environment. `config` is a file in the format of /etc/fw_env.config: device, offset, size,
    /// sector size.
    ///
    /// An environment that was never saved, or has a wrong checksum, has no variables: U-Boot uses its
    /// built-in defaults. The environment that `change` then writes replaces all of them. A `change` that
    /// removes the last variable erases the environment.
    ///
    /// Errors (`internal`): no such file or device.
    [[nodiscard]] static Expected<UbootEnvironment> open(const std::filesystem::path& config);

    /// The environment that fills a whole flash partition, as on the MOX: one copy. Errors: as above.
    [[nodiscard]] static Expected<UbootEnvironment> open(const FlashPartition& partition);

    [[nodiscard]] Variables variables() const override { return variables_; }
    [[nodiscard]] std::optional<std::string> get(std::string_view name) const override;
    [[nodiscard]] Expected<void> change(const EnvironmentChanges& changes) override;

private:
    /// Where libubootenv finds the environment.
    struct Place {
        std::string name;              ///< for messages
        std::filesystem::path config;  ///< a file in the format of /etc/fw_env.config
        UniqueFd generated;            ///< the file of `config`, if this program wrote it
    };

    UbootEnvironment(Place place, Variables variables)
        : place_(std::move(place)), variables_(std::move(variables)) {}

    [[nodiscard]] static Expected<UbootEnvironment> open_at(Place place);
    /// Erases the environment.
    [[nodiscard]] Expected<void> discard();

    Place place_;
    Variables variables_;  ///< as last read or written; the library's lock is not held in between
};

}  // namespace mox::boot
