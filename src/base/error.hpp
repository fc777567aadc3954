#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace mox {

/// What went wrong, as the person with one LED sees it: the value is the LED code (how often it blinks)
/// and the exit status of every program.
enum class ErrorKind {
    network = 1,   ///< no cable, no lease, no answer
    medkit = 2,    ///< no medkit, or none that may be used
    card = 3,      ///< the card cannot be read, written, partitioned or formatted
    snapshot = 4,  ///< no such snapshot, or it is damaged
    internal = 5,  ///< everything else: a bug, a missing tool, no memory
};

/// Number of blinks that shows `kind`; 1 to 5.
[[nodiscard]] constexpr int led_code(ErrorKind kind) {
    return static_cast<int>(kind);
}

/// One word for logs and JSON, e.g. "medkit".
[[nodiscard]] std::string_view name_of(ErrorKind kind);

/// What went wrong. The kind picks exit status and LED code; the text says what, where, why, what to do.
///
/// Context is added on the way up, outermost first when described:
/// "USB drive SanDisk (sda1, FAT32): mox-medkit-latest.tar.gz: signature does not match ...".
class Error {
public:
    /// `reason` is the error number (errno) of the system call that failed; 0: none did.
    Error(ErrorKind kind, std::string message, int reason = 0);

    [[nodiscard]] ErrorKind kind() const { return kind_; }

    /// The error number (errno) of the system call that failed, for decisions; 0: none did.
    [[nodiscard]] int reason() const { return reason_; }

    /// The innermost message, without context.
    [[nodiscard]] const std::string& message() const { return message_; }

    /// All contexts and the message, joined by ": ".
    [[nodiscard]] std::string describe() const;

    /// The same error, seen from one level further out.
    [[nodiscard]] Error with_context(std::string_view context) &&;

    /// The same error of another kind: a read error matters differently on a stick and on the card.
    [[nodiscard]] Error as(ErrorKind kind) &&;

private:
    ErrorKind kind_;
    int reason_;
    std::string message_;
    std::vector<std::string> contexts_;
};

template <typename T>
using Expected = std::expected<T, Error>;

/// Shorthand for a new error as the result of a function.
[[nodiscard]] std::unexpected<Error> fail(ErrorKind kind, std::string message);

/// An error that a system call left in `errno`: "WHAT: No space left on device". Error::reason() keeps it.
/// Call it before anything else can change `errno`, or pass the number.
[[nodiscard]] std::unexpected<Error> fail_errno(ErrorKind kind, std::string_view what);
[[nodiscard]] std::unexpected<Error> fail_errno(ErrorKind kind, std::string_view what, int number);

/// Hands the error of `failed` up, with context if given. Precondition: `!failed`.
template <typename T>
[[nodiscard]] std::unexpected<Error> pass_on(Expected<T>&& failed, std::string_view context = {}) {
    if (context.empty()) return std::unexpected(std::move(failed).error());
    return std::unexpected(std::move(failed).error().with_context(context));
}

template <typename T>
[[nodiscard]] std::unexpected<Error> pass_on(Expected<T>& failed, std::string_view context = {}) {
    return pass_on(std::move(failed), context);
}

}  // namespace mox
