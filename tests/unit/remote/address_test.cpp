#include "remote/address.hpp"

#include <gtest/gtest.h>

namespace mox::remote {
namespace {

struct Good {
    std::string url;
    AddressDefaults defaults;
    Transport transport;
    std::string origin, path, user, password, shown;
};

TEST(Address, OfEachKindOfServer) {
    using enum Transport;
    const std::vector<Good> cases{
        {"webdav://home.example/dav",
         {},
         webdav,
         "https://home.example",
         "/dav",
         "",
         "",
         "webdav://home.example/dav"},
        {"webdav://a:b%40c@h:8443/x%20y/",
         {"sub/dir", "other", "secret"},
         webdav,
         "https://h:8443",
         "/x y/sub/dir",
         "a",
         "b@c",
         "webdav://h:8443/x y/sub/dir"},
        {"webdav+http://10.0.0.1/",
         {"", "u", "p"},
         webdav,
         "http://10.0.0.1",
         "",
         "u",
         "p",
         "webdav+http://10.0.0.1"},
        {"nextcloud://cloud.example",
         {"backups", "jana", "p"},
         nextcloud,
         "https://cloud.example",
         "/backups",
         "jana",
         "p",
         "nextcloud://cloud.example/backups"},
        {"nextcloud+http://jana@[::1]:80/a",
         {},
         nextcloud,
         "http://[::1]:80",
         "/a",
         "jana",
         "",
         "nextcloud+http://[::1]:80/a"},
        {"ssh://nas", {}, sftp, "", ".", "", "", "ssh://nas/~/."},
        {"ssh://nas", {"backups/mox", "", ""}, sftp, "", "backups/mox", "", "", "ssh://nas/~/backups/mox"},
        {"ssh://nas", {"/srv", "", ""}, sftp, "", "/srv", "", "", "ssh://nas/srv"},
        {"ssh://me@nas:2222/srv",
         {"mox", "you", "p"},
         sftp,
         "",
         "/srv/mox",
         "me",
         "",
         "ssh://nas:2222/srv/mox"},
        {"ssh://nas/~/b", {}, sftp, "", "b", "", "", "ssh://nas/~/b"},
        {"local:///mnt//disk/", {"b", "", ""}, directory, "", "/mnt/disk/b", "", "", "local:///mnt/disk/b"},
        {"file:///", {}, directory, "", "/", "", "", "file:///"},
    };
    for (const auto& one : cases) {
        const auto address = parse_address(one.url, one.defaults);
        ASSERT_TRUE(address) << one.url << ": " << address.error().describe();
        EXPECT_EQ(address->transport, one.transport) << one.url;
        EXPECT_EQ(address->origin, one.origin) << one.url;
        EXPECT_EQ(address->path, one.path) << one.url;
        EXPECT_EQ(address->user, one.user) << one.url;
        EXPECT_EQ(address->password, one.password) << one.url;
        EXPECT_EQ(address->shown, one.shown) << one.url;
    }
}

TEST(Address, ThatCannotBeUsedSaysWhyWithoutThePassword) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", "there is none"},
        {"smb://nas/share", "SMB is not among them"},
        {"ftp://h/", "scheme is not known; there are webdav://, webdav+http://, nextcloud://"},
        {"home.example", "scheme is not known"},
        {"webdav://", "cannot be used"},
        {"webdav://user:geheim@/x", "cannot be used"},
        {"webdav://h:geheim/x", "cannot be used"},
        {"webdav://h/a/../b", "holds \"..\""},
        {"webdav://h/a%2f..%2fb", "holds \"..\""},
        {"webdav://h/a?geheim", "holds \"?\""},
        {"webdav://u:geheim%0a@h/a", "cannot be used"},
        {"nextcloud://h", "needs a user"},
        {"local://mnt", "begin with a slash"},
        {"file:///a\nb", "control character"},
        {"ssh://-oProxyCommand=x/", "cannot be used"},
        {"webdav://" + std::string(5000, 'a'), "too long"},
    };
    for (const auto& [url, why] : cases) {
        const auto address = parse_address(url, {});
        ASSERT_FALSE(address) << url;
        EXPECT_TRUE(address.error().describe().contains(why)) << url << ": " << address.error().describe();
        EXPECT_FALSE(address.error().describe().contains("geheim")) << address.error().describe();
    }
}

TEST(Address, APasswordOfTheConfigurationIsNotSentForAnotherUser) {
    const AddressDefaults defaults{.path = {}, .user = "jana", .password = "secret"};
    EXPECT_EQ(parse_address("webdav://petr@h/", defaults)->password, "");
    EXPECT_EQ(parse_address("webdav://jana@h/", defaults)->password, "secret");
}

TEST(Address, ShowsWhichUrlsHoldAPassword) {
    EXPECT_TRUE(has_password("webdav://a:b@h/x"));
    EXPECT_TRUE(has_password("nextcloud://a:b@c@h"));
    EXPECT_FALSE(has_password("webdav://a@h:80/x:y@z"));
    EXPECT_FALSE(has_password("local:///a:b@c"));
    EXPECT_FALSE(has_password("h"));
}

TEST(Address, NextcloudHasTwoPlacesUnlessTheUrlNamesOne) {
    const auto usual = parse_address("nextcloud://jana@h/b", {});
    EXPECT_EQ(collections_of(*usual),
              (std::vector<std::string>{"/remote.php/dav/files/jana", "/remote.php/webdav"}));
    const auto named = parse_address("nextcloud://jana@h/cloud/remote.php/webdav/b", {});
    EXPECT_EQ(collections_of(*named), std::vector<std::string>{""});
    EXPECT_EQ(encoded_path("/a b/ž%/c"), "/a%20b/%C5%BE%25/c");
    EXPECT_EQ(decoded_path("/a%20b/%C5%BE%25/c%zz"), "/a b/ž%/c%zz");
}

}  // namespace
}  // namespace mox::remote
