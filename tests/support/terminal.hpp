#pragma once

#include <string>
#include <string_view>

#include "base/unique_fd.hpp"

namespace mox::test_support {

/// A pseudo terminal that the test sits at: what a serial console is to the router. Throws on failure.
class Terminal {
public:
    Terminal();

    /// For the program that runs on it: "/dev/pts/3".
    [[nodiscard]] std::string name() const;

    void type(std::string_view text) const;

    /// What it shows from now on until `last` has been shown, or for ten seconds.
    [[nodiscard]] std::string screen_until(std::string_view last) const;

private:
    UniqueFd keyboard_;
    UniqueFd open_;  ///< so that it is not hung up before the program has opened it
};

}  // namespace mox::test_support
