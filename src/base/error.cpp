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

std::string Error::describe() const {
    std::string text;
    for (auto context = contexts_.rbegin(); context != contexts_.rend(); ++context) text += *context + ": ";
    return text + message_;
}

Error Error::with_context(std::string_view context) && {
    contexts_.emplace_back(context);
    return std::move(*this);
}

Error Error::as(ErrorKind kind) && {
    kind_ = kind;
    return std::move(*this);
}

std::unexpected<Error> fail(ErrorKind kind, std::string message) {
    return std::unexpected(Error(kind, std::move(message)));
}

std::unexpected<Error> fail_errno(ErrorKind kind, std::string_view what) {
    return fail_errno(kind, what, errno);
}

std::unexpected<Error> fail_errno(ErrorKind kind, std::string_view what, int number) {
    return std::unexpected(
        Error(kind, std::string(what) + ": " + std::generic_category().message(number), number));
}

}  // namespace mox
