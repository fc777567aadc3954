#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace mox::remote {

/// How a server is spoken to.
enum class Transport { directory, webdav, nextcloud, sftp };

/// Where backups are. It holds a secret: print `shown` only.
struct Address {
    Transport transport = Transport::directory;
    /// webdav, nextcloud: "https://HOST[:PORT]", in lower case; sftp: empty.
    std::string origin{};
    std::string host{};
    std::string port{};  ///< empty: the usual one
    /// Not encoded. directory: absolute. webdav, nextcloud: begins with a slash. sftp: absolute, or relative
    /// to the home directory of the user; "." is the home directory itself.
    std::string path{};
    std::string user{};
    std::string password{};
    std::string shown{};  ///< for messages: the URL with the path, without user and password
};

/// What a URL does not say, from the configuration or options.
struct AddressDefaults {
    std::string path{};  ///< below the path of the URL
    std::string user{};
    std::string password{};
};

/// `webdav://HOST/PATH` and `nextcloud://HOST` (https), `webdav+http://` and `nextcloud+http://` (not
/// encrypted), `ssh://[USER@]HOST[:PORT][/PATH]`, `local:///PATH`, `file:///PATH`. A path of `ssh://` is
/// absolute; without one, or below `/~/`, it is relative to the home directory. User and password in the URL
/// come before the defaults; they are percent-encoded there. Pure. Errors (`network`): the reason why it is
/// not valid; an unknown scheme, with the ones that exist.
[[nodiscard]] Expected<Address> parse_address(std::string_view url, const AddressDefaults& defaults);

/// Whether a URL holds a password; it must not be an argument of a program, because all users see those.
[[nodiscard]] bool has_password(std::string_view url);

/// The URLs of the collection of the server below which `path` is looked for, in the order to try:
/// "/remote.php/dav/files/USER" and "/remote.php/webdav" for nextcloud, "" for webdav. Pure.
[[nodiscard]] std::vector<std::string> collections_of(const Address& address);

/// A path as it is in a URL, percent-encoded except for its slashes. Pure.
[[nodiscard]] std::string encoded_path(std::string_view path);

/// The inverse. Invalid escapes stay as they are.
[[nodiscard]] std::string decoded_path(std::string_view path);

}  // namespace mox::remote
