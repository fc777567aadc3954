#include "remote/multistatus.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace mox::remote {
namespace {

std::string response(const std::string& href, const std::string& properties) {
    return "<d:response><d:href>" + href + "</d:href><d:propstat><d:prop>" + properties +
           "</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>";
}

std::string answer(const std::string& responses) {
    return R"(<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:o="http://owncloud.org/ns">)" +
           responses + "</d:multistatus>";
}

std::string file(const std::string& href) {
    return response(href, "<d:resourcetype/><d:getcontentlength>5</d:getcontentlength>");
}

Expected<std::vector<RemoteFile>> read(const std::string& text, std::size_t piece = 1 << 20,
                                       const std::string& directory = "/dav/b x") {
    MultistatusReader reader(directory);
    for (std::size_t at = 0; at < text.size(); at += piece) TRY(reader.add(text.substr(at, piece)));
    return reader.finish();
}

std::string names(const Expected<std::vector<RemoteFile>>& files) {
    if (!files) return "error: " + files.error().describe();
    std::string text;
    for (const auto& one : *files) text += (text.empty() ? "" : " ") + one.name;
    return text;
}

TEST(Multistatus, HoldsTheFilesOfTheDirectoryInWhateverPiecesItComes) {
    const auto text =
        answer(response("/dav/b%20x/", "<d:resourcetype><d:collection/></d:resourcetype>") +
               response("/dav/b%20x/sub/", "<d:resourcetype><d:collection/></d:resourcetype>") +
               response("\n https://h.example/dav/b%20x/one.info \n",
                        "<d:resourcetype/><d:getcontentlength> 17 </d:getcontentlength>") +
               response("/dav/b%20x/two%26.tar.gz",
                        "<d:getcontentlength>99999999999</d:getcontentlength><o:size>3</o:size>") +
               response("/dav/b%20x/three", "<d:getcontentlength>-1</d:getcontentlength>"));
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, text.size()}) {
        const auto files = read(text, piece);
        ASSERT_EQ(names(files), "one.info two&.tar.gz three");
        EXPECT_EQ(files->at(0).size, Bytes{17});
        EXPECT_EQ(files->at(1).size, Bytes{99999999999});
        EXPECT_EQ(files->at(2).size, std::nullopt);
    }
}

TEST(Multistatus, HostileNamesAreLeftOut) {
    std::string responses;
    for (const std::string href :
         {"/dav/b%20x/../secret", "/dav/b%20x/..", "/dav/b%20x/%2e%2e", "/dav/b%20x/a%2f..%2fb",
          "/etc/passwd", "passwd", "", "/dav/b%20x/a%00b", "/dav/b%20x/a%0Ab", "/dav/b%20x/a%1B[2J",
          "/dav/b%20x/a%5Cb", "/dav/b%20x/%ff%fe", "/dav/b%20x/sub/file", "https://h/other/file", "https://h",
          "/dav/b%20y/file"})
        responses += file(href);
    EXPECT_EQ(names(read(answer(responses + file("/dav/b%20x/good")))), "good");
    EXPECT_EQ(names(read(answer(file("/dav/b%20x/" + std::string(256, 'a'))))), "");
    EXPECT_EQ(names(read(answer(file("/dav/b%20x/" + std::string(255, 'a'))))), std::string(255, 'a'));
}

TEST(Multistatus, WhatIsNoneIsAnError) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", "not XML"},
        {"<html><body>Log in</body></html>", "not a list of files"},
        {"<html><br></html>", "not XML"},
        {answer("").substr(0, 60), "not XML"},
        {R"(<multistatus xmlns="other"/>)", "not a list of files"},
        {R"(<!DOCTYPE d [<!ENTITY a "aaaaaaaa">]><d:multistatus xmlns:d="DAV:"/>)", "document type"},
        {answer("<d:response><d:href>" + std::string(9000, 'a') + "</d:href></d:response>"), "too long"},
    };
    for (const auto& [text, why] : cases)
        EXPECT_TRUE(names(read(text)).contains(why)) << text.substr(0, 80) << "\n" << names(read(text));
    std::string deep;
    for (int i = 0; i < 100; ++i) deep += "<a>";
    EXPECT_TRUE(names(read(answer(deep))).contains("too deeply"));
}

TEST(Multistatus, AMillionFilesAreRefusedBeforeTheyAreRead) {
    MultistatusReader reader("/d");
    ASSERT_TRUE(reader.add(R"(<d:multistatus xmlns:d="DAV:">)"));
    std::size_t sent = 0;
    std::string flaw;
    for (; sent < 1'000'000 && flaw.empty(); ++sent)
        if (const auto added = reader.add(file("/d/" + std::to_string(sent))); !added)
            flaw = added.error().describe();
    EXPECT_TRUE(flaw.contains("too many files")) << flaw;
    EXPECT_EQ(sent, most_files + 1);
}

TEST(PlainName, IsOneComponentThatCanBeShown) {
    for (const std::string name : {"a", "mox-medkit-turris-3.tar.gz", "..a", "ž", "a b"})
        EXPECT_TRUE(is_plain_name(name)) << name;
    for (const std::string name : {"", ".", "..", "a/b", "a\\b", "a\nb", "\x1b", "\x7f", "\xff"})
        EXPECT_FALSE(is_plain_name(name)) << name;
    EXPECT_FALSE(is_plain_name(std::string("a\0b", 3)));
}

}  // namespace
}  // namespace mox::remote
