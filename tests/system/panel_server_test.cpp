// The panel's web server, as browsers, other pages and worse clients use it.

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "system/panel_under_test.hpp"

namespace mox::panel_test {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

class PanelServer : public testing::Test {
protected:
    /// A request with these lines, and the whole answer.
    std::string ask(const std::string& first_line, const std::vector<std::string>& lines,
                    const std::string& body = {}) {
        RawClient client(server.port());
        std::string request = first_line + " HTTP/1.1\r\n";
        for (const auto& line : lines) request += line + "\r\n";
        client.send(request + "Connection: close\r\n\r\n" + body);
        return client.read_all();
    }
    std::string get(const std::string& target) { return ask("GET " + target, {host_line()}); }
    std::string put(const std::string& name, const std::string& body) {
        return ask("PUT " + PanelUnderTest::path("files/" + name),
                   {host_line(), origin_line(), "Content-Length: " + std::to_string(body.size())}, body);
    }
    std::string host_line() const { return "Host: " + server.host(); }
    std::string origin_line() const { return "Origin: " + server.origin(); }
    /// Names of all files below the folder of uploads.
    std::vector<std::string> stored() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::recursive_directory_iterator(server.uploads()))
            if (entry.is_regular_file()) names.push_back(entry.path().filename());
        return names;
    }
    void expect_it_still_works() { EXPECT_EQ(status_of(get(PanelUnderTest::path(""))), "200"); }

    PanelUnderTest server;
};

TEST_F(PanelServer, GivesOutThePageWithTheHeadersThatProtectIt) {
    const auto answer = get(PanelUnderTest::path(""));
    EXPECT_EQ(status_of(answer), "200");
    EXPECT_TRUE(answer.ends_with("<!doctype html>"));
    for (const auto* line :
         {"Content-Type: text/html; charset=utf-8\r\n", "X-Content-Type-Options: nosniff\r\n",
          "Referrer-Policy: no-referrer\r\n", "Cache-Control: no-store\r\n",
          "Cross-Origin-Resource-Policy: same-origin\r\n", "Content-Security-Policy: default-src 'self';"})
        EXPECT_NE(answer.find(line), std::string::npos) << line << answer;
    EXPECT_NE(get(PanelUnderTest::path("panel.js?v=1")).find("Content-Type: text/javascript"),
              std::string::npos);
}

TEST_F(PanelServer, SeveralRequestsMayUseOneConnection) {
    RawClient client(server.port());
    for (int i = 0; i < 3; ++i) {
        client.send("GET " + PanelUnderTest::path("nothing") + " HTTP/1.1\r\n" + host_line() + "\r\n\r\n");
        EXPECT_EQ(status_of(client.read_head()), "404");
        std::string text(std::string_view("There is no such file.\n").size(), '\0');
        client.read_exactly(text);
    }
}

TEST_F(PanelServer, RefusesOtherNamesOtherPagesAndWhoDoesNotKnowTheToken) {
    const auto page = "GET " + PanelUnderTest::path("");
    EXPECT_EQ(status_of(ask(page, {})), "421");
    EXPECT_EQ(status_of(ask(page, {"Host: evil.example:" + std::to_string(server.port())})), "421");
    EXPECT_EQ(status_of(ask(page, {"Host: 127.0.0.1:1"})), "421");
    EXPECT_EQ(status_of(ask(page, {host_line(), "Host: evil.example"})), "421") << "two of them";
    EXPECT_EQ(status_of(ask(page, {host_line(), "Origin: http://evil.example"})), "403");
    EXPECT_EQ(status_of(ask(page, {host_line(), "Origin: null"})), "403");
    EXPECT_EQ(status_of(ask(page, {host_line(), origin_line(), "Origin: http://evil.example"})), "403");
    EXPECT_EQ(status_of(ask(page, {host_line(), origin_line()})), "200");
    for (const auto* target : {"/", "/favicon.ico", "/panel.js", "//", "/x/../", "*"})
        EXPECT_EQ(status_of(get(target)), "403") << target;
    EXPECT_EQ(status_of(get("/ffeeddccbbaa99887766554433221100/")), "403");
    EXPECT_NE(get("/").find("X-Content-Type-Options: nosniff"), std::string::npos)
        << "refusals carry them too";
}

TEST_F(PanelServer, ChangesAndWebSocketsNeedAnOrigin) {
    const std::string body = "x";
    EXPECT_EQ(
        status_of(ask("PUT " + PanelUnderTest::path("files/a"), {host_line(), "Content-Length: 1"}, body)),
        "403");
    EXPECT_EQ(status_of(ask("DELETE " + PanelUnderTest::path("files/a"), {host_line()})), "403");
    RawClient client(server.port());
    client.send("GET " + PanelUnderTest::path("board") + " HTTP/1.1\r\n" + host_line() +
                "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    EXPECT_EQ(status_of(client.read_all()), "403");
    EXPECT_TRUE(stored().empty());
}

TEST_F(PanelServer, GivesOutNothingButThePagesOwnFiles) {
    for (const auto* name : {"../secret.txt",
                             "%2e%2e/secret.txt",
                             "%2e%2e%2fsecret.txt",
                             "..%2fsecret.txt",
                             "%252e%252e%252fsecret.txt",
                             "link.txt",
                             ".hidden.txt",
                             "%2ehidden.txt",
                             "below",
                             "below/",
                             "below/inner.js",
                             "below%2finner.js",
                             "/etc/passwd",
                             "%2fetc%2fpasswd",
                             "panel.js%00",
                             "panel.js%00.txt",
                             "panel.js/",
                             "panel.j%73%",
                             ".",
                             "..",
                             "..%5csecret.txt",
                             "files",
                             "\\..\\secret.txt"}) {
        const auto answer = get(PanelUnderTest::path(name));
        EXPECT_EQ(status_of(answer), "404") << name;
        EXPECT_FALSE(answer.ends_with("secret")) << name;
    }
    EXPECT_EQ(status_of(get(PanelUnderTest::path("panel.j%73"))), "200") << "encoded, but the very name";
    EXPECT_EQ(status_of(ask("POST " + PanelUnderTest::path(""), {host_line(), origin_line()})), "405");
    EXPECT_EQ(status_of(get(PanelUnderTest::path("board"))), "426");
}

TEST_F(PanelServer, WhatIsNoRequestIsRefused) {
    for (const std::string bytes :
         {"\x16\x03\x01\x02\x01 TLS \r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
          "\r\n\r\n\r\n\r\nx\r\n\r\n", "GET / HTTP/1.1\r\nHost 127.0.0.1\r\n\r\n",
          "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"}) {
        RawClient client(server.port());
        client.send(bytes);
        EXPECT_EQ(status_of(client.read_all()), "400") << bytes;
    }
    RawClient client(server.port());
    client.send("GET / HTTP/1.1\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n");
    EXPECT_EQ(status_of(client.read_all()), "431");
    expect_it_still_works();
}

TEST_F(PanelServer, StoresAFileForTheStickAndTakesItAway) {
    std::string body(3'000'000, '\0');
    for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 7);
    EXPECT_EQ(status_of(put("mox%20medkit%20%281%29.tar.gz", body)), "201");
    EXPECT_EQ(content_of(server.uploads() / "complete/mox medkit (1).tar.gz"), body);
    EXPECT_EQ(status_of(put("mox%20medkit%20%281%29.tar.gz", "short")), "201") << "replaced";
    EXPECT_EQ(content_of(server.uploads() / "complete/mox medkit (1).tar.gz"), "short");
    const auto remove = "DELETE " + PanelUnderTest::path("files/mox%20medkit%20(1).tar.gz");
    EXPECT_EQ(status_of(ask(remove, {host_line(), origin_line()})), "204");
    EXPECT_EQ(status_of(ask(remove, {host_line(), origin_line()})), "404");
    EXPECT_TRUE(stored().empty());
}

TEST_F(PanelServer, AnEmptyFileAndOneInChunksAreFilesToo) {
    EXPECT_EQ(status_of(put("empty", "")), "201");
    EXPECT_EQ(status_of(ask("PUT " + PanelUnderTest::path("files/chunks"),
                            {host_line(), origin_line(), "Transfer-Encoding: chunked"},
                            "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n")),
              "201");
    EXPECT_EQ(content_of(server.uploads() / "complete/chunks"), "abcdefg");
    EXPECT_EQ(stored().size(), 2U);
}

TEST_F(PanelServer, WhoAsksFirstIsToldToGoOn) {
    RawClient client(server.port());
    client.send("PUT " + PanelUnderTest::path("files/a") + " HTTP/1.1\r\n" + host_line() + "\r\n" +
                origin_line() + "\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(status_of(client.read_head()), "100");
    client.send("abc");
    EXPECT_EQ(status_of(client.read_head()), "201");
}

TEST_F(PanelServer, NamesThatAreNoneAreRefused) {
    for (const auto* name : {"", ".", "..", ".ssh", "a/b", "a%2fb", "..%2f..%2fetc%2fcron.d%2fx", "a%00b",
                             "a%0ab", "%ff", "%", "%2e%2e"}) {
        EXPECT_EQ(status_of(put(name, "x")), "400") << name;
        const auto remove =
            ask("DELETE " + PanelUnderTest::path("files/") + name, {host_line(), origin_line()});
        EXPECT_EQ(status_of(remove), "400") << name;
    }
    EXPECT_EQ(status_of(put(std::string(201, 'a'), "x")), "400");
    EXPECT_TRUE(stored().empty());
}

TEST_F(PanelServer, AFileThatIsTooLargeIsRefusedBeforeItIsSent) {
    const auto target = "PUT " + PanelUnderTest::path("files/large");
    constexpr auto too_much = "Content-Length: 536870913";
    EXPECT_EQ(status_of(ask(target, {host_line(), origin_line(), too_much}, std::string(1000, 'x'))), "413");
    EXPECT_EQ(status_of(ask(target, {host_line(), origin_line(), "Transfer-Encoding: chunked"},
                            "20000001\r\nxxxxxxxx")),
              "413");
    EXPECT_EQ(status_of(ask(target, {"Host: evil.example", too_much})), "421") << "who it is comes first";
    EXPECT_TRUE(stored().empty());
}

TEST_F(PanelServer, AnUploadThatIsCutOffLeavesNothing) {
    {
        RawClient client(server.port());
        client.send("PUT " + PanelUnderTest::path("files/cut") + " HTTP/1.1\r\n" + host_line() + "\r\n" +
                    origin_line() + "\r\nContent-Length: 5000000\r\n\r\n" + std::string(2'500'000, 'x'));
    }
    RawClient broken(server.port());
    broken.send("PUT " + PanelUnderTest::path("files/broken") + " HTTP/1.1\r\n" + host_line() + "\r\n" +
                origin_line() + "\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcX");
    broken.hang_up();
    // Its end arrives by itself, some time.
    const auto deadline = Clock::now() + std::chrono::seconds(10);
    while (!stored().empty() && Clock::now() < deadline) std::this_thread::yield();
    EXPECT_TRUE(stored().empty());
    expect_it_still_works();
}

TEST_F(PanelServer, AHundredConnectionsAtOnceAreServed) {
    std::vector<std::unique_ptr<RawClient>> clients;
    clients.reserve(100);
    for (int i = 0; i < 100; ++i) clients.push_back(std::make_unique<RawClient>(server.port()));
    const auto request = "GET " + PanelUnderTest::path("") + " HTTP/1.1\r\n" + host_line() + "\r\n";
    for (auto& client : clients) client->send(request);
    for (auto& client : clients) client->send("Connection: close\r\n\r\n");
    for (auto& client : clients) EXPECT_EQ(status_of(client->read_all()), "200");
}

TEST_F(PanelServer, OneWhoSaysNothingHoldsUpNobodyAndIsSentAway) {
    RawClient silent(server.port());
    RawClient half(server.port());
    half.send("GET " + PanelUnderTest::path("") + " HTTP/1.1\r\nHost: ");
    expect_it_still_works();
    EXPECT_EQ(silent.read_all(), "");
    EXPECT_EQ(half.read_all(), "");
}

}  // namespace
}  // namespace mox::panel_test
