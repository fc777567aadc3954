#include "board/sysfs_led.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file.hpp"
#include "base/text.hpp"

namespace mox::board {

namespace {

/// Whether a LED is red, by its name: "mox:red:activity", "red:activity", "red", each perhaps with a number
/// that the kernel appended ("red:status_1").
bool is_red(std::string_view name) {
    const auto first = name.find(':');
    const auto last = name.rfind(':');
    if (first == std::string_view::npos) return name == "red";
    if (first == last) return name.substr(0, first) == "red";
    return name.substr(first + 1, last - first - 1) == "red";
}

/// Names of all LEDs, sorted.
std::vector<std::string> names_in(const std::filesystem::path& directory) {
    std::vector<std::string> names;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error))
        names.push_back(entry->path().filename());
    std::ranges::sort(names);
    return names;
}

/// The content of `max_brightness`; 1 when it is not a number.
std::string full_brightness(const std::filesystem::path& directory) {
    const auto text = read_small_file(directory / "max_brightness", ErrorKind::internal);
    const auto digits = text ? text->substr(0, text->find_first_not_of("0123456789")) : "";
    return digits.empty() ? "1" : digits;
}

}  // namespace

Expected<void> SysfsLed::set(bool lit) {
    if (!is_untriggered_) {
        // The kernel has lit it, by the device tree of a MOX. A change of the trigger would switch it off for
        // an instant.
        if (const auto before = state(); lit && before && before->trigger == "default-on") return {};
        TRY(write_existing_file(directory_ / "trigger", "none", ErrorKind::internal), "LED");
        is_untriggered_ = true;
    }
    TRY(write_existing_file(directory_ / "brightness", lit ? full_brightness(directory_) : "0",
                            ErrorKind::internal),
        "LED");
    return {};
}

Expected<void> SysfsLed::blink(std::chrono::milliseconds on, std::chrono::milliseconds off) {
    constexpr auto context = "LED cannot blink (does the kernel have the timer trigger?)";
    // The delay files appear with the trigger, so the order matters.
    is_untriggered_ = false;
    TRY(write_existing_file(directory_ / "trigger", "timer", ErrorKind::internal), context);
    const std::pair<const char*, std::string> delays[] = {
        {"delay_on", std::to_string(on.count())},
        {"delay_off", std::to_string(off.count())},
    };
    for (const auto& [file, value] : delays) {
        // Each write begins the rhythm anew with a change of the LED, which is visible as a flicker. The
        // kernel's own 500 ms need none.
        const auto before = read_small_file(directory_ / file, ErrorKind::internal);
        if (before && before->substr(0, before->find('\n')) == value) continue;
        TRY(write_existing_file(directory_ / file, value, ErrorKind::internal), context);
    }
    return {};
}

std::optional<bool> SysfsLed::is_lit() const {
    const auto brightness = read_small_file(directory_ / "brightness", ErrorKind::internal);
    if (!brightness || brightness->empty()) return std::nullopt;
    return brightness->substr(0, brightness->find('\n')) != "0";
}

Expected<LedState> SysfsLed::state() const {
    auto triggers = TRY(read_small_file(directory_ / "trigger", ErrorKind::internal), "LED");
    auto brightness = TRY(read_small_file(directory_ / "brightness", ErrorKind::internal), "LED");
    // All triggers that the kernel has, the active one in brackets: "none timer [heartbeat] default-on".
    const auto begin = triggers.find('[') + 1;
    return LedState{.trigger = triggers.substr(begin, triggers.find(']') - begin),
                    .brightness = brightness.substr(0, brightness.find('\n'))};
}

Expected<void> SysfsLed::restore(const LedState& state) {
    is_untriggered_ = false;
    TRY(write_existing_file(directory_ / "trigger", state.trigger, ErrorKind::internal), "LED");
    if (state.trigger != "none") return {};
    TRY(write_existing_file(directory_ / "brightness", state.brightness, ErrorKind::internal), "LED");
    return {};
}

Expected<SysfsLed> find_led(const Description& board, const std::filesystem::path& sysfs) {
    const auto directory = sysfs / "class" / "leds";
    const auto names = names_in(directory);
    for (const auto& name : board.led_names)
        if (std::ranges::binary_search(names, name)) return SysfsLed(directory / name);

    std::vector<std::string> red;
    std::ranges::copy_if(names, std::back_inserter(red), is_red);
    if (red.size() == 1) return SysfsLed(directory / red.front());

    const auto wanted = "none of the LEDs of " + board.name + " (" + joined(board.led_names, ", ") +
                        ") is in " + directory.native();
    if (names.empty()) return fail(ErrorKind::internal, wanted + ", nor any other");
    return fail(ErrorKind::internal,
                wanted + ", and not exactly one red LED; there are: " + joined(names, ", "));
}

}  // namespace mox::board
