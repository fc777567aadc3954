// Downloads from a server that says one thing and does another. TLS is real; behind it somebody lies.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "network/download.hpp"
#include "support/loop_image.hpp"
#include "support/network_lab.hpp"
#include "support/network_servers.hpp"
#include "support/tcp_peer.hpp"

namespace mox::test_support {
namespace {

using namespace std::chrono_literals;
using namespace unit_literals;

class LyingServer : public testing::Test {
protected:
    LyingServer() {
        ::unsetenv("https_proxy");
        run({"ip", "link", "set", "eth0", "up"});
        run({"ip", "address", "add", "10.77.0.2/24", "dev", "eth0"});
        write_file(lab.folder() / "authority.pem", certificates.authority());
        rules.authorities = lab.folder() / "authority.pem";
        rules.retry.first_pause = 10ms;
        rules.limits.largest = 8_MiB;
        rules.limits.slow_for = 2s;
    }

    /// Downloads from somebody who plays the server, one conversation after another.
    Expected<Bytes> fetch_from(TcpPeer::Play play) {
        const TcpPeer liar(lab, "127.0.0.1", WebPort::raw_behind, [&](TcpConversation& conversation) {
            heads.push_back(conversation.read_head());
            play(conversation);
        });
        const auto file = must(open_file(downloaded(), O_RDWR | O_CREAT | O_TRUNC, ErrorKind::card));
        const network::DownloadTarget target{.file = file.get(), .check_free_space = {}};
        const auto url =
            must(network::Url::parse("https://10.77.0.1:" + std::to_string(WebPort::raw) + "/x"));
        return network::download(url, target, rules, log, {});
    }

    /// The same answer to each question.
    Expected<Bytes> fetch_answer(const std::string& answer) {
        return fetch_from([&](TcpConversation& conversation) { conversation.send(answer); });
    }

    static void expect_network_error(const Expected<Bytes>& size) {
        ASSERT_FALSE(size);
        EXPECT_EQ(size.error().kind(), ErrorKind::network) << size.error().describe();
    }

    [[nodiscard]] std::filesystem::path downloaded() const { return lab.folder() / "downloaded"; }

    NetworkLab lab;
    Certificates certificates{lab.folder() / "certificates"};
    WebServer server{lab, certificates};
    network::DownloadRules rules;
    Log log;
    std::vector<std::string> heads;
};

TEST_F(LyingServer, ThatNeverEndsIsStoppedAtTheLimit) {
    const auto size = fetch_from([](TcpConversation& conversation) {
        conversation.send("HTTP/1.1 200 OK\r\n\r\n");
        while (conversation.send(std::string(64 << 10, 'x'))) {
        }
    });
    ASSERT_FALSE(size);
    EXPECT_EQ(size.error().kind(), ErrorKind::medkit) << size.error().describe();
    EXPECT_LE(std::filesystem::file_size(downloaded()), (8_MiB).count);
    EXPECT_EQ(heads.size(), 1U);
}

TEST_F(LyingServer, ThatAnnouncesTooMuchIsRefusedAtOnce) {
    const auto size = fetch_answer("HTTP/1.1 200 OK\r\nContent-Length: 600000000\r\n\r\nx");
    ASSERT_FALSE(size);
    EXPECT_EQ(size.error().kind(), ErrorKind::medkit);
    EXPECT_NE(size.error().describe().find("600.0 MB"), std::string::npos) << size.error().describe();
    EXPECT_EQ(std::filesystem::file_size(downloaded()), 0U);
}

TEST_F(LyingServer, ThatSendsLessThanItAnnouncesIsTriedAgain) {
    expect_network_error(fetch_answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"));
    EXPECT_EQ(heads.size(), 3U);
}

TEST_F(LyingServer, ThatSendsAnotherPartIsNotBelieved) {
    const auto size = fetch_from([this](TcpConversation& conversation) {
        if (heads.size() == 1)
            conversation.send("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 10\r\n\r\n01234");
        else if (heads.back().contains("Range: bytes=5-"))
            conversation.send(
                "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 4-9/10\r\nContent-Length: "
                "6\r\n\r\n456789");
        else
            conversation.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew");
    });
    ASSERT_TRUE(size) << size.error().describe();
    EXPECT_EQ(text_of(downloaded()), "new");
    ASSERT_EQ(heads.size(), 3U);
    EXPECT_TRUE(heads[1].contains("If-Range: \"1\""));
    EXPECT_FALSE(heads[2].contains("Range:")) << "what was there is of no use";
}

TEST_F(LyingServer, ThatSendsAPartOfThePartIsAskedForTheRest) {
    const auto size = fetch_from([this](TcpConversation& conversation) {
        if (heads.size() == 1)
            conversation.send("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 10\r\n\r\n01234");
        else if (heads.back().contains("Range: bytes=5-"))
            conversation.send(
                "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 5-9/10\r\nContent-Length: "
                "3\r\n\r\n567");
        else if (heads.back().contains("Range: bytes=8-"))
            conversation.send(
                "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 8-9/10\r\nContent-Length: "
                "2\r\n\r\n89");
    });
    ASSERT_TRUE(size) << size.error().describe();
    EXPECT_EQ(text_of(downloaded()), "0123456789");
}

TEST_F(LyingServer, ThatSendsMoreThanTheWholeIsNotBelieved) {
    const auto size = fetch_from([this](TcpConversation& conversation) {
        if (heads.size() == 1)
            conversation.send("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 10\r\n\r\n01234");
        else if (heads.back().contains("Range:"))
            conversation.send(
                "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 5-9/10\r\nContent-Length: "
                "7\r\n\r\n56789ab");
        else
            conversation.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew");
    });
    ASSERT_TRUE(size) << size.error().describe();
    EXPECT_EQ(text_of(downloaded()), "new");
}

TEST_F(LyingServer, ThatSaysThatTheRangeIsBeyondTheEndIsAskedAnew) {
    const auto size = fetch_from([this](TcpConversation& conversation) {
        if (heads.size() == 1)
            conversation.send("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 10\r\n\r\n01234");
        else if (heads.back().contains("Range:"))
            conversation.send("HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n");
        else
            conversation.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew");
    });
    ASSERT_TRUE(size) << size.error().describe();
    EXPECT_EQ(text_of(downloaded()), "new");
}

TEST_F(LyingServer, ThatCutsTheLineAfterTheLastByteHasDelivered) {
    const auto size = fetch_from([](TcpConversation& conversation) {
        conversation.send("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 5\r\n\r\n01234");
        conversation.reset();
    });
    ASSERT_TRUE(size) << size.error().describe();
    EXPECT_EQ(text_of(downloaded()), "01234");
}

TEST_F(LyingServer, ThatSendsNonsenseEndsInAnErrorOfTheNetwork) {
    for (const std::string answer :
         {"", "\r\n\r\n", "hello\r\n\r\n", "HTTP/1.1 999 x\r\n\r\nbody", "HTTP/9.9 200 OK\r\n\r\n",
          "HTTP/1.1 302 Found\r\nLocation: \r\n\r\nbody", "HTTP/1.1 302 Found\r\n\r\nbody",
          "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",
          "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-4/5\r\nContent-Length: 5\r\n\r\n01234"}) {
        heads.clear();
        SCOPED_TRACE(answer);
        expect_network_error(fetch_answer(answer));
    }
}

TEST_F(LyingServer, ThatSendsHeadersWithoutEndIsGivenUp) {
    expect_network_error(fetch_from([](TcpConversation& conversation) {
        conversation.send("HTTP/1.1 200 OK\r\n");
        while (conversation.send("X-Header: " + std::string(1000, 'x') + "\r\n")) {
        }
    }));
}

TEST_F(LyingServer, ThatSaysNothingAtAllIsGivenUp) {
    expect_network_error(fetch_from([](TcpConversation& conversation) { (void)conversation.read_head(); }));
    EXPECT_EQ(heads.size(), 3U);
}

}  // namespace
}  // namespace mox::test_support
