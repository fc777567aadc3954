#include "board/led_rhythm.hpp"

#include <algorithm>
#include <cstdio>

namespace mox::board_test {

using namespace std::chrono_literals;
using Seconds = std::chrono::duration<double>;

namespace {

/// Whose length is nearest to `length`, among those that are lit or dark.
enum class Light { lit, dark };
struct Kind {
    const char* name;
    Light light;
    std::chrono::milliseconds nominal;
};
// 0.2 s of darkness after the last blink, and the 0.5 s at the end of an announcement, are one.
constexpr Kind kinds[] = {
    {"blink", Light::lit, 200ms},
    {"slow blink", Light::lit, 500ms},
    {"done", Light::lit, 1000ms},
    {"pause", Light::lit, 3000ms},
    {"gap", Light::dark, 200ms},
    {"darkness before", Light::dark, 500ms},
    {"darkness after", Light::dark, 700ms},
};
constexpr std::size_t unknown = std::size(kinds);
/// Further away from every nominal length than this it is none of them.
constexpr double recognised = 0.25;

std::size_t kind_of(Light light, Seconds length) {
    auto best = unknown;
    auto best_deviation = recognised;
    for (std::size_t i = 0; i < std::size(kinds); ++i) {
        if (kinds[i].light != light) continue;
        const auto deviation = std::abs(length / Seconds(kinds[i].nominal) - 1);
        if (deviation >= best_deviation) continue;
        best = i;
        best_deviation = deviation;
    }
    return best;
}

bool button_moved(virtual_mox::ButtonHistory& button, Clock::time_point from, Clock::time_point until) {
    for (auto at = button.begin(); at < button.end(); ++at)
        if (button[at].board_clock >= from && button[at].board_clock <= until) return true;
    return false;
}

}  // namespace

std::vector<RhythmPart> measure_rhythm(virtual_mox::LedHistory& led, virtual_mox::ButtonHistory& button,
                                       Clock::time_point from, Clock::time_point until) {
    std::vector<RhythmPart> parts;
    for (const auto& kind : kinds) parts.push_back({kind.name, kind.nominal, {}});
    parts.push_back({"unknown", 0ms, {}});
    for (auto at = led.begin(); at + 1 < led.end(); ++at) {
        const auto& edge = led[at];
        const auto& next = led[at + 1];
        if (edge.board_clock < from || next.board_clock > until ||
            button_moved(button, edge.board_clock, next.board_clock))
            continue;
        const Seconds length = next.board_time - edge.board_time;
        parts[kind_of(edge.lit ? Light::lit : Light::dark, length)].measured.push_back(length);
    }
    return parts;
}

Seconds median(RhythmPart part) {
    const auto middle = part.measured.begin() + static_cast<std::ptrdiff_t>(part.measured.size() / 2);
    std::ranges::nth_element(part.measured, middle);
    return *middle;
}

std::string to_text(const RhythmPart& part) {
    if (part.measured.empty()) return part.name + ": never";
    const auto [shortest, longest] = std::ranges::minmax(part.measured);
    char text[100];
    static_cast<void>(std::snprintf(text, sizeof text, "%-16s %.1f s: %.3f s to %.3f s, %zu times",
                                    part.name.c_str(), Seconds(part.nominal).count(), shortest.count(),
                                    longest.count(), part.measured.size()));
    return text;
}

}  // namespace mox::board_test
