#pragma once

#include <filesystem>
#include <string>

#include "base/running_child.hpp"
#include "support/network_lab.hpp"
#include "support/network_servers.hpp"

namespace mox::test_support {

// Real servers for backups at the other end of the cable of a NetworkLab. Everything throws on failure.

/// Apache with mod_dav. The user `jana` with the password `geheim` may do everything below /dav and where
/// Nextcloud has its files; she may only read /read-only.
class DavServer {
public:
    static constexpr int tls = 443;
    static constexpr int plain = 8080;

    DavServer(const NetworkLab& lab, const Certificates& certificates);

    /// What it serves.
    [[nodiscard]] std::filesystem::path content() const { return lab_.folder() / "dav-content"; }

    /// Method, path and status of all requests so far.
    [[nodiscard]] std::string requests() const { return text_of(lab_.folder() / "dav-access.log"); }

private:
    const NetworkLab& lab_;
    RunningChild server_;
};

/// OpenSSH's sshd and sftp-server. It accepts one key of root.
class SftpServer {
public:
    static constexpr int port = 2222;

    explicit SftpServer(NetworkLab& lab);

    /// A directory for backups there.
    [[nodiscard]] std::filesystem::path content() const { return lab_.folder() / "sftp-content"; }
    /// A configuration of a client that has the key and knows the server, also on `other_port`.
    [[nodiscard]] std::filesystem::path client(int other_port = port) const;
    /// The same, but the key of the server is not known, or is another one's.
    [[nodiscard]] std::filesystem::path client_of_unknown() const;
    [[nodiscard]] std::filesystem::path client_of_other() const;
    /// It has another key.
    [[nodiscard]] std::filesystem::path client_without_key() const;

private:
    [[nodiscard]] std::filesystem::path written(const std::string& name, const std::string& known_hosts,
                                                const std::string& key) const;

    NetworkLab& lab_;
    RunningChild server_;
};

}  // namespace mox::test_support
