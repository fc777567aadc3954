#include "network/retry.hpp"

#include <algorithm>

namespace mox::network {

std::optional<std::chrono::milliseconds> Retries::after_failure(Bytes gained) {
    if (gained >= rules_.worth_while) failures_in_a_row_ = 0;
    ++failures_in_a_row_;
    if (failures_in_a_row_ >= rules_.tries) return std::nullopt;
    auto pause = rules_.first_pause;
    for (int i = 1; i < failures_in_a_row_ && pause < rules_.longest_pause; ++i) pause *= 2;
    return std::min(pause, rules_.longest_pause);
}

}  // namespace mox::network
