#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace mox {

/// The kind of an error. The value is the LED code (how often the LED blinks) and the exit status of every
/// program.
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

/// What the user can do about an error: lower case, no full stop at the end, e.g. "use a larger card".
struct Hint {
    std::string text;
};

/// An error. The kind sets exit status and LED code; the message says what failed, where and why; the hint
/// says what to do.
///
/// Each caller may add its context. headline() prints the outermost context first: "USB drive SanDisk (sda1,
/// FAT32): mox-medkit-latest.tar.gz: signature does not match ...".
class Error {
public:
    /// `reason` is the error number (errno) of the system call that failed; 0: no system call failed.
    Error(ErrorKind kind, std::string message, int reason = 0);
    Error(ErrorKind kind, std::string message, Hint hint);

    [[nodiscard]] ErrorKind kind() const { return kind_; }

    /// The error number (errno) of the system call that failed, for decisions; 0: no system call failed.
    [[nodiscard]] int reason() const { return reason_; }

    /// The innermost message, without context.
    [[nodiscard]] const std::string& message() const { return message_; }

    /// What to do; empty: nothing is known to help.
    [[nodiscard]] const std::string& hint() const { return hint_; }

    /// All contexts and the message, joined by ": ". A program prints it and then the hint, each on a line of
    /// its own.
    [[nodiscard]] std::string headline() const;

    /// Headline and hint as one line, for a log or as a part of another message: "HEADLINE; HINT".
    [[nodiscard]] std::string describe() const;

    /// The same error with one more context.
    [[nodiscard]] Error with_context(std::string_view context) &&;

    /// The same error with `hint`, unless it has one: who found the error knows best what helps.
    [[nodiscard]] Error with_hint(Hint hint) &&;

    /// The same error with `hint` in place of the one that it has: more is known now.
    [[nodiscard]] Error replace_hint(Hint hint) &&;

    /// The same error with another kind: a read error on a stick is not of the same kind as one on the card.
    [[nodiscard]] Error as(ErrorKind kind) &&;

private:
    ErrorKind kind_;
    int reason_;
    std::string message_;
    std::string hint_{};
    std::vector<std::string> contexts_{};
};

template <typename T>
using Expected = std::expected<T, Error>;

/// Returns a new error as the result of a function.
[[nodiscard]] std::unexpected<Error> fail(ErrorKind kind, std::string message, Hint hint = {});

/// Returns an error for `errno`: "WHAT: No space left on device". Error::reason() keeps the number. Call it
/// before another call can change `errno`, or pass the number.
[[nodiscard]] std::unexpected<Error> fail_errno(ErrorKind kind, std::string_view what);
[[nodiscard]] std::unexpected<Error> fail_errno(ErrorKind kind, std::string_view what, int number,
                                                Hint hint = {});

/// Returns the error of `failed`, with context if given. Precondition: `!failed`.
template <typename T>
[[nodiscard]] std::unexpected<Error> pass_on(Expected<T>&& failed, std::string_view context = {}) {
    if (context.empty()) return std::unexpected(std::move(failed).error());
    return std::unexpected(std::move(failed).error().with_context(context));
}

template <typename T>
[[nodiscard]] std::unexpected<Error> pass_on(Expected<T>& failed, std::string_view context = {}) {
    return pass_on(std::move(failed), context);
}

namespace detail {

/// What TRY returns: only the error, of any type.
template <typename T, typename E>
[[nodiscard]] std::unexpected<E> passed_on(std::expected<T, E>&& failed) {
    return std::unexpected(std::move(failed).error());
}

template <typename T>
[[nodiscard]] std::unexpected<Error> passed_on(Expected<T>&& failed, std::string_view context) {
    return pass_on(std::move(failed), context);
}

/// What TRY yields. Precondition: `done` has a value.
template <typename T, typename E>
T value_of(std::expected<T, E>&& done) {
    if constexpr (!std::is_void_v<T>) return *std::move(done);
}

}  // namespace detail

}  // namespace mox

/// TRY(expression) or TRY(expression, context): the value of a std::expected. If it is an error, the function
/// returns that error, with the context if given (only then is the context evaluated; for Error alone).
///
///     auto file = TRY(open_file(path), "the medkit");
///     TRY(file.sync());
///
/// The value is moved out of the expression: it lives as long as the variable that it initialises, or to the
/// end of the statement. Restrictions (GCC 12):
/// - In a coroutine use CO_TRY, without `co_await` inside (internal compiler error).
/// - Not between the braces of an aggregate: on an error the members before it would not be destroyed.
/// - Put an expression with a comma outside of parentheses in parentheses: TRY((f<A, B>())).
#define TRY(...) MOX_TRY(return, MOX_TRY_NAME(try_result_, __COUNTER__), __VA_ARGS__)

/// The same in a coroutine: it co_returns the error.
///
///     auto done = co_await send(request);
///     CO_TRY(std::move(done));
#define CO_TRY(...) MOX_TRY(co_return, MOX_TRY_NAME(try_result_, __COUNTER__), __VA_ARGS__)

#define MOX_TRY(leave, result, expression, ...)                                                    \
    __extension__({                                                                                \
        auto result = (expression);                                                                \
        if (!result) leave ::mox::detail::passed_on(std::move(result) __VA_OPT__(, ) __VA_ARGS__); \
        ::mox::detail::value_of(std::move(result));                                                \
    })
#define MOX_TRY_NAME(prefix, number) MOX_TRY_JOINED(prefix, number)
#define MOX_TRY_JOINED(prefix, number) prefix##number
