#include "support/backup_servers.hpp"

#include <pwd.h>
#include <unistd.h>

#include <stdexcept>

#include "support/loop_image.hpp"

namespace mox::test_support {

namespace {

namespace fs = std::filesystem;

constexpr const char* modules = "/usr/lib/apache2/modules/";

/// The user that Apache's processes run as.
void give_to_web_user(const fs::path& path) {
    const auto* const user = ::getpwnam("www-data");
    if (user == nullptr) throw std::runtime_error("there is no user www-data");
    if (::chown(path.c_str(), user->pw_uid, user->pw_gid) != 0) throw std::runtime_error(path.native());
}

std::string apache_configuration(const NetworkLab& lab, const Certificates& certificates,
                                 const fs::path& content) {
    const auto folder = lab.folder().native();
    std::string text;
    for (const std::string module : {"mpm_event", "authn_core", "authn_file", "authz_core", "authz_user",
                                     "auth_basic", "dav", "dav_fs", "ssl"})
        text.append("LoadModule ")
            .append(module)
            .append("_module ")
            .append(modules)
            .append("mod_")
            .append(module)
            .append(".so\n");
    text += "ServerRoot " + folder + "\nServerName repo.test\nPidFile " + folder +
            "/apache.pid\nErrorLog /dev/stderr\nLogFormat \"%m %U %>s\" short\nCustomLog " + folder +
            "/dav-access.log short\nUser www-data\nGroup www-data\nMutex file:" + folder +
            "/dav-locks\nDavLockDB " + folder + "/dav-locks/db\nDocumentRoot " + content.native() +
            "\nListen 10.77.0.1:" + std::to_string(DavServer::tls) +
            "\nListen 10.77.0.1:" + std::to_string(DavServer::plain) + "\n<Directory " + content.native() +
            ">\nDav On\nAuthType Basic\nAuthName test\nAuthUserFile " + folder +
            "/dav-users\nRequire valid-user\n</Directory>\n<Location /read-only>\n"
            "<LimitExcept GET OPTIONS PROPFIND>\nRequire all "
            "denied\n</LimitExcept>\n</Location>\n<VirtualHost *:" +
            std::to_string(DavServer::tls) + ">\nSSLEngine on\nSSLCertificateFile " +
            certificates.good().native() + "\nSSLCertificateKeyFile " + certificates.key().native() +
            "\n</VirtualHost>\n";
    return text;
}

RunningChild start_apache(const NetworkLab& lab, const Certificates& certificates, const fs::path& content) {
    for (const auto& path : {content, content / "dav", content / "read-only", content / "remote.php/webdav",
                             lab.folder() / "dav-locks"}) {
        fs::create_directories(path);
        give_to_web_user(path);
    }
    fs::permissions(lab.folder(), fs::perms(0755));
    // By `openssl passwd -apr1 geheim`.
    write_file(lab.folder() / "dav-users", "jana:$apr1$Wko7IkHC$oNy6z/gTPiKZhqpWWLG7c/\n");
    const auto file = lab.folder() / "apache.conf";
    write_file(file, apache_configuration(lab, certificates, content));
    return lab.start_at_peer("apache", {"apache2", "-D", "FOREGROUND", "-f", file.native()},
                             "resuming normal operations");
}

RunningChild start_sshd(NetworkLab& lab, const fs::path& content) {
    const auto folder = lab.folder();
    fs::create_directories(content);
    for (const std::string key : {"host", "other-host", "user", "other-user"})
        run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", (folder / (key + "-key")).native()});
    fs::copy(folder / "user-key.pub", folder / "authorized");
    // Where sshd wants to be alone, and users of its own: root's shell and home directory are not those of
    // this machine.
    lab.replace_folder("/run");
    fs::create_directory("/run/sshd");
    fs::create_directory(folder / "home");
    lab.replace_file("/etc/passwd", "root:x:0:0:root:" + (folder / "home").native() +
                                        ":/bin/sh\nsshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n");
    const auto file = folder / "sshd.conf";
    write_file(file,
               "ListenAddress 10.77.0.1:" + std::to_string(SftpServer::port) + "\nHostKey " +
                   (folder / "host-key").native() + "\nAuthorizedKeysFile " +
                   (folder / "authorized").native() +
                   "\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
                   "PermitRootLogin prohibit-password\nPidFile none\nSubsystem sftp " +
                   std::string(MOX_SSHD) + "/lib/openssh/sftp-server\n");
    return lab.start_at_peer("sshd", {std::string(MOX_SSHD) + "/sbin/sshd", "-D", "-e", "-f", file.native()},
                             "Server listening");
}

}  // namespace

DavServer::DavServer(const NetworkLab& lab, const Certificates& certificates)
    : lab_(lab), server_(start_apache(lab, certificates, content())) {}

SftpServer::SftpServer(NetworkLab& lab) : lab_(lab), server_(start_sshd(lab, content())) {}

fs::path SftpServer::written(const std::string& name, const std::string& known_hosts,
                             const std::string& key) const {
    const auto known = lab_.folder() / (name + "-known");
    write_file(known, known_hosts);
    const auto file = lab_.folder() / (name + ".conf");
    write_file(file, "Host *\nUser root\nUserKnownHostsFile " + known.native() +
                         "\nGlobalKnownHostsFile /dev/null\nIdentityFile " + (lab_.folder() / key).native() +
                         "\n");
    return file;
}

fs::path SftpServer::client(int other_port) const {
    const auto key = text_of(lab_.folder() / "host-key.pub");
    return written("client",
                   "[10.77.0.1]:" + std::to_string(port) + " " + key +
                       "[10.77.0.1]:" + std::to_string(other_port) + " " + key,
                   "user-key");
}

fs::path SftpServer::client_of_unknown() const {
    return written("unknown", "", "user-key");
}

fs::path SftpServer::client_of_other() const {
    return written(
        "other", "[10.77.0.1]:" + std::to_string(port) + " " + text_of(lab_.folder() / "other-host-key.pub"),
        "user-key");
}

fs::path SftpServer::client_without_key() const {
    return written("keyless",
                   "[10.77.0.1]:" + std::to_string(port) + " " + text_of(lab_.folder() / "host-key.pub"),
                   "other-user-key");
}

}  // namespace mox::test_support
