#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace mox::boot {

/// The rescue modes; the value is the number that the LED blinks (user manual, "Triggering rescue mode").
enum class Mode {
    reboot = 1,
    rollback = 2,
    factory_reset = 3,
    reflash_from_drive = 4,
    unsecured_ssh = 5,
    flash_from_internet = 6,
    rescue_shell = 7,
};

inline constexpr int mode_count = 7;

[[nodiscard]] constexpr int number_of(Mode mode) {
    return static_cast<int>(mode);
}

/// nullopt when `number` is not 1 to 7.
[[nodiscard]] constexpr std::optional<Mode> mode_from_number(int number) {
    if (number < 1 || number > mode_count) return std::nullopt;
    return static_cast<Mode>(number);
}

/// The mode that a press selects next; after 7 comes 1.
[[nodiscard]] constexpr Mode next(Mode mode) {
    return static_cast<Mode>(number_of(mode) % mode_count + 1);
}

/// The title in the user manual, e.g. "re-flash router from flash drive/micro SD".
[[nodiscard]] constexpr std::string_view title_of(Mode mode) {
    constexpr std::array<std::string_view, mode_count> titles{
        "standard reboot",
        "rollback to latest snapshot",
        "rollback to factory reset",
        "re-flash router from flash drive/micro SD",
        "unsecured SSH on 192.168.1.1",
        "flash from the internet",
        "boot to rescue shell",
    };
    return titles.at(static_cast<std::size_t>(number_of(mode) - 1));
}

}  // namespace mox::boot
