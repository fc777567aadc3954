#include "remote/http_request.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "base/interruption.hpp"
#include "remote/address.hpp"

namespace mox::remote {

namespace {

constexpr auto kind = ErrorKind::network;
constexpr long bytes_at_once = 256 << 10;

struct ListCloser {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListCloser>;

HeaderList list_of(const std::vector<std::string>& headers) {
    HeaderList list;
    for (const auto& header : headers) {
        auto* const longer = curl_slist_append(list.get(), header.c_str());
        if (longer == nullptr) continue;
        static_cast<void>(list.release());
        list.reset(longer);
    }
    return list;
}

std::string host_in(const std::string& url) {
    const auto begin = url.find("://");
    const auto rest = begin == std::string::npos ? url : url.substr(begin + 3);
    return rest.substr(0, rest.find('/'));
}

/// The body of a request and of its reply.
class Exchange {
public:
    Exchange(const HttpRequest& request, CURL* easy) : request_(request), easy_(easy) {}

    static std::size_t give(char* buffer, std::size_t size, std::size_t count, void* self) {
        auto& exchange = *static_cast<Exchange*>(self);
        auto given = (*exchange.request_.upload)({buffer, size * count});
        if (given) return *given;
        exchange.error_ = std::move(given).error();
        return CURL_READFUNC_ABORT;
    }

    static std::size_t take(char* bytes, std::size_t size, std::size_t count, void* self) {
        auto taken = static_cast<Exchange*>(self)->body({bytes, size * count});
        if (taken) return size * count;
        static_cast<Exchange*>(self)->error_ = std::move(taken).error();
        return 0;
    }

    /// libcurl calls this about once a second, also while no bytes come.
    static int ask_to_go_on(void*, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
        return stop_requested() ? 1 : 0;
    }

    [[nodiscard]] std::optional<Error>& error() { return error_; }

private:
    Expected<void> body(std::string_view bytes) {
        if (request_.download == nullptr) return {};
        long status = 0;
        curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
        if (status < 200 || status >= 300) return {};
        constexpr long whole_file = 200;
        if (status == whole_file && skipped_ < request_.skip) {
            const auto part = std::min<std::uint64_t>(bytes.size(), (request_.skip - skipped_).count);
            bytes.remove_prefix(part);
            skipped_ += Bytes{part};
        }
        return bytes.empty() ? Expected<void>() : (*request_.download)(bytes);
    }

    const HttpRequest& request_;
    CURL* easy_;
    Bytes skipped_;
    std::optional<Error> error_;
};

}  // namespace

class HttpClient::Connection {
public:
    Connection() {
        static std::once_flag once;
        std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
        easy_.reset(curl_easy_init());
    }

    [[nodiscard]] CURL* get() const { return easy_.get(); }

private:
    struct Closer {
        void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
    };
    std::unique_ptr<CURL, Closer> easy_;
};

namespace {

void set_security(CURL* easy, const HttpAccess& access) {
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (!access.authorities.empty()) {
        std::error_code ignored;
        const bool is_directory = std::filesystem::is_directory(access.authorities, ignored);
        curl_easy_setopt(easy, CURLOPT_CAINFO, is_directory ? nullptr : access.authorities.c_str());
        curl_easy_setopt(easy, CURLOPT_CAPATH, is_directory ? access.authorities.c_str() : nullptr);
    }
    if (access.user.empty()) return;
    // Sent with the first request: an upload from a stream cannot be repeated after a 401.
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    curl_easy_setopt(easy, CURLOPT_USERNAME, access.user.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, access.password.c_str());
}

void set_limits(CURL* easy, const HttpAccess& access) {
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, static_cast<long>(access.connecting.count()));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(access.silent_for.count()));
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, bytes_at_once);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, bytes_at_once);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "schnapps");
    // An upload of unknown length is chunked: HTTP/1.1.
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
}

void set_body(CURL* easy, const HttpRequest& request, Exchange& exchange) {
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Exchange::take);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &exchange);
    if (request.upload != nullptr) {
        curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(easy, CURLOPT_READFUNCTION, &Exchange::give);
        curl_easy_setopt(easy, CURLOPT_READDATA, &exchange);
    } else if (!request.body.empty()) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
        curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request.body.c_str());
    }
    if (request.method != "GET") curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

}  // namespace

HttpClient::HttpClient(HttpAccess access)
    : access_(std::move(access)), connection_(std::make_unique<Connection>()) {}
HttpClient::~HttpClient() = default;

Result<int> HttpClient::send(const HttpRequest& request) {
    auto* const easy = connection_->get();
    if (easy == nullptr) return failed(Cause::local, Error(ErrorKind::internal, "libcurl does not start"));
    curl_easy_reset(easy);  // keeps the connection
    Exchange exchange(request, easy);
    std::array<char, CURL_ERROR_SIZE> detail{};
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail.data());
    curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    set_security(easy, access_);
    set_limits(easy, access_);
    set_body(easy, request, exchange);
    const auto headers = list_of(request.headers);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, &Exchange::ask_to_go_on);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    const auto code = curl_easy_perform(easy);
    if (exchange.error()) return failed(Cause::local, *std::move(exchange.error()));
    if (stop_requested()) TRY(locally(fail_if_stopped()));
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    // A server that refuses an upload may hang up before it has read all of it: what it has said counts.
    if (code != CURLE_OK && status < 400)
        return std::unexpected(
            failure_of_curl_code(static_cast<int>(code), detail.data(), host_in(request.url)));
    return static_cast<int>(status);
}

Failure failure_of_status(int status, const std::string& what) {
    const auto answer = " (status " + std::to_string(status) + ")";
    const auto failure = [&](Cause cause, const std::string& why, Hint hint = {}) {
        return Failure{cause, Error(kind, what + ": " + why + answer, std::move(hint))};
    };
    constexpr int insufficient_storage = 507;  // RFC 4918, 11.5
    constexpr int locked = 423;                // RFC 4918, 11.3
    switch (status) {
        case 401:
            return failure(Cause::refused, "the server does not accept user and password",
                           {"check user and password; Nextcloud wants an app password where a second factor "
                            "is in use"});
        case 403:
            return failure(Cause::refused, "the server does not permit it");
        case 404:
        case 409:  // a directory above it is missing
        case 410:
            return failure(Cause::missing, "the server has no such file or directory");
        case 412:
            return failure(Cause::exists, "a file of that name is there already");
        case 413:
            return failure(Cause::full, "the file is too large for the server",
                           {"raise the limit of the size of requests in the web server"});
        case locked:
            return failure(Cause::unreachable, "another program has locked it", {"try again later"});
        case insufficient_storage:
            return failure(Cause::full, "the server has no space left",
                           {"delete files there, or have its limit raised"});
        case 408:
        case 429:
            return failure(Cause::unreachable, "the server is busy");
        default:
            break;
    }
    if (status >= 300 && status < 400)
        return failure(Cause::wrong_answer, "the server redirects to another address",
                       {"give the address that it redirects to"});
    if (status >= 500) return failure(Cause::unreachable, "the server has an internal error");
    return failure(Cause::wrong_answer, "the server does not understand the request",
                   {"check that the address is that of a WebDAV directory"});
}

Failure failure_of_curl_code(int code, std::string_view detail, const std::string& host) {
    std::string reason(detail.substr(0, 200));
    std::ranges::replace_if(reason, [](char c) { return c < ' ' || c > '~'; }, '?');
    if (reason.empty()) reason = curl_easy_strerror(static_cast<CURLcode>(code));
    switch (code) {
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_SSL_INVALIDCERTSTATUS:
            return {Cause::refused,
                    Error(kind, host + " cannot prove who it is: " + reason,
                          {"for a server with a certificate of your own, name it with --ca"})};
        case CURLE_SSL_CACERT_BADFILE:
            return {Cause::refused,
                    Error(kind, "the file with the certificate authorities cannot be read: " + reason)};
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_URL_MALFORMAT:
            return {Cause::wrong_answer, Error(kind, host + ": " + reason)};
        case CURLE_OUT_OF_MEMORY:
            return {Cause::local, Error(ErrorKind::internal, "no memory is left for the transfer")};
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_CONNECT:
            return {Cause::unreachable, Error(kind, host + " cannot be reached: " + reason)};
        default:
            return {Cause::unreachable, Error(kind, "the connection to " + host + " broke off: " + reason)};
    }
}

}  // namespace mox::remote
