#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace mox::network {

/// "bytes 100-199/1234" (RFC 9110, 14.4): which part of the whole a reply holds.
struct ContentRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::optional<std::uint64_t> whole;  ///< nothing for "*"

    bool operator==(const ContentRange&) const = default;
};

/// Nothing when it is anything else, or contradicts itself.
[[nodiscard]] std::optional<ContentRange> parse_content_range(std::string_view text);

/// What the head of an HTTP reply says, as far as a download needs it.
struct HttpReply {
    int status = 0;
    std::optional<std::uint64_t> length{};  ///< of the body
    std::optional<ContentRange> range{};
    /// Tells this version of the file from others: a strong entity tag, else the date of the last change.
    /// Empty: nothing does.
    std::string validator{};

    bool operator==(const HttpReply&) const = default;
};

/// Reads the head of a reply line by line. A status line begins the next reply: redirections and interim
/// replies come before the one that counts. Lines that make no sense are passed over.
class HttpReplyReader {
public:
    /// With or without its line break.
    void line(std::string_view text);

    [[nodiscard]] const HttpReply& reply() const { return reply_; }

private:
    HttpReply reply_;
    bool have_entity_tag_ = false;
};

/// A download that has come some way: the bytes from 0 to `have` are there.
struct PartialDownload {
    std::uint64_t have = 0;
    std::optional<std::uint64_t> whole{};  ///< size of the whole file, once a server has told
    std::string validator{};               ///< of the version that the bytes belong to

    bool operator==(const PartialDownload&) const = default;

    /// Whether the rest alone may be asked for. Without a validator it might be the rest of another version.
    [[nodiscard]] bool can_go_on() const { return have > 0 && !validator.empty(); }
};

/// How the download stands when the body of `reply` begins: going on, or from the start because the server
/// sends the whole file. `asked_for_rest`: the request named a range. Errors (`network`): a reply that is no
/// answer to that request; what is there is of no use then.
[[nodiscard]] Expected<PartialDownload> before_body_of(const HttpReply& reply, PartialDownload partial,
                                                       bool asked_for_rest);

}  // namespace mox::network
