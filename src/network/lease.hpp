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

/// What a DHCP server has lent us, as far as we believe it. Nothing else that servers like to send (boot
/// files, host and domain names, search domains, routes, time servers) is ever looked at.
struct Lease {
    Ipv4Interface interface;
    /// The first one that `interface` reaches; else the first one, which is then on the link all the same:
    /// providers lend addresses as /32 or with a router in another subnet.
    std::optional<Ipv4Address> router;
    std::vector<Ipv4Address> name_servers;  ///< at most three, none twice
    std::optional<std::chrono::seconds> duration;

    bool operator==(const Lease&) const = default;
};

/// Variables by which udhcpc tells of a lease (busybox, networking/udhcp/dhcpc.c).
using LeaseVariables = std::map<std::string, std::string, std::less<>>;

/// Checks every value before it is used; the server is a stranger. Errors (`network`): no address, one that
/// no host may have, no netmask or one that makes no sense. Values that we can do without are dropped.
[[nodiscard]] Expected<Lease> parse_lease(const LeaseVariables& variables);

/// "10.0.0.17/24, router 10.0.0.1, name servers 10.0.0.1, for 2 min 00 s"
[[nodiscard]] std::string to_text(const Lease& lease);

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
