#pragma once

#include <expected>
#include <string>
#include <utility>

#include "base/error.hpp"

namespace mox::remote {

/// Why something with a server failed. The message tells a user, this tells the program what to do next.
enum class Cause {
    unreachable,   ///< no connection, or it broke off: another try may succeed
    refused,       ///< the server does not let us: password, host key, certificate, permissions
    missing,       ///< no such file or directory
    exists,        ///< a file of that name is there already
    full,          ///< the server has no space left
    wrong_answer,  ///< what the server has or says is not what was sent, or makes no sense
    local,         ///< the reason is on this side: packing, reading, writing; or a signal
};

struct Failure {
    Cause cause = Cause::local;
    Error error;
};

template <typename T>
using Result = std::expected<T, Failure>;

[[nodiscard]] inline std::unexpected<Failure> failed(Cause cause, Error error) {
    return std::unexpected(Failure{cause, std::move(error)});
}

/// An error of this side as a failure.
template <typename T>
[[nodiscard]] Result<T> locally(Expected<T>&& done) {
    if (done) return std::move(done).value();
    return failed(Cause::local, std::move(done).error());
}
template <>
[[nodiscard]] inline Result<void> locally(Expected<void>&& done) {
    if (done) return {};
    return failed(Cause::local, std::move(done).error());
}

}  // namespace mox::remote
