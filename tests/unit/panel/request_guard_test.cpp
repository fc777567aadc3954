// Who may come in: Host, Origin and token of a request; names of files in addresses.

#include "panel/server/request_guard.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "panel/server/file_name.hpp"

namespace mox::virtual_mox::panel {
namespace {

constexpr std::string_view token = "0123456789abcdef0123456789abcdef";
const RequestGuard doorkeeper(8080, std::string(token));

RequestInfo good() {
    return {.host = "127.0.0.1:8080",
            .origin = std::nullopt,
            .target = "/0123456789abcdef0123456789abcdef/panel.js"};
}

/// "" for who is let in.
std::string refused(const RequestInfo& knock) {
    const auto path = doorkeeper.admit(knock);
    if (path) return "";
    switch (path.error()) {
        case Refusal::foreign_host:
            return "host";
        case Refusal::foreign_origin:
            return "origin";
        case Refusal::wrong_token:
            return "token";
    }
    return "?";
}

TEST(RequestGuard, LetsInWhoKnowsTheTokenAndAsksForThisComputer) {
    EXPECT_EQ(doorkeeper.admit(good()).value(), "panel.js");
    for (const auto* host : {"127.0.0.1:8080", "localhost:8080", "[::1]:8080"}) {
        auto knock = good();
        knock.host = host;
        EXPECT_EQ(refused(knock), "") << host;
        const auto origin = "http://" + std::string(host);
        knock.origin = origin;
        knock.needs_origin = true;
        EXPECT_EQ(refused(knock), "") << origin;
    }
}

TEST(RequestGuard, AnswersThePathBelowTheTokenWithoutTheQuery) {
    auto knock = good();
    const auto start = "/" + std::string(token);
    for (const auto& [target, path] : {std::pair{start + "/", ""},
                                       {start + "/?x=/y", ""},
                                       {start + "/files/a%20b?c", "files/a%20b"},
                                       {start + "//x", "/x"}}) {
        knock.target = target;
        EXPECT_EQ(doorkeeper.admit(knock).value(), path) << target;
    }
}

TEST(RequestGuard, AForeignHostIsRefusedFirst) {
    for (const auto* host :
         {"", "example.com", "example.com:8080", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:80800",
          "127.0.0.1:8080.example.com", "localhost:8080 ", "127.0.0.2:8080", "LOCALHOST", "[::1]"}) {
        RequestInfo knock{.host = host, .origin = "http://example.com", .target = "/"};
        EXPECT_EQ(refused(knock), "host") << host;
    }
    auto none = good();
    none.host.reset();
    EXPECT_EQ(refused(none), "host");
}

TEST(RequestGuard, AForeignOriginIsRefusedAlsoWithTheToken) {
    for (const auto* origin :
         {"http://example.com", "https://127.0.0.1:8080", "http://127.0.0.1", "http://127.0.0.1:8081", "null",
          "", "http://127.0.0.1:8080/", "127.0.0.1:8080", "http://http://127.0.0.1:8080"}) {
        auto knock = good();
        knock.origin = origin;
        EXPECT_EQ(refused(knock), "origin") << origin;
    }
}

TEST(RequestGuard, WhoWantsToChangeSomethingMustHaveAnOrigin) {
    auto knock = good();
    EXPECT_EQ(refused(knock), "") << "a page that is opened has none";
    knock.needs_origin = true;
    EXPECT_EQ(refused(knock), "origin");
}

TEST(RequestGuard, AWrongTokenIsRefused) {
    for (const auto* target :
         {"", "/", "//", "/panel.js", "/0123456789abcdef0123456789abcdee/",
          "/0123456789abcdef0123456789abcdef", "/0123456789ABCDEF0123456789ABCDEF/",
          "/0123456789abcdef0123456789abcdef0/", "/?0123456789abcdef0123456789abcdef/",
          "/%30123456789abcdef0123456789abcdef/", "http://127.0.0.1:8080/0123456789abcdef0123456789abcdef/",
          "/../0123456789abcdef0123456789abcdef/"}) {
        auto knock = good();
        knock.target = target;
        EXPECT_EQ(refused(knock), "token") << target;
    }
}

TEST(Token, Is32HexadecimalDigitsAndNeverTheSame) {
    std::set<std::string> tokens;
    for (int i = 0; i < 100; ++i) tokens.insert(new_token());
    EXPECT_EQ(tokens.size(), 100U);
    for (const auto& one : tokens) EXPECT_TRUE(is_token(one)) << one;
    EXPECT_FALSE(is_token(""));
    EXPECT_FALSE(is_token("0123456789abcdef0123456789abcde"));
    EXPECT_FALSE(is_token("0123456789abcdef0123456789abcdeg"));
    EXPECT_FALSE(is_token("0123456789ABCDEF0123456789ABCDEF"));
}

TEST(FileName, IsDecodedOnce) {
    EXPECT_EQ(file_name_in("mox-medkit-latest.tar.gz"), "mox-medkit-latest.tar.gz");
    EXPECT_EQ(file_name_in("a%20b%20(1).sig"), "a b (1).sig");
    EXPECT_EQ(file_name_in("%C5%BE.tar.gz"), "\xC5\xBE.tar.gz");
    EXPECT_EQ(file_name_in("%2541"), "%41");
    EXPECT_EQ(file_name_in("a+b"), "a+b");
    EXPECT_EQ(file_name_in("a\\b"), "a\\b") << "no separator here";
}

TEST(FileName, NothingThatLeadsElsewhereOrCannotBeRead) {
    for (const auto* encoded :
         {"",      ".",      "..",  ".hidden", "%2e%2e", "%2E",       "a/b",      "a%2fb",
          "a%2Fb", "..%2fx", "%00", "a%00",    "a%0ab",  "%7f",       "%1b%5b2J", "%",
          "%2",    "%zz",    "a%2", "%ff",     "%c0%af", "%ed%a0%80", "%e2%80%ae"}) {
        EXPECT_EQ(file_name_in(encoded), std::nullopt) << encoded;
    }
}

TEST(FileName, Has200BytesAtMost) {
    EXPECT_TRUE(file_name_in(std::string(200, 'a')));
    EXPECT_FALSE(file_name_in(std::string(201, 'a')));
    std::string encoded;
    for (int i = 0; i < 100; ++i) encoded += "%C5%BE";
    EXPECT_TRUE(file_name_in(encoded));
    EXPECT_FALSE(file_name_in(encoded + "a"));
}

std::string objection(std::string_view name, Bytes size = Bytes{1},
                      const std::vector<std::string>& others = {}) {
    const auto fits = check_stick_file(name, size, others);
    return fits ? "" : fits.error().describe();
}

TEST(StickFile, WhatFat32CannotHoldIsTold) {
    for (const auto* name : {"mox-medkit-latest.tar.gz", "a b (1).sig", "con-medkit.tar", "com10.tar",
                             "a.b.c", "\xC5\xBE.tar.gz", "nullable", "lpt", "com0.txt"})
        EXPECT_EQ(objection(name), "") << name;
    for (const char bad : std::string_view("\"*/:<>?\\|")) {
        const auto name = std::string("mox") + bad + "medkit.tar";
        EXPECT_NE(objection(name).find(std::string("cannot contain ") + bad), std::string::npos)
            << objection(name);
        EXPECT_NE(objection(name).find(name), std::string::npos) << "it is named";
    }
    EXPECT_NE(objection("medkit.").find("dot"), std::string::npos);
    EXPECT_NE(objection("medkit ").find("blank"), std::string::npos);
    for (const auto* device : {"con", "NUL.tar.gz", "Aux .txt", "COM1", "lpt9.tar"})
        EXPECT_NE(objection(device).find("reserved"), std::string::npos) << device;
    std::string long_name;
    for (int count = 0; count < 128; ++count) long_name += "\xF0\x9F\x98\x80";  // 256 units
    EXPECT_NE(objection(long_name).find("255"), std::string::npos);
    for (const auto* name : {"", ".hidden", "a\nb", "a\xff"}) EXPECT_NE(objection(name), "") << name;
    EXPECT_NE(objection(std::string(201, 'a')), "");
}

TEST(StickFile, NamesMustDifferInMoreThanCase) {
    EXPECT_NE(objection("A.tar", Bytes{1}, {"b", "a.TAR"}).find("a.TAR"), std::string::npos);
    EXPECT_EQ(objection("A.tar", Bytes{1}, {"b", "A.tar"}), "") << "it is replaced";
}

TEST(StickFile, ALargeFileIsRefusedWithTheReason) {
    EXPECT_EQ(objection("a", largest_upload), "");
    EXPECT_NE(objection("a", largest_upload + Bytes{1}).find("512 MiB"), std::string::npos);
    EXPECT_NE(objection("a", Bytes{(4ULL << 30) - 1}).find("512 MiB"), std::string::npos);
    EXPECT_NE(objection("a", Bytes{4ULL << 30}).find("4 GiB"), std::string::npos);
}

}  // namespace
}  // namespace mox::virtual_mox::panel
