#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "network/lease.hpp"

namespace mox::network {

// udhcpc runs a program at each turn of events and puts what it knows into that program's environment. Ours
// is the lease hook: it passes on what we want to know as one message, and decides nothing.

enum class LeaseStep {
    deconfig,  ///< no lease: at the start, and when one has run out
    bound,     ///< a lease
    renew,     ///< the same or another lease
    nak,       ///< the server has taken it back
    leasefail  ///< nobody has answered
};

struct LeaseEvent {
    LeaseStep step = LeaseStep::deconfig;
    LeaseVariables variables;
};

/// No message is longer; what a server sends beyond that is cut off.
inline constexpr std::size_t longest_lease_message = 4096;

/// The message about `step` (udhcpc's word, the hook's first argument): the step and the variables that
/// parse_lease reads. `variable` answers a variable of the environment, or a null pointer. Empty for a step
/// that we do not know.
[[nodiscard]] std::string lease_message(std::string_view step,
                                        const std::function<const char*(const char*)>& variable);

/// Errors (`internal`): not a message of the lease hook.
[[nodiscard]] Expected<LeaseEvent> parse_lease_message(std::string_view message);

}  // namespace mox::network
