#pragma once

#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace mox::button {

/// Whether a shell script of /etc/hotplug.d/button may act on one of the buttons `names`: outside of comments
/// it contains one of the names, or a program that reboots, resets or configures the router. False for a
/// script that only logs, or is for another button. Pure.
[[nodiscard]] bool acts_on_button(std::string_view script, std::span<const std::string_view> names);

/// The scripts that procd runs for uevents of the buttons `names`, and that would also act on a press:
/// executable files /etc/rc.button/NAME with an effect, and files of /etc/hotplug.d/button for which
/// acts_on_button() is true. Sorted. A file that cannot be read is included.
[[nodiscard]] std::vector<std::filesystem::path> find_hotplug_scripts(
    const std::filesystem::path& root, std::span<const std::string_view> names);

}  // namespace mox::button
