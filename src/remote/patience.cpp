#include "remote/patience.hpp"

#include <algorithm>
#include <thread>

#include "base/interruption.hpp"
#include "base/units.hpp"

namespace mox::remote {

Result<void> Patience::before_next_try(network::Retries& retries, const Failure& last, Bytes gained) const {
    const auto pause = retries.after_failure(gained);
    if (!pause) return std::unexpected(last);
    if (say) say(last.error.describe() + "; trying again in " + to_text(std::chrono::nanoseconds(*pause)));
    // A signal is seen after this long.
    constexpr std::chrono::milliseconds at_once{100};
    for (const auto end = Clock::now() + *pause; Clock::now() < end;) {
        TRY(locally(fail_if_stopped()));
        std::this_thread::sleep_for(std::min<Clock::duration>(at_once, end - Clock::now()));
    }
    return locally(fail_if_stopped());
}

}  // namespace mox::remote
