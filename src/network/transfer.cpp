#include "network/transfer.hpp"

#include <curl/curl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

#include "base/interruption.hpp"
#include "network/retry.hpp"

namespace mox::network {

namespace {

constexpr auto user_agent = "mox-rescue";
/// The free space is checked again after this many bytes.
constexpr Bytes space_check_interval{4 << 20};
constexpr long received_at_once = 256 << 10;

constexpr int range_not_satisfiable = 416;

struct EasyCloser {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct ListCloser {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyCloser>;
using HeaderList = std::unique_ptr<curl_slist, ListCloser>;

Easy make_easy() {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    return Easy(curl_easy_init());
}

std::string host_in(std::string_view url) {
    const auto begin = url.find("//");
    if (begin == std::string_view::npos) return std::string(url);
    const auto rest = url.substr(begin + 2);
    return std::string(rest.substr(0, rest.find_first_of(":/")));
}

/// Receives the reply to one request. libcurl calls its functions; an error stops the request.
class Reception {
public:
    Reception(const TransferOrder& order, const DownloadTarget& target, const ByteProgress& progress)
        : target_(target),
          progress_(progress),
          host_(host_in(order.url)),
          largest_(order.limits.largest),
          asked_for_rest_(order.partial.can_go_on()),
          partial_(order.partial) {
        if (!asked_for_rest_) partial_ = {};
    }

    static std::size_t take_header(char* text, std::size_t size, std::size_t count, void* self) {
        auto& reception = *static_cast<Reception*>(self);
        reception.reader_.line({text, size * count});
        return size * count;
    }

    static std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* self) {
        auto& reception = *static_cast<Reception*>(self);
        auto taken = reception.body({bytes, size * count});
        if (taken) return size * count;
        reception.error_ = std::move(taken).error();
        return 0;
    }

    /// libcurl calls this about once a second, also while no bytes arrive.
    static int ask_to_go_on(void*, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
        return stop_requested() ? 1 : 0;
    }

    [[nodiscard]] const HttpReply& reply() const { return reader_.reply(); }
    [[nodiscard]] const PartialDownload& partial() const { return partial_; }
    [[nodiscard]] bool began() const { return began_; }
    /// The error that stopped the request, if one did.
    [[nodiscard]] const std::optional<Error>& error() const { return error_; }
    /// Whether the stored part cannot be continued.
    [[nodiscard]] bool is_unusable() const { return unusable_; }

private:
    Expected<void> body(std::string_view bytes);
    Expected<void> begin(std::string_view bytes);
    Expected<void> check_beginning(std::string_view bytes) const;
    Expected<void> check_size(Bytes more) const;
    Expected<void> check_free_space();
    Expected<void> write(std::string_view bytes);

    const DownloadTarget& target_;
    const ByteProgress& progress_;
    std::string host_;
    Bytes largest_;
    bool asked_for_rest_;
    PartialDownload partial_;
    HttpReplyReader reader_;
    bool began_ = false;
    bool unusable_ = false;
    Bytes since_space_check_;
    std::optional<Error> error_;
};

Expected<void> Reception::body(std::string_view bytes) {
    if (!began_) TRY(begin(bytes));
    TRY(check_size({bytes.size()}));
    if (partial_.whole && partial_.have + bytes.size() > *partial_.whole) {
        unusable_ = true;
        return fail(ErrorKind::network, "the server sends more than it has announced");
    }
    TRY(write(bytes));
    partial_.have += bytes.size();
    since_space_check_ += Bytes{bytes.size()};
    if (since_space_check_ >= space_check_interval) TRY(check_free_space());
    if (progress_) progress_(Bytes{partial_.have}, Bytes{partial_.whole.value_or(0)});
    return {};
}

Expected<void> Reception::check_beginning(std::string_view bytes) const {
    const auto length = std::min(bytes.size(), target_.begins_with.size());
    if (partial_.have > 0 || target_.begins_with.substr(0, length) == bytes.substr(0, length)) return {};
    return fail(ErrorKind::network, host_ + " answers with a page in place of the file",
                {std::string(captive_portal_hint)});
}

Expected<void> Reception::begin(std::string_view bytes) {
    auto start = before_body_of(reply(), partial_, asked_for_rest_);
    if (!start) {
        unusable_ = true;
        return pass_on(start);
    }
    partial_ = std::move(*start);
    began_ = true;
    TRY(check_beginning(bytes));
    if (partial_.have == 0 && ::ftruncate(target_.file, 0) != 0)
        return fail_errno(target_.write_error, "cannot start the download again");
    TRY(check_size({}));
    if (target_.begun) TRY(target_.begun(partial_));
    return check_free_space();
}

Expected<void> Reception::check_size(Bytes more) const {
    const Bytes announced{partial_.whole.value_or(0)};
    const auto size = std::max(announced, Bytes{partial_.have} + more);
    if (largest_.count == 0 || size <= largest_) return {};
    return fail(ErrorKind::medkit,
                "the file is too large: " +
                    (announced > largest_ ? to_text(announced) : "more than " + to_text(largest_)) +
                    ", and at most " + to_text(largest_) + " can be used");
}

Expected<void> Reception::check_free_space() {
    since_space_check_ = {};
    if (!target_.check_free_space) return {};
    const Bytes whole{partial_.whole.value_or(0)};
    return target_.check_free_space(whole - Bytes{partial_.have});
}

Expected<void> Reception::write(std::string_view bytes) {
    auto offset = static_cast<off_t>(partial_.have);
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(target_.file, bytes.data(), bytes.size(), offset);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail_errno(target_.write_error, "the download cannot be stored");
        bytes.remove_prefix(static_cast<std::size_t>(written));
        offset += written;
    }
    return {};
}

void set_security(CURL* easy, const TransferOrder& order) {
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, order.protocols.c_str());
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, order.protocols.c_str());
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(easy, CURLOPT_CAINFO, order.authorities.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    const bool required = order.peer == PeerCheck::required;
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, required ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, required ? 2L : 0L);
}

void set_limits(CURL* easy, const TransferOrder& order) {
    const auto& limits = order.limits;
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, static_cast<long>(limits.connecting.count()));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(limits.slowest_rate.count));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits.slow_for.count()));
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, static_cast<long>(limits.redirections));
    curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
}

/// Returns headers, which must outlive the request.
HeaderList set_request(CURL* easy, const TransferOrder& order) {
    curl_easy_setopt(easy, CURLOPT_URL, order.url.c_str());
    curl_easy_setopt(easy, CURLOPT_USERAGENT, user_agent);
    // The rescue image's libcurl has no newer version of HTTP: use the same on a PC.
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, received_at_once);
    const bool ipv4 = order.family == AddressFamily::ipv4;
    curl_easy_setopt(easy, CURLOPT_IPRESOLVE,
                     static_cast<long>(ipv4 ? CURL_IPRESOLVE_V4 : CURL_IPRESOLVE_WHATEVER));
    if (!order.partial.can_go_on()) return {};
    curl_easy_setopt(easy, CURLOPT_RANGE, (std::to_string(order.partial.have) + "-").c_str());
    HeaderList headers(curl_slist_append(nullptr, ("If-Range: " + order.partial.validator).c_str()));
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
    return headers;
}

TransferReport report(const TransferOrder& order, Reception& reception, CURLcode code,
                      std::string_view detail) {
    const auto host = host_in(order.url);
    auto partial = reception.partial();
    if (reception.error()) {
        if (reception.is_unusable()) return {TransferEnd::interrupted, {}, reception.error()};
        return {TransferEnd::refused, std::move(partial), reception.error()};
    }
    const int status = reception.reply().status;
    if (code == CURLE_OK && reception.began()) {
        if (!partial.whole || partial.have == *partial.whole)
            return {TransferEnd::complete, std::move(partial), {}};
        return {TransferEnd::interrupted, std::move(partial),
                Error(ErrorKind::network, host + " sends less than it has announced")};
    }
    const bool is_about_status = code == CURLE_OK || code == CURLE_HTTP_RETURNED_ERROR;
    auto meaning = is_about_status ? meaning_of_status(status, host)
                                   : meaning_of_curl_code(static_cast<int>(code), detail, host);
    if (code == CURLE_OK && status == 200) meaning.message = host + " sends an empty file";
    if (status == range_not_satisfiable) partial = {};
    return {meaning.end, std::move(partial),
            Error(ErrorKind::network, std::move(meaning.message), std::move(meaning.hint))};
}

}  // namespace

TransferReport transfer(const TransferOrder& order, const DownloadTarget& target,
                        const ByteProgress& progress) {
    const auto easy = make_easy();
    if (!easy)
        return {TransferEnd::refused, order.partial, Error(ErrorKind::internal, "libcurl does not start")};
    Reception reception(order, target, progress);
    std::array<char, CURL_ERROR_SIZE> detail{};
    curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, detail.data());
    set_security(easy.get(), order);
    set_limits(easy.get(), order);
    const auto headers = set_request(easy.get(), order);
    curl_easy_setopt(easy.get(), CURLOPT_HEADERFUNCTION, &Reception::take_header);
    curl_easy_setopt(easy.get(), CURLOPT_HEADERDATA, &reception);
    curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &Reception::take_body);
    curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &reception);
    curl_easy_setopt(easy.get(), CURLOPT_XFERINFOFUNCTION, &Reception::ask_to_go_on);
    curl_easy_setopt(easy.get(), CURLOPT_NOPROGRESS, 0L);
    const auto code = curl_easy_perform(easy.get());
    return report(order, reception, code, detail.data());
}

}  // namespace mox::network
