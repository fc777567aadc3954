#include "board/blink_end.hpp"

namespace mox::board {

bool BlinkEnd::reached(bool lit, Clock::time_point at) {
    if (at >= latest_) return true;
    if (lit) {
        lit_at_ = at;
        return false;
    }
    const bool went_dark_now = lit_at_ && at - *lit_at_ <= fresh;
    lit_at_.reset();
    return went_dark_now && at >= earliest_;
}

}  // namespace mox::board
