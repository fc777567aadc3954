#include "remote/ssh_connection.hpp"

#include <algorithm>
#include <utility>

namespace mox::remote {

namespace {

constexpr auto kind = ErrorKind::network;

/// Answers all questions of the server with the password: "keyboard-interactive", which many servers use in
/// place of "password".
int answer_questions(ssh_session session, const std::string& password) {
    int status = ssh_userauth_kbdint(session, nullptr, nullptr);
    for (int rounds = 0; status == SSH_AUTH_INFO && rounds < 10; ++rounds) {
        const int questions = ssh_userauth_kbdint_getnprompts(session);
        for (int i = 0; i < questions; ++i)
            ssh_userauth_kbdint_setanswer(session, static_cast<unsigned>(i), password.c_str());
        status = ssh_userauth_kbdint(session, nullptr, nullptr);
    }
    return status;
}

}  // namespace

void SshConnection::SessionCloser::operator()(ssh_session session) const {
    if (ssh_is_connected(session) != 0) ssh_disconnect(session);
    ssh_free(session);
}

/// Texts of servers may contain any bytes.
std::string SshConnection::reason() const {
    std::string text(std::string_view(ssh_get_error(session_.get())).substr(0, 200));
    std::ranges::replace_if(text, [](char c) { return c < ' ' || c > '~'; }, '?');
    return text.empty() ? std::string("no answer") : text;
}

Result<std::unique_ptr<SshConnection>> SshConnection::make(const Address& address, const SshAccess& access) {
    Session session(ssh_new());
    if (!session) return failed(Cause::local, Error(ErrorKind::internal, "libssh does not start"));
    std::unique_ptr<SshConnection> connection(new SshConnection(std::move(session), address.host));
    TRY(connection->configure(address, access));
    TRY(connection->connect());
    TRY(connection->check_host_key());
    TRY(connection->log_in(address.password));
    TRY(connection->start_sftp());
    return connection;
}

Result<void> SshConnection::configure(const Address& address, const SshAccess& access) const {
    auto* const session = session_.get();
    const auto set = [session](ssh_options_e option, const void* value) {
        return ssh_options_set(session, option, value) == SSH_OK;
    };
    const int no_warnings = SSH_LOG_NOLOG;
    const long timeout = access.silent_for.count();
    const int at_once = 1;  // SFTP waits for each answer: the end of a packet must not wait, too
    bool done = set(SSH_OPTIONS_HOST, address.host.c_str()) && set(SSH_OPTIONS_TIMEOUT, &timeout) &&
                set(SSH_OPTIONS_NODELAY, &at_once) && set(SSH_OPTIONS_LOG_VERBOSITY, &no_warnings);
    if (!access.configuration.empty()) {
        const bool none_of_the_user = false;
        done = done && set(SSH_OPTIONS_PROCESS_CONFIG, &none_of_the_user);
        if (ssh_options_parse_config(session, access.configuration.c_str()) != SSH_OK)
            return failed(Cause::local, Error(kind, access.configuration.native() + ": " + reason()));
    } else if (ssh_options_parse_config(session, nullptr) != SSH_OK) {
        return failed(Cause::local, Error(kind, "the configuration of SSH cannot be used: " + reason()));
    }
    // What the URL says comes before the configuration.
    if (!address.port.empty()) done = done && set(SSH_OPTIONS_PORT_STR, address.port.c_str());
    if (!address.user.empty()) done = done && set(SSH_OPTIONS_USER, address.user.c_str());
    if (!done) return failed(Cause::local, Error(kind, host_ + ": " + reason()));
    return {};
}

Result<void> SshConnection::connect() const {
    if (ssh_connect(session_.get()) == SSH_OK) return {};
    return failed(Cause::unreachable, Error(kind, host_ + " cannot be reached: " + reason()));
}

Result<void> SshConnection::check_host_key() const {
    const Hint how_to_learn{"log in once with ssh as the same user, and compare the key that it shows"};
    switch (ssh_session_is_known_server(session_.get())) {
        case SSH_KNOWN_HOSTS_OK:
            return {};
        case SSH_KNOWN_HOSTS_CHANGED:
        case SSH_KNOWN_HOSTS_OTHER:
            return failed(Cause::refused,
                          Error(kind,
                                "the host key of " + host_ +
                                    " is not the one in known_hosts: it may "
                                    "be another server",
                                {"if its key was changed on purpose, remove the old one from known_hosts"}));
        case SSH_KNOWN_HOSTS_UNKNOWN:
        case SSH_KNOWN_HOSTS_NOT_FOUND:
            return failed(Cause::refused,
                          Error(kind, "the host key of " + host_ + " is not known", how_to_learn));
        case SSH_KNOWN_HOSTS_ERROR:
            break;
    }
    return failed(Cause::refused,
                  Error(kind, "the host key of " + host_ + " cannot be checked: " + reason()));
}

Result<void> SshConnection::log_in(const std::string& password) const {
    auto* const session = session_.get();
    int status = ssh_userauth_none(session, nullptr);
    if (status == SSH_AUTH_SUCCESS) return {};
    const auto offered = [session](unsigned method) {
        return (static_cast<unsigned>(ssh_userauth_list(session, nullptr)) & method) != 0;
    };
    if (offered(SSH_AUTH_METHOD_PUBLICKEY)) {
        status = ssh_userauth_publickey_auto(session, nullptr, nullptr);
        if (status == SSH_AUTH_SUCCESS) return {};
    }
    if (!password.empty() && ssh_is_connected(session) != 0) {
        if (offered(SSH_AUTH_METHOD_PASSWORD))
            status = ssh_userauth_password(session, nullptr, password.c_str());
        if (status != SSH_AUTH_SUCCESS && offered(SSH_AUTH_METHOD_INTERACTIVE))
            status = answer_questions(session, password);
        if (status == SSH_AUTH_SUCCESS) return {};
    }
    if (ssh_is_connected(session) == 0)
        return failed(Cause::unreachable,
                      Error(kind, "the connection to " + host_ + " broke off: " + reason()));
    return failed(Cause::refused,
                  Error(kind,
                        host_ + (password.empty() ? " accepts none of the keys"
                                                  : " accepts neither a key nor the password"),
                        {"put the public key into ~/.ssh/authorized_keys there, or set a password"}));
}

Result<void> SshConnection::start_sftp() {
    sftp_.reset(sftp_new(session_.get()));
    if (!sftp_) return failed(Cause::unreachable, Error(kind, host_ + ": " + reason()));
    if (sftp_init(sftp_.get()) == SSH_OK) return {};
    return failed(Cause::refused, Error(kind, host_ + " has no SFTP: " + reason(),
                                        {"on OpenWrt install openssh-sftp-server"}));
}

bool SshConnection::answers() const {
    sftp_attributes root = sftp_stat(sftp_.get(), "/");
    const bool has_root = root != nullptr;
    const int status = sftp_get_error(sftp_.get());
    sftp_attributes_free(root);
    return is_alive() && (has_root || status == SSH_FX_PERMISSION_DENIED || status == SSH_FX_NO_SUCH_FILE);
}

bool SshConnection::is_alive() const {
    return ssh_is_connected(session_.get()) != 0;
}

Failure SshConnection::failure(const std::string& what) const {
    const int status = sftp_get_error(sftp_.get());
    const auto failure = [&](Cause cause, const std::string& why) {
        return Failure{cause, Error(kind, what + ": " + why)};
    };
    switch (status) {
        case SSH_FX_NO_SUCH_FILE:
        case SSH_FX_NO_SUCH_PATH:
            return failure(Cause::missing, "the server has no such file or directory");
        case SSH_FX_PERMISSION_DENIED:
        case SSH_FX_WRITE_PROTECT:
            return failure(Cause::refused, "the server does not permit it");
        case SSH_FX_FILE_ALREADY_EXISTS:
            return failure(Cause::exists, "a file of that name is there already");
        case SSH_FX_FAILURE:
            // Version 3 of the protocol has no status for a full disk, and libssh takes this one for a
            // connection that broke off as well: a server that answers is there.
            if (!answers()) break;
            return failure(Cause::full, "the server fails, as it does when its disk is full");
        default:
            break;
    }
    if (status == SSH_FX_OK || status == SSH_FX_FAILURE || status == SSH_FX_CONNECTION_LOST ||
        status == SSH_FX_NO_CONNECTION || !is_alive())
        return failure(Cause::unreachable, "the connection to " + host_ + " broke off: " + reason());
    return failure(Cause::wrong_answer, "the server answers with SFTP status " + std::to_string(status));
}

}  // namespace mox::remote
