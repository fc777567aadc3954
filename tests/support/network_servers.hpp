#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/running_child.hpp"
#include "support/network_lab.hpp"

namespace mox::test_support {

// Real servers at the other end of the cable of a NetworkLab. Everything throws on failure.

/// dnsmasq: lends 10.77.0.100 to 10.77.0.199, and knows `repo.test`, which is 10.77.0.1.
class DhcpServer {
public:
    /// `more`: further options of dnsmasq.
    explicit DhcpServer(const NetworkLab& lab, const std::vector<std::string>& more = {});

    /// Every message of DHCP that it has seen or sent, and every question for a name.
    [[nodiscard]] std::string log() const { return lab_.log_of("dnsmasq"); }

private:
    const NetworkLab& lab_;
    RunningChild server_;
};

/// An authority, and certificates for `repo.test` by it (openssl).
class Certificates {
public:
    explicit Certificates(const std::filesystem::path& folder);

    /// PEM text that a client must trust.
    [[nodiscard]] std::string authority() const { return text_of(folder_ / "authority.pem"); }
    [[nodiscard]] std::filesystem::path good() const { return folder_ / "good.pem"; }
    [[nodiscard]] std::filesystem::path expired() const { return folder_ / "expired.pem"; }
    /// By an authority that nobody knows.
    [[nodiscard]] std::filesystem::path unknown() const { return folder_ / "unknown.pem"; }
    /// The key of all of them.
    [[nodiscard]] std::filesystem::path key() const { return folder_ / "server.key"; }

private:
    std::filesystem::path folder_;
};

/// One line of nginx's access log.
struct WebRequest {
    int status = 0;
    std::string path;
    std::string range;     ///< "bytes=100-", or "-"
    std::string if_range;  ///< or "-"
};

/// Where a WebServer listens. All by HTTPS but the last.
struct WebPort {
    static constexpr int good = 443;
    static constexpr int expired = 4430;
    static constexpr int unknown = 4431;
    /// TLS in front of whatever listens on `raw_behind` at the peer: what that says goes out as it is.
    static constexpr int raw = 4432;
    static constexpr int raw_behind = 9000;
    static constexpr int plain = 80;
};

/// nginx: serves a folder on the ports of WebPort.
class WebServer {
public:
    /// `more`: directives for the servers of HTTPS, such as "limit_rate 500;".
    WebServer(const NetworkLab& lab, const Certificates& certificates, const std::string& more = {});

    /// What it serves.
    [[nodiscard]] std::filesystem::path content() const { return lab_.folder() / "www"; }

    /// All requests so far; waits until there are `at_least` as many, because they are logged when they are
    /// over.
    [[nodiscard]] std::vector<WebRequest> requests(std::size_t at_least = 0) const;

private:
    const NetworkLab& lab_;
    RunningChild server_;
};

}  // namespace mox::test_support
