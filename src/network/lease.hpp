#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "network/ipv4.hpp"

namespace mox::network {

/// The checked values of a DHCP lease. Other options of the server (boot files, host and domain names, search
/// domains, routes, time servers) are not read.
struct Lease {
    Ipv4Interface interface;
    /// The first router that `interface` reaches; else the first one, which is then on the link too: some
    /// providers give addresses as /32 or with a router in another subnet.
    std::optional<Ipv4Address> router;
    std::vector<Ipv4Address> name_servers;  ///< at most three, none twice
    std::optional<std::chrono::seconds> duration;

    bool operator==(const Lease&) const = default;
};

/// The variables of a lease in udhcpc's environment (busybox, networking/udhcp/dhcpc.c).
using LeaseVariables = std::map<std::string, std::string, std::less<>>;

/// Checks each value, because the server is not trusted. Errors (`network`): the address or the netmask is
/// missing or not valid. Other values that are not valid are dropped.
[[nodiscard]] Expected<Lease> parse_lease(const LeaseVariables& variables);

/// "10.0.0.17/24, router 10.0.0.1, name servers 10.0.0.1, for 2 min 00 s"
[[nodiscard]] std::string to_text(const Lease& lease);

// udhcpc runs a program at each event, with the values of the lease in its environment. This program is the
// lease hook: it sends the values that parse_lease reads as one message, and makes no decisions.

enum class LeaseStep {
    deconfig,  ///< no lease: at the start, and when a lease has expired
    bound,     ///< a new lease
    renew,     ///< the same or another lease
    nak,       ///< the server has revoked the lease
    leasefail  ///< no server has answered
};

struct LeaseEvent {
    LeaseStep step = LeaseStep::deconfig;
    LeaseVariables variables;
};

/// The longest message; longer values of a server are cut.
inline constexpr std::size_t longest_lease_message = 4096;

/// The message about `step` (udhcpc's word, the hook's first argument): the step and the variables that
/// parse_lease reads. `variable` returns a variable of the environment, or a null pointer. Empty for an
/// unknown step.
[[nodiscard]] std::string lease_message(std::string_view step,
                                        const std::function<const char*(const char*)>& variable);

/// Errors (`internal`): not a message of the lease hook.
[[nodiscard]] Expected<LeaseEvent> parse_lease_message(std::string_view message);

}  // namespace mox::network
