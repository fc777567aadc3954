// Which bytes of a reply belong where: the rules of resuming, without a network.
#include "network/http_reply.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace mox::network {
namespace {

HttpReply reply_of(std::initializer_list<const char*> lines) {
    HttpReplyReader reader;
    for (const auto* line : lines) reader.line(line);
    return reader.reply();
}

TEST(HttpReply, HeadIsRead) {
    const auto reply =
        reply_of({"HTTP/1.1 206 Partial Content\r\n", "Server: nginx\r\n", "content-LENGTH: 900\r\n",
                  "Content-Range: bytes 100-999/1000\r\n", "ETag: \"abc-1\"\r\n",
                  "Last-Modified: Sun, 22 Nov 2026 15:24:44 GMT\r\n", "\r\n"});
    const HttpReply expected{
        .status = 206, .length = 900, .range = ContentRange{100, 999, 1000}, .validator = "\"abc-1\""};
    EXPECT_EQ(reply, expected);
}

TEST(HttpReply, StatusLineBeginsTheNextReply) {
    const auto reply = reply_of({"HTTP/1.1 301 Moved Permanently\r\n", "Content-Length: 162\r\n",
                                 "ETag: \"of the redirection\"\r\n", "\r\n", "HTTP/1.1 200 OK\r\n"});
    const HttpReply expected{.status = 200};
    EXPECT_EQ(reply, expected);
}

TEST(HttpReply, DateIsAValidatorWhenThereIsNoStrongTag) {
    constexpr auto date = "Sun, 22 Nov 2026 15:24:44 GMT";
    const auto dated = std::string("Last-Modified: ") + date;
    EXPECT_EQ(reply_of({"HTTP/1.1 200 OK", dated.c_str()}).validator, date);
    EXPECT_EQ(reply_of({"HTTP/1.1 200 OK", "ETag: W/\"weak\"", dated.c_str()}).validator, date);
    EXPECT_EQ(reply_of({"HTTP/1.1 200 OK", "ETag: \"strong\"", dated.c_str()}).validator, "\"strong\"");
    EXPECT_EQ(reply_of({"HTTP/1.1 200 OK", "ETag: W/\"weak\""}).validator, "");
}

TEST(HttpReply, ValidatorThatMustNotBeSentBackIsNone) {
    EXPECT_EQ(reply_of({"HTTP/1.1 200 OK", "ETag: \"a\x01\x62\""}).validator, "");
    EXPECT_EQ(reply_of({"HTTP/1.1 200 OK", ("ETag: \"" + std::string(300, 'x') + "\"").c_str()}).validator,
              "");
}

TEST(HttpReply, NonsenseIsPassedOver) {
    const auto reply =
        reply_of({"HTTP/1.1 200 OK", "", "no colon", ":", "Content-Length: -5", "Content-Length: 5x",
                  "Content-Length: 99999999999999999999999", "Content-Range: lines 1-2/3"});
    const HttpReply expected{.status = 200};
    EXPECT_EQ(reply, expected);
    EXPECT_EQ(reply_of({"HTTP/1.1 banana"}).status, 0);
    EXPECT_EQ(reply_of({"HTTP/"}).status, 0);
}

TEST(HttpReply, ContentRangeMustNotContradictItself) {
    EXPECT_EQ(parse_content_range("bytes 0-0/1"), (ContentRange{0, 0, 1}));
    EXPECT_EQ(parse_content_range("bytes 5-9/*"), (ContentRange{5, 9, std::nullopt}));
    for (const auto* text :
         {"", "bytes", "bytes 5-4/10", "bytes 0-10/10", "bytes */10", "bytes 1-2", "bytes 1-2/",
          "bytes 1-2/3x", "bytes -1-2/3", "bytes 99999999999999999999-1/2", "BYTES 1-2/3"})
        EXPECT_FALSE(parse_content_range(text)) << text;
}

const PartialDownload third{.have = 100, .whole = 300, .validator = "\"v1\""};

TEST(Resume, NeedsBytesAndAValidator) {
    EXPECT_TRUE(third.can_go_on());
    EXPECT_FALSE((PartialDownload{.have = 100, .whole = 300}.can_go_on()));
    EXPECT_FALSE((PartialDownload{.have = 0, .whole = 300, .validator = "\"v1\""}.can_go_on()));
}

TEST(Resume, RestOfTheSameFileGoesOn) {
    const HttpReply rest{
        .status = 206, .length = 200, .range = ContentRange{100, 299, 300}, .validator = "\"v1\""};
    const auto partial = before_body_of(rest, third, true);
    ASSERT_TRUE(partial) << partial.error().describe();
    EXPECT_EQ(*partial, third);
}

TEST(Resume, WholeFileStartsAnew) {
    // If-Range says that the file has changed, or the server knows no ranges.
    const HttpReply whole{.status = 200, .length = 400, .validator = "\"v2\""};
    const PartialDownload expected{.have = 0, .whole = 400, .validator = "\"v2\""};
    const auto partial = before_body_of(whole, third, true);
    ASSERT_TRUE(partial);
    EXPECT_EQ(*partial, expected);
}

TEST(Resume, AnotherPartThanAskedForIsRefused) {
    const auto refused = [](const ContentRange& range) {
        const HttpReply reply{.status = 206, .range = range, .validator = "\"v1\""};
        return !before_body_of(reply, third, true);
    };
    EXPECT_TRUE(refused({99, 299, 300}));
    EXPECT_TRUE(refused({101, 299, 300}));
    EXPECT_TRUE(refused({0, 299, 300}));
    EXPECT_TRUE(refused({100, 399, 400}));
    EXPECT_FALSE(refused({100, 199, 300}));
    EXPECT_FALSE(before_body_of(HttpReply{.status = 206, .validator = "\"v1\""}, third, true));
}

TEST(Resume, PartOfAnotherVersionIsRefused) {
    const HttpReply other{.status = 206, .range = ContentRange{100, 299, 300}, .validator = "\"v2\""};
    EXPECT_FALSE(before_body_of(other, third, true));
}

TEST(Resume, PartThatNobodyAskedForIsRefused) {
    const HttpReply part{.status = 206, .range = ContentRange{0, 99, 300}};
    EXPECT_FALSE(before_body_of(part, PartialDownload{}, false));
}

TEST(Resume, OtherStatusIsNoFile) {
    for (const int status : {0, 100, 204, 301, 304, 404, 500})
        EXPECT_FALSE(before_body_of(HttpReply{.status = status}, third, true)) << status;
}

}  // namespace
}  // namespace mox::network
