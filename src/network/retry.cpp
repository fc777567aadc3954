#include "network/retry.hpp"

#include <curl/curl.h>

#include <algorithm>

namespace mox::network {

std::optional<std::chrono::milliseconds> Retries::after_failure(Bytes gained) {
    if (gained >= rules_.worth_while) failures_in_a_row_ = 0;
    ++failures_in_a_row_;
    if (failures_in_a_row_ >= rules_.tries) return std::nullopt;
    auto pause = rules_.first_pause;
    for (int i = 1; i < failures_in_a_row_ && pause < rules_.longest_pause; ++i) pause *= 2;
    return std::min(pause, rules_.longest_pause);
}

namespace {

/// Texts of servers and libraries may contain any bytes.
std::string shown(std::string_view detail) {
    std::string text(detail.substr(0, 200));
    std::ranges::replace_if(text, [](char letter) { return letter < ' ' || letter > '~'; }, '?');
    return text;
}

FailureMeaning meaning(TransferEnd end, std::string message, std::string_view detail = {}, Hint hint = {}) {
    if (!detail.empty()) message += " (" + shown(detail) + ")";
    return {end, std::move(message), std::move(hint)};
}

}  // namespace

FailureMeaning meaning_of_curl_code(int code, std::string_view detail, std::string_view host) {
    using enum TransferEnd;
    const std::string server(host);
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
            return meaning(interrupted, "no name server knows " + server, detail,
                           {"check that the network at the cable is connected to the internet"});
        case CURLE_COULDNT_CONNECT:
            return meaning(interrupted, "no connection to " + server, detail);
        case CURLE_OPERATION_TIMEDOUT:
            return meaning(interrupted, server + " is too slow or does not answer", detail);
        case CURLE_PARTIAL_FILE:
        case CURLE_GOT_NOTHING:
        case CURLE_RECV_ERROR:
        case CURLE_SEND_ERROR:
            return meaning(interrupted, "the connection to " + server + " broke off", detail);
        case CURLE_SSL_CONNECT_ERROR:
            return meaning(interrupted, server + " and this router have no common encryption", detail);
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_SSL_INVALIDCERTSTATUS:
            return meaning(distrusted, server + " cannot prove who it is", detail,
                           {"the clock may be wrong; " + std::string(captive_portal_hint)});
        case CURLE_UNSUPPORTED_PROTOCOL:
            return meaning(refused, server + " redirects to an address that is not https", detail,
                           {std::string(captive_portal_hint)});
        case CURLE_TOO_MANY_REDIRECTS:
            return meaning(refused, server + " redirects again and again", detail);
        case CURLE_ABORTED_BY_CALLBACK:
            return meaning(refused, "the download was stopped");
        case CURLE_OUT_OF_MEMORY:
            return meaning(refused, "no memory left for the download");
        default:
            return meaning(interrupted,
                           "downloading from " + server + " failed (curl " + std::to_string(code) + ")",
                           detail);
    }
}

FailureMeaning meaning_of_status(int status, std::string_view host) {
    using enum TransferEnd;
    const std::string server(host);
    const auto number = std::to_string(status);
    constexpr int login_required = 511;  // RFC 6585, 6
    constexpr int request_timeout = 408;
    constexpr int range_not_satisfiable = 416;
    constexpr int too_many_requests = 429;
    switch (status) {
        case 404:
        case 410:
            return {refused,
                    server + " has no such file (status " + number + ")",
                    {"see with a browser whether the file is there; mode 6 takes its directory from "
                     "rescue_url of the boot environment, if that is set"}};
        case 401:
        case 403:
            return {refused, server + " refuses the file (status " + number + ")"};
        case login_required:
            return {refused,
                    server + " is not reached (status " + number + ")",
                    {std::string(captive_portal_hint)}};
        case request_timeout:
        case range_not_satisfiable:
        case too_many_requests:
            return {interrupted, server + " answers with status " + number};
        default:
            if (status >= 500)
                return {interrupted, server + " has an internal error (status " + number + ")"};
            return {refused, server + " answers with status " + number + ", which is not a file"};
    }
}

}  // namespace mox::network
