#include "remote/patience.hpp"

#include <chrono>

#include "base/interruption.hpp"
#include "base/units.hpp"

namespace mox::remote {

Result<void> Patience::before_next_try(network::Retries& retries, const Failure& last, Bytes gained) const {
    const auto pause = retries.after_failure(gained);
    if (!pause) return std::unexpected(last);
    if (say) say(last.error.describe() + "; trying again in " + to_text(std::chrono::nanoseconds(*pause)));
    return locally(pause_unless_stopped(*pause));
}

}  // namespace mox::remote
