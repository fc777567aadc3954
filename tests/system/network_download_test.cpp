// Downloads against a real web server, and against one that lies, over a cable of their own.
#include "network/download.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "support/loop_image.hpp"
#include "support/network_lab.hpp"
#include "support/network_servers.hpp"
#include "support/tcp_peer.hpp"

namespace mox::test_support {
namespace {

using namespace std::chrono_literals;
using namespace unit_literals;
using network::TlsPolicy;

constexpr Bytes file_size = 3_MiB;

std::string random_bytes(Bytes size) {
    std::mt19937_64 random(1);
    std::string bytes(size.count, '\0');
    std::ranges::generate(bytes, [&] { return static_cast<char>(random()); });
    return bytes;
}

/// A router with an address, a web server with one file, and short time-outs.
class Download : public testing::Test {
protected:
    Download() {
        ::unsetenv("https_proxy");
        run({"ip", "link", "set", "eth0", "up"});
        run({"ip", "address", "add", "10.77.0.2/24", "dev", "eth0"});
        lab.replace_file("/etc/hosts", "10.77.0.1 repo.test\n");
        write_file(lab.folder() / "authority.pem", certificates.authority());
        rules.authorities = lab.folder() / "authority.pem";
        rules.limits.connecting = 5s;
        rules.retry.first_pause = 50ms;
        log.add_listener([this](const LogLine& line) { said += line.text + "\n"; });
    }

    void start_server(const std::string& more = {}) {
        server = std::make_unique<WebServer>(lab, certificates, more);
        write_file(server->content() / "medkit", content);
    }

    static std::string url(int port, const std::string& path = "/medkit") {
        return "https://repo.test:" + std::to_string(port) + path;
    }

    Expected<Bytes> fetch(const std::string& address) {
        const auto file = must(open_file(downloaded(), O_RDWR | O_CREAT | O_TRUNC, ErrorKind::card));
        const network::DownloadTarget target{.file = file.get(), .check_free_space = room};
        const auto parsed = must(network::Url::parse(address));
        return network::download(parsed, target, rules, log, {});
    }

    [[nodiscard]] std::filesystem::path downloaded() const { return lab.folder() / "downloaded"; }

    void expect_the_file(const Expected<Bytes>& size) const {
        ASSERT_TRUE(size) << size.error().describe() << "\n" << said;
        EXPECT_EQ(*size, Bytes{content.size()});
        EXPECT_TRUE(text_of(downloaded()) == content) << "another content";
    }

    void expect_failure(const Expected<Bytes>& size, const std::string& words,
                        ErrorKind kind = ErrorKind::network) const {
        ASSERT_FALSE(size) << said;
        EXPECT_EQ(size.error().kind(), kind) << size.error().describe();
        EXPECT_NE(size.error().describe().find(words), std::string::npos) << size.error().describe();
    }

    NetworkLab lab;
    Certificates certificates{lab.folder() / "certificates"};
    std::unique_ptr<WebServer> server;
    const std::string content = random_bytes(file_size);
    network::DownloadRules rules{.authorities = {}, .tls = TlsPolicy::strict};
    network::FreeSpaceCheck room;
    Log log;
    std::string said;
};

TEST_F(Download, OfAWholeFile) {
    start_server();
    expect_the_file(fetch(url(WebPort::good)));
    ASSERT_EQ(server->requests(1).size(), 1U);
    EXPECT_EQ(server->requests()[0].range, "-");
}

TEST_F(Download, GoesOnWhereTheLineWasCut) {
    start_server();
    const auto percent = [&](std::uint64_t n) { return content.size() * n / 100; };
    // Each cut counts from where the one before it was.
    const CutLine line(lab, 8443, WebPort::good, {percent(30), percent(30), percent(30)});
    expect_the_file(fetch(url(8443)));

    const auto requests = server->requests(4);
    ASSERT_EQ(requests.size(), 4U);
    EXPECT_EQ(requests[0].range, "-");
    std::uint64_t sent = 0;
    for (std::size_t i = 1; i < requests.size(); ++i) {
        EXPECT_EQ(requests[i].status, 206);
        EXPECT_NE(requests[i].if_range, "-");
        sent += percent(30);
        const auto from = std::stoull(requests[i].range.substr(std::string("bytes=").size()));
        // Less has arrived than was sent: encryption takes a part, and what was in flight is lost with the
        // line.
        EXPECT_LE(from, sent) << requests[i].range;
        EXPECT_GE(from, sent - percent(20)) << requests[i].range;
    }
}

TEST_F(Download, StartsAnewWhenTheFileHasChangedInBetween) {
    start_server();
    write_file(server->content() / "medkit", random_bytes(2_MiB) + "the old one");
    bool changed = false;
    log.add_listener([&](const LogLine& line) {
        if (!line.text.contains("trying again") || std::exchange(changed, true)) return;
        std::filesystem::remove(server->content() / "medkit");
        write_file(server->content() / "medkit", content);
    });
    const CutLine line(lab, 8443, WebPort::good, {1_MiB .count});
    expect_the_file(fetch(url(8443)));
    ASSERT_EQ(server->requests(2).size(), 2U);
    EXPECT_NE(server->requests()[1].range, "-");
    EXPECT_EQ(server->requests()[1].status, 200);
}

TEST_F(Download, StartsAnewWhenTheServerKnowsNoRanges) {
    start_server("max_ranges 0;");
    const CutLine line(lab, 8443, WebPort::good, {1_MiB .count});
    expect_the_file(fetch(url(8443)));
    EXPECT_EQ(server->requests(2).back().status, 200);
}

TEST_F(Download, WithoutAValidatorIsNotGoneOnWith) {
    start_server("etag off; if_modified_since off; add_header Last-Modified \"\";");
    const CutLine line(lab, 8443, WebPort::good, {1_MiB .count});
    expect_the_file(fetch(url(8443)));
    EXPECT_EQ(server->requests(2).back().range, "-");
}

TEST_F(Download, FollowsARedirection) {
    start_server("location = /latest { return 302 https://repo.test/medkit; }");
    expect_the_file(fetch(url(WebPort::good, "/latest")));
}

TEST_F(Download, RefusesARedirectionToHttp) {
    start_server("location = /latest { return 302 http://repo.test/medkit; }");
    expect_failure(fetch(url(WebPort::good, "/latest")), "not https");
    EXPECT_EQ(server->requests(1).size(), 1U);
}

TEST_F(Download, RefusesALoopOfRedirections) {
    start_server("location = /a { return 302 /b; } location = /b { return 302 /a; }");
    expect_failure(fetch(url(WebPort::good, "/a")), "redirects again and again");
    EXPECT_EQ(server->requests(6).size(), 6U);
}

TEST_F(Download, OfAFileThatIsNotThereFailsAtOnce) {
    start_server();
    expect_failure(fetch(url(WebPort::good, "/no-such-file")), "no such file");
    EXPECT_EQ(server->requests(1).size(), 1U);
}

TEST_F(Download, ThatIsForbiddenFailsAtOnce) {
    start_server("location = /secret { return 403; }");
    expect_failure(fetch(url(WebPort::good, "/secret")), "refuses the file");
    EXPECT_EQ(server->requests(1).size(), 1U);
}

TEST_F(Download, IsTriedThreeTimesWhenTheServerHasTrouble) {
    start_server("location = /busy { return 503; }");
    expect_failure(fetch(url(WebPort::good, "/busy")), "503");
    EXPECT_EQ(server->requests(3).size(), 3U);
}

TEST_F(Download, IsTriedThreeTimesWhenNobodyListens) {
    expect_failure(fetch(url(WebPort::good)), "no connection to repo.test");
    EXPECT_NE(said.find("trying again in 0.1 s"), std::string::npos) << said;
}

TEST_F(Download, OfAnEmptyFileFails) {
    start_server();
    write_file(server->content() / "empty", "");
    expect_failure(fetch(url(WebPort::good, "/empty")), "empty file");
}

TEST_F(Download, FromAServerWithAnExpiredCertificateFailsWhenStrict) {
    start_server();
    expect_failure(fetch(url(WebPort::expired)), "expired");
    EXPECT_TRUE(server->requests().empty());
}

TEST_F(Download, FromAServerThatNobodyVouchesForFailsWhenStrict) {
    start_server();
    expect_failure(fetch(url(WebPort::unknown)), "cannot prove who it is");
    EXPECT_TRUE(server->requests().empty());
}

TEST_F(Download, FromAServerOfAnotherNameFailsWhenStrict) {
    start_server();
    lab.replace_file("/etc/hosts", "10.77.0.1 other.test\n");
    expect_failure(fetch("https://other.test/medkit"), "cannot prove who it is");
}

TEST_F(Download, WithoutAuthoritiesFailsWhenStrict) {
    start_server();
    rules.authorities = "/no/such/file";
    expect_failure(fetch(url(WebPort::good)), "cannot prove who it is");
}

TEST_F(Download, FromADoubtfulServerSaysWhyAndGoesOnWhenRelaxed) {
    start_server();
    rules.tls = TlsPolicy::relaxed;
    expect_the_file(fetch(url(WebPort::expired)));
    EXPECT_NE(said.find("expired"), std::string::npos) << said;
    EXPECT_NE(said.find("trusted signature"), std::string::npos) << said;
}

TEST_F(Download, FromAGoodServerSaysNothingOfThatWhenRelaxed) {
    start_server();
    rules.tls = TlsPolicy::relaxed;
    expect_the_file(fetch(url(WebPort::good)));
    EXPECT_EQ(said.find("signature"), std::string::npos) << said;
}

TEST_F(Download, ThatIsTooSlowIsGivenUp) {
    start_server("limit_rate 500;");
    rules.limits.slow_for = 2s;
    const auto start = Clock::now();
    expect_failure(fetch(url(WebPort::good)), "too slow");
    EXPECT_GT(Clock::now() - start, 6s) << "three tries";
    EXPECT_LT(Clock::now() - start, 60s);
}

TEST_F(Download, ThatIsSlowButNotTooSlowTakesItsTime) {
    start_server("limit_rate 300k;");
    write_file(server->content() / "medkit", content.substr(0, 1 << 20));
    rules.limits.slow_for = 1s;
    const auto size = fetch(url(WebPort::good));
    ASSERT_TRUE(size) << size.error().describe();
    EXPECT_EQ(*size, 1_MiB);
}

TEST_F(Download, LargerThanAllowedIsRefusedBeforeItComes) {
    start_server();
    rules.limits.largest = 1_MiB;
    expect_failure(fetch(url(WebPort::good)), "too large", ErrorKind::medkit);
    EXPECT_EQ(text_of(downloaded()).size(), 0U);
    EXPECT_EQ(server->requests(1).size(), 1U);
}

TEST_F(Download, ForWhichThereIsNoRoomIsRefusedBeforeItComes) {
    start_server();
    room = [](Bytes to_come) -> Expected<void> {
        if (to_come < 2_MiB) return {};
        return fail(ErrorKind::medkit, "no room for " + to_text(to_come));
    };
    expect_failure(fetch(url(WebPort::good)), "no room for 3.1 MB", ErrorKind::medkit);
    EXPECT_EQ(text_of(downloaded()).size(), 0U);
}

}  // namespace
}  // namespace mox::test_support
