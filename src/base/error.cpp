#include "base/error.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/full_storage.hpp"
#include "base/message_text.hpp"

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
    : kind_(kind), reason_(reason), message_(readable_text(std::move(message), reason)) {}

Error::Error(ErrorKind kind, std::string message, Hint hint)
    : kind_(kind),
      reason_(0),
      message_(readable_text(std::move(message))),
      hint_(readable_text(std::move(hint.text))) {}

std::string Error::headline() const {
    std::string text;
    for (auto context = contexts_.rbegin(); context != contexts_.rend(); ++context) text += *context + ": ";
    return text + message_;
}

std::string Error::describe() const {
    return hint_.empty() ? headline() : headline() + "; " + hint_;
}

Error Error::with_context(std::string_view context) && {
    contexts_.push_back(readable_text(std::string(context), reason_));
    return std::move(*this);
}

Error Error::with_hint(Hint hint) && {
    if (hint_.empty()) hint_ = readable_text(std::move(hint.text));
    return std::move(*this);
}

Error Error::replace_hint(Hint hint) && {
    hint_ = readable_text(std::move(hint.text));
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
    if (is_out_of_space(number) && hint.text.empty()) hint = space_hint_for(kind, what, number);
    return std::unexpected(
        Error(kind, std::string(what) + ": " + std::generic_category().message(number), number)
            .with_hint(std::move(hint)));
}

}  // namespace mox
