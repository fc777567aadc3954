#include "network/url.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mox::network {
namespace {

TEST(Url, HttpsWithHostPortAndPathIsTaken) {
    for (const auto* text : {"https://repo.turris.cz/hbs/medkit", "https://10.77.0.1:8443/",
                             "https://repo.test", "https://repo.test/a/b%20c/~d/x(1).tar.gz"}) {
        const auto url = Url::parse(text);
        ASSERT_TRUE(url) << url.error().describe();
        EXPECT_EQ(url->text(), text);
    }
    EXPECT_EQ(Url::parse("https://repo.test:8443/x")->host(), "repo.test");
}

TEST(Url, AnythingElseIsRefused) {
    for (const std::string text : {"",
                                   "repo.turris.cz",
                                   "http://repo.test/",
                                   "HTTPS://repo.test/",
                                   "ftp://repo.test/",
                                   "file:///etc/passwd",
                                   "https://",
                                   "https:///x",
                                   "https://user:secret@repo.test/",
                                   "https://repo.test:0/",
                                   "https://repo.test:99999/",
                                   "https://repo.test:/",
                                   "https://repo.test/?q=1",
                                   "https://repo.test/#f",
                                   "https://repo.test/a b",
                                   "https://repo.test/a\nb",
                                   "https://-x/",
                                   "https://.x/",
                                   "https://[::1]/",
                                   "https://repo.test\\@evil/",
                                   "https://r\xc3\xa9po.test/"})
        EXPECT_FALSE(Url::parse(text)) << text;
    EXPECT_FALSE(Url::parse("https://repo.test/" + std::string(2000, 'x')));
    EXPECT_FALSE(Url::parse("https://" + std::string(300, 'x') + "/"));
}

TEST(Url, RefusalQuotesNothingThatDisturbsATerminal) {
    const auto url = Url::parse("https://\x1b[2J\x07/");
    ASSERT_FALSE(url);
    EXPECT_EQ(url.error().kind(), ErrorKind::network);
    EXPECT_EQ(url.error().describe().find('\x1b'), std::string::npos);
}

TEST(Url, NamesAFileInAFolder) {
    const auto without_slash = Url::parse("https://repo.turris.cz/hbs/medkit");
    const auto with_slash = Url::parse("https://repo.turris.cz/hbs/medkit/");
    constexpr auto expected = "https://repo.turris.cz/hbs/medkit/mox-medkit-latest.tar.gz";
    EXPECT_EQ(without_slash->in_directory("mox-medkit-latest.tar.gz")->text(), expected);
    EXPECT_EQ(with_slash->in_directory("mox-medkit-latest.tar.gz")->text(), expected);
    EXPECT_EQ(Url::parse("https://repo.test")->in_directory("x")->text(), "https://repo.test/x");
    EXPECT_FALSE(with_slash->in_directory("x y"));
}

}  // namespace
}  // namespace mox::network
