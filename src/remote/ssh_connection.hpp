#pragma once

#include <libssh/libssh.h>
#include <libssh/sftp.h>

#include <memory>
#include <string>

#include "remote/address.hpp"
#include "remote/failure.hpp"
#include "remote/sftp_store.hpp"

namespace mox::remote {

/// A session with an SSH server with its SFTP channel.
class SshConnection {
public:
    /// Connects, checks the host key, logs in, starts SFTP. Failures: `unreachable`; `refused`: the host key
    /// is not known or another one, no way to log in; `local`: the configuration cannot be read.
    [[nodiscard]] static Result<std::unique_ptr<SshConnection>> make(const Address& address,
                                                                     const SshAccess& access);

    [[nodiscard]] sftp_session sftp() const { return sftp_.get(); }

    /// What the last failed call on the SFTP session means. `what` is the file or directory.
    [[nodiscard]] Failure failure(const std::string& what) const;

    /// Whether the server still answers.
    [[nodiscard]] bool is_alive() const;

private:
    struct SessionCloser {
        void operator()(ssh_session session) const;
    };
    struct SftpCloser {
        void operator()(sftp_session sftp) const { sftp_free(sftp); }
    };
    using Session = std::unique_ptr<ssh_session_struct, SessionCloser>;
    using Sftp = std::unique_ptr<sftp_session_struct, SftpCloser>;

    SshConnection(Session session, std::string host) : session_(std::move(session)), host_(std::move(host)) {}

    [[nodiscard]] Result<void> configure(const Address& address, const SshAccess& access) const;
    [[nodiscard]] Result<void> connect() const;
    [[nodiscard]] Result<void> check_host_key() const;
    [[nodiscard]] Result<void> log_in(const std::string& password) const;
    [[nodiscard]] Result<void> start_sftp();
    [[nodiscard]] std::string reason() const;
    /// Asks the server for something, and waits for the answer.
    [[nodiscard]] bool answers() const;

    Session session_;
    Sftp sftp_;  // after the session: it is freed first
    std::string host_;
};

}  // namespace mox::remote
