#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"
#include "remote/failure.hpp"
#include "remote/store.hpp"

namespace mox::remote {

struct HttpAccess {
    std::string user;      ///< empty: none is sent
    std::string password;  ///< a secret
    /// A file or a directory with the trusted certificate authorities (PEM), or the certificate of the server
    /// itself. Empty: those of the system.
    std::filesystem::path authorities;
    std::chrono::seconds connecting{15};
    std::chrono::seconds silent_for{60};  ///< a transfer without a byte for so long is given up
};

/// A request to a WebDAV server.
struct HttpRequest {
    std::string method;
    std::string url;
    std::vector<std::string> headers{};
    std::string body{};                  ///< of a request that is not an upload
    const ByteSource* upload = nullptr;  ///< the body of unknown length; not owned
    const ByteSink* download = nullptr;  ///< for the body of a reply with a status of 2xx; not owned
    Bytes skip{};  ///< leave out so much of the body if the server sends it all (status 200)
};

/// One connection to a server, which is kept between requests. libcurl speaks; the password is passed in
/// memory. No redirections: a password must not go to another server.
class HttpClient {
public:
    explicit HttpClient(HttpAccess access);
    HttpClient(HttpClient&&) = delete;
    ~HttpClient();

    /// The status of the reply, whatever it is. Failures: there is no reply; `local`: source or sink failed,
    /// or a signal has requested a stop.
    [[nodiscard]] Result<int> send(const HttpRequest& request);

private:
    class Connection;
    HttpAccess access_;
    std::unique_ptr<Connection> connection_;
};

/// What a status that is not a success means; `what` is the file or directory. Pure.
[[nodiscard]] Failure failure_of_status(int status, const std::string& what);

/// What a CURLcode means. Pure.
[[nodiscard]] Failure failure_of_curl_code(int code, std::string_view detail, const std::string& host);

}  // namespace mox::remote
