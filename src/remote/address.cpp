#include "remote/address.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "base/text.hpp"

namespace mox::remote {

namespace {

struct Scheme {
    std::string_view name;
    Transport transport;
    std::string_view protocol;  ///< of the URL that libcurl gets
};

constexpr std::array schemes{
    Scheme{"webdav", Transport::webdav, "https"},
    Scheme{"webdav+http", Transport::webdav, "http"},
    Scheme{"nextcloud", Transport::nextcloud, "https"},
    Scheme{"nextcloud+http", Transport::nextcloud, "http"},
    Scheme{"ssh", Transport::sftp, ""},
    Scheme{"local", Transport::directory, ""},
    Scheme{"file", Transport::directory, ""},
};

struct UrlCloser {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using ParsedUrl = std::unique_ptr<CURLU, UrlCloser>;

struct CurlTextCloser {
    void operator()(char* text) const { curl_free(text); }
};
using CurlText = std::unique_ptr<char, CurlTextCloser>;

bool has_control(std::string_view text) {
    return std::ranges::any_of(text,
                               [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

std::unexpected<Error> refuse(std::string_view why, Hint hint = {}) {
    return fail(ErrorKind::network, "the URL of the server cannot be used: " + std::string(why),
                std::move(hint));
}

std::unexpected<Error> refuse_scheme() {
    return refuse(
        "its scheme is not known",
        {"there are " +
         joined(schemes, ", ", [](const Scheme& scheme) { return std::string(scheme.name) + "://"; }) +
         "; SMB is not among them: mount the share, and use local://"});
}

/// "/a" and "b" as "/a/b", without empty components. Errors: `.` or `..` among them.
Expected<std::string> joined_path(std::string_view base, std::string_view below) {
    std::string path;
    for (auto rest = std::string(base) + "/" + std::string(below); !rest.empty();) {
        std::string_view view = rest;
        const std::string component(take_until(view, '/'));
        rest = std::string(view);
        if (component == ".." || component == ".") return refuse("its path holds \"" + component + "\"");
        if (!component.empty()) path += "/" + component;
    }
    if (has_control(path)) return refuse("its path holds a control character");
    return path;
}

/// The path of an SFTP server: see Address.
Expected<std::string> sftp_path(std::string path, const std::string& below) {
    bool is_relative = path.empty() || path == "/";
    if (path == "/~" || path.starts_with("/~/")) {
        path.erase(0, 2);
        is_relative = true;
    }
    if (is_relative && (path.empty() || path == "/") && below.starts_with('/')) is_relative = false;
    auto whole = TRY(joined_path(path, below));
    if (is_relative) whole.erase(0, whole.empty() ? 0 : 1);
    if (whole.empty()) return std::string(is_relative ? "." : "/");
    return whole;
}

Expected<Address> directory_address(std::string_view scheme, std::string_view rest,
                                    const AddressDefaults& defaults) {
    if (!rest.starts_with('/')) return refuse("a path must begin with a slash: local:///PATH");
    auto path = TRY(joined_path(rest, defaults.path));
    if (path.empty()) path = "/";
    auto shown = std::string(scheme) + "://" + path;
    return Address{.transport = Transport::directory, .path = std::move(path), .shown = std::move(shown)};
}

/// A part of the URL; empty: it has none.
Expected<std::string> part_of(CURLU* url, CURLUPart part, unsigned flags) {
    constexpr std::array missing{CURLUE_NO_USER,  CURLUE_NO_PASSWORD, CURLUE_NO_PORT,
                                 CURLUE_NO_QUERY, CURLUE_NO_FRAGMENT, CURLUE_NO_HOST};
    char* text = nullptr;
    const auto code = curl_url_get(url, part, &text, flags);
    const CurlText owned(text);
    if (code == CURLUE_OK) return std::string(owned.get());
    if (std::ranges::find(missing, code) != missing.end()) return std::string();
    return refuse(curl_url_strerror(code));
}

Expected<ParsedUrl> parsed_by_curl(std::string_view url) {
    ParsedUrl parsed(curl_url());
    if (!parsed) return fail(ErrorKind::internal, "libcurl does not start");
    const std::string text(url);
    constexpr unsigned flags = CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE | CURLU_PATH_AS_IS;
    if (const auto code = curl_url_set(parsed.get(), CURLUPART_URL, text.c_str(), flags); code != CURLUE_OK)
        return refuse(curl_url_strerror(code));
    const auto query = TRY(part_of(parsed.get(), CURLUPART_QUERY, 0));
    const auto fragment = TRY(part_of(parsed.get(), CURLUPART_FRAGMENT, 0));
    if (!query.empty() || !fragment.empty()) return refuse("it holds \"?\" or \"#\"; write %3F or %23");
    return parsed;
}

Expected<Address> server_address(const Scheme& scheme, std::string_view url,
                                 const AddressDefaults& defaults) {
    auto parsed = TRY(parsed_by_curl(url));
    auto* const handle = parsed.get();
    Address address;
    address.transport = scheme.transport;
    address.host = TRY(part_of(handle, CURLUPART_HOST, 0));
    address.port = TRY(part_of(handle, CURLUPART_PORT, 0));
    address.user = TRY(part_of(handle, CURLUPART_USER, CURLU_URLDECODE));
    address.password = TRY(part_of(handle, CURLUPART_PASSWORD, CURLU_URLDECODE));
    if (address.host.empty() || has_control(address.host) || address.host.starts_with('-'))
        return refuse("it has no host name");
    // A password belongs to its user: that of the configuration is not sent for another one.
    const bool is_configured_user = address.user.empty() || address.user == defaults.user;
    if (address.user.empty()) address.user = defaults.user;
    if (address.password.empty() && is_configured_user) address.password = defaults.password;
    if (has_control(address.user) || has_control(address.password))
        return refuse("user or password hold a control character");
    auto path = decoded_path(TRY(part_of(handle, CURLUPART_PATH, 0)));
    const auto place = address.host + (address.port.empty() ? "" : ":" + address.port);
    if (scheme.transport == Transport::sftp) {
        address.path = TRY(sftp_path(std::move(path), defaults.path));
    } else {
        address.origin = std::string(scheme.protocol) + "://" + place;
        address.path = TRY(joined_path(path, defaults.path));
    }
    const bool needs_slash = !address.path.starts_with('/') && !address.path.empty();
    address.shown = std::string(scheme.name) + "://" + place + (needs_slash ? "/~/" : "") + address.path;
    if (scheme.transport == Transport::nextcloud && address.user.empty())
        return refuse("Nextcloud needs a user", {"set the option user, or write nextcloud://USER@HOST"});
    return address;
}

}  // namespace

Expected<Address> parse_address(std::string_view url, const AddressDefaults& defaults) {
    constexpr std::size_t longest_url = 4096;
    if (url.size() > longest_url) return refuse("it is too long");
    if (url.empty())
        return refuse("there is none", {"give one, or set the option url in the section remote of "
                                        "/etc/config/schnapps"});
    if (has_control(url)) return refuse("it holds a control character");
    const auto end = url.find("://");
    if (end == std::string_view::npos) return refuse_scheme();
    const auto name = url.substr(0, end);
    const auto* const scheme = std::ranges::find(schemes, name, &Scheme::name);
    if (scheme == schemes.end()) return refuse_scheme();
    if (scheme->transport == Transport::directory)
        return directory_address(name, url.substr(end + 3), defaults);
    return server_address(*scheme, url, defaults);
}

bool has_password(std::string_view url) {
    const auto begin = url.find("://");
    if (begin == std::string_view::npos) return false;
    auto authority = url.substr(begin + 3);
    authority = authority.substr(0, authority.find('/'));
    const auto at = authority.rfind('@');
    return at != std::string_view::npos && authority.substr(0, at).contains(':');
}

std::vector<std::string> collections_of(const Address& address) {
    if (address.transport != Transport::nextcloud) return {""};
    // A URL that was copied from Nextcloud's settings names the collection itself.
    if (address.path.contains("/remote.php/")) return {""};
    return {"/remote.php/dav/files/" + address.user, "/remote.php/webdav"};
}

std::string encoded_path(std::string_view path) {
    std::string encoded;
    std::string_view rest = path;
    while (true) {
        const auto slash = rest.find('/');
        const auto part = rest.substr(0, slash);
        if (!part.empty()) {
            const CurlText text(curl_easy_escape(nullptr, part.data(), static_cast<int>(part.size())));
            if (text) encoded += text.get();
        }
        if (slash == std::string_view::npos) return encoded;
        encoded += '/';
        rest.remove_prefix(slash + 1);
    }
}

std::string decoded_path(std::string_view path) {
    int length = 0;
    const std::string text(path);
    const CurlText decoded(curl_easy_unescape(nullptr, text.c_str(), static_cast<int>(text.size()), &length));
    return decoded ? std::string(decoded.get(), static_cast<std::size_t>(length)) : text;
}

}  // namespace mox::remote
