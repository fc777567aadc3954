#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace mox::network {

/// "bytes 100-199/1234" (RFC 9110, 14.4): the part of the file that a reply contains.
struct ContentRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::optional<std::uint64_t> whole;  ///< nullopt for "*"

    bool operator==(const ContentRange&) const = default;
};

/// nullopt when the text has another form, or its numbers contradict each other.
[[nodiscard]] std::optional<ContentRange> parse_content_range(std::string_view text);

/// The parts of the head of an HTTP reply that a download needs.
struct HttpReply {
    int status = 0;
    std::optional<std::uint64_t> length{};  ///< of the body
    std::optional<ContentRange> range{};
    /// Identifies this version of the file: a strong entity tag, else the date of the last change; empty:
    /// neither.
    std::string validator{};

    bool operator==(const HttpReply&) const = default;
};

/// Reads the head of a reply line by line. A status line begins the next reply: redirections and interim
/// replies come before the final one. Lines of another form are ignored.
class HttpReplyReader {
public:
    /// With or without its line break.
    void line(std::string_view text);

    [[nodiscard]] const HttpReply& reply() const { return reply_; }

private:
    HttpReply reply_;
    bool have_entity_tag_ = false;
};

/// A part of a download: the bytes from 0 to `have` are stored.
struct PartialDownload {
    std::uint64_t have = 0;
    std::optional<std::uint64_t> whole{};  ///< size of the whole file; nullopt: not known yet
    std::string validator{};               ///< of the version that the bytes belong to

    bool operator==(const PartialDownload&) const = default;

    /// Whether a request for the rest is possible. Without a validator it could be the rest of another
    /// version.
    [[nodiscard]] bool can_go_on() const { return have > 0 && !validator.empty(); }
};

/// Returns the state of the download when the body of `reply` begins: continued, or from the start because
/// the server sends the whole file. `asked_for_rest`: the request named a range. Errors (`network`): the
/// reply does not answer the request; the stored part cannot be used then.
[[nodiscard]] Expected<PartialDownload> before_body_of(const HttpReply& reply, PartialDownload partial,
                                                       bool asked_for_rest);

}  // namespace mox::network
