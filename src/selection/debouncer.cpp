#include "selection/debouncer.hpp"

namespace mox::selection {

bool Debouncer::press(Clock::time_point at) {
    if (down_) return false;
    down_ = true;
    return !released_at_ || at - *released_at_ >= debounce_;
}

void Debouncer::release(Clock::time_point at) {
    if (down_) released_at_ = at;
    down_ = false;
}

}  // namespace mox::selection
