#include "base/error.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

namespace mox {

std::string_view name_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::network:
            return "network";
        case ErrorKind::medkit:
            return "medkit";
        case ErrorKind::card:
            return "card";
        case ErrorKind::snapshot:
            return "snapshot";
        case ErrorKind::internal:
            return "internal";
    }
    std::unreachable();
}

Error::Error(ErrorKind kind, std::string message, int reason)
    : kind_(kind), reason_(reason), message_(std::move(message)) {}

Error::Error(ErrorKind kind, std::string message, Hint hint)
    : kind_(kind), reason_(0), message_(std::move(message)), hint_(std::move(hint.text)) {}

std::string Error::headline() const {
    std::string text;
    for (auto context = contexts_.rbegin(); context != contexts_.rend(); ++context) text += *context + ": ";
    return text + message_;
}

std::string Error::describe() const {
    return hint_.empty() ? headline() : headline() + "; " + hint_;
}

Error Error::with_context(std::string_view context) && {
    contexts_.emplace_back(context);
    return std::move(*this);
}

Error Error::with_hint(Hint hint) && {
    if (hint_.empty()) hint_ = std::move(hint.text);
    return std::move(*this);
}

Error Error::replace_hint(Hint hint) && {
    hint_ = std::move(hint.text);
    return std::move(*this);
}

Error Error::as(ErrorKind kind) && {
    kind_ = kind;
    return std::move(*this);
}

std::unexpected<Error> fail(ErrorKind kind, std::string message, Hint hint) {
    return std::unexpected(Error(kind, std::move(message), std::move(hint)));
}

std::unexpected<Error> fail_errno(ErrorKind kind, std::string_view what) {
    return fail_errno(kind, what, errno);
}

std::unexpected<Error> fail_errno(ErrorKind kind, std::string_view what, int number, Hint hint) {
    return std::unexpected(
        Error(kind, std::string(what) + ": " + std::generic_category().message(number), number)
            .with_hint(std::move(hint)));
}

}  // namespace mox
