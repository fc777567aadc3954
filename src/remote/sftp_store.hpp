#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "remote/address.hpp"
#include "remote/store.hpp"

namespace mox::remote {

struct SshAccess {
    /// A configuration file in the format of ssh_config(5), in place of ~/.ssh/config and
    /// /etc/ssh/ssh_config. Empty: those.
    std::filesystem::path configuration;
    std::chrono::seconds silent_for{30};  ///< a connection without an answer for so long is given up
};

/// A directory on an SSH server, by SFTP (version 3, as OpenSSH has it). The host key must be known
/// (known_hosts). Keys of the agent and of the configuration come first, then the password if there is one.
class SftpStore final : public Store {
public:
    SftpStore(Address address, SshAccess access);
    ~SftpStore() override;

    [[nodiscard]] std::string shown() const override { return address_.shown; }
    [[nodiscard]] Result<std::vector<RemoteFile>> list() override;
    [[nodiscard]] Result<void> make_directory() override;
    [[nodiscard]] Result<void> put(const std::string& name, const ByteSource& source) override;
    [[nodiscard]] Result<void> get(const std::string& name, Bytes from, const ByteSink& sink) override;
    [[nodiscard]] Result<void> rename(const std::string& from, const std::string& to) override;
    [[nodiscard]] Result<void> remove(const std::string& name) override;

private:
    class Connection;

    /// The connection, made when it is needed. After it broke off a new one is made by the next call.
    [[nodiscard]] Result<Connection*> connected();
    [[nodiscard]] std::string path_of(const std::string& name) const;

    Address address_;
    SshAccess access_;
    std::unique_ptr<Connection> connection_;
};

}  // namespace mox::remote
