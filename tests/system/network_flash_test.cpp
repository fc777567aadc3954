// Mode 6 as users run it, with a real DHCP server and a real web server: what is on the card afterwards, and
// that nothing of it has changed whatever goes wrong on the way.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/child_process.hpp"
#include "base/running_child.hpp"
#include "support/environment_image.hpp"
#include "support/loop_image.hpp"
#include "support/network_lab.hpp"
#include "support/network_servers.hpp"
#include "support/rescue_run.hpp"
#include "support/rescue_run_card.hpp"
#include "support/tcp_peer.hpp"

namespace mox::test_support {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr auto network_error = 1;
constexpr auto medkit_error = 2;
constexpr auto card_error = 3;

class FlashFromInternet : public testing::Test {
protected:
    FlashFromInternet() {
        ::unsetenv("https_proxy");
        lab.replace_file("/etc/resolv.conf", "");
        lab.replace_file("/etc/hosts", "127.0.0.1 localhost\n");
        lab.replace_file("/etc/nsswitch.conf", "hosts: files dns\n");
        lab.replace_file("/etc/ssl/certs/ca-certificates.crt", certificates.authority());
        set_environment({});
        make_card_with_whole_system(card);
    }

    /// Everything that a router needs, and the medkit on the web server.
    void start_servers(const std::string& web = {}, const std::vector<std::string>& dhcp = {}) {
        dhcp_server = std::make_unique<DhcpServer>(lab, dhcp);
        web_server = std::make_unique<WebServer>(lab, certificates, web);
        fs::create_directories(web_folder());
        for (const auto& entry : fs::directory_iterator(table.content())) fs::copy(entry, web_folder());
    }

    /// The boot loader's variables, besides where to download from.
    void set_environment(const std::vector<std::string>& variables,
                         const std::string& url = "https://repo.test/hbs/medkit") {
        std::string text = "bootcmd=run distro_bootcmd\nboot_targets=mmc0\nrescue_url=" + url + "\n";
        for (const auto& variable : variables) text += variable + "\n";
        write_file(lab.folder() / "environment.txt", text);
        const auto image = (lab.folder() / "environment").native();
        run({"mkenvimage", "-s", "0x10000", "-o", image, (lab.folder() / "environment.txt").native()});
        write_file(lab.folder() / "fw_env.config", image + " 0x0 0x10000\n");
    }

    [[nodiscard]] std::string environment() const {
        return test_support::variables_in(text_of(lab.folder() / "environment"));
    }

    [[nodiscard]] std::vector<std::string> command(const fs::path& card_node) const {
        return {MOX_RESCUE_PROGRAM,
                "run",
                "6",
                "--yes",
                "--json",
                "--keys",
                table.keys().native(),
                "--card",
                card_node.native(),
                "--port",
                "eth0",
                "--boot-environment",
                (lab.folder() / "fw_env.config").native()};
    }

    [[nodiscard]] ChildResult run_mode_6(const std::vector<std::string>& more = {},
                                         Writing writing = Writing::allowed) const {
        AttachedImage attached(card, writing);
        auto argv = command(attached.node());
        argv.insert(argv.end(), more.begin(), more.end());
        auto result = must(run_child(argv, 8min));
        attached.detach();
        return result;
    }

    void expect_success() const {
        const auto result = run_mode_6();
        EXPECT_EQ(result.exit_status, 0) << result.output;
        for (const auto& flaw : flaws_of_flashed_card(card, table.description())) ADD_FAILURE() << flaw;
    }

    /// Runs the mode, which must fail with this exit status and these words, and must not change the card.
    void expect_refusal(int status, const std::string& words, Writing writing = Writing::allowed) const {
        const auto before = image_digest(card);
        const auto environment_before = environment();
        const auto result = run_mode_6({}, writing);
        EXPECT_EQ(result.exit_status, status) << result.output;
        EXPECT_TRUE(result.output.contains(words)) << result.output;
        EXPECT_EQ(image_digest(card), before) << "the card was written\n" << result.output;
        EXPECT_EQ(environment(), environment_before);
    }

    [[nodiscard]] fs::path web_folder() const { return web_server->content() / "hbs/medkit"; }
    [[nodiscard]] fs::path web_medkit() const { return web_folder() / "mox-medkit-latest.tar.gz"; }

    /// Changes one byte in the middle of a file.
    static void tamper_with(const fs::path& file) {
        auto bytes = text_of(file);
        bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
        write_file(file, bytes);
    }

    RescueTable table;
    NetworkLab lab;
    Certificates certificates{lab.folder() / "certificates"};
    std::unique_ptr<DhcpServer> dhcp_server;
    std::unique_ptr<WebServer> web_server;
    const fs::path card = table.folder() / "card.img";
};

TEST_F(FlashFromInternet, PutsTheLatestMedkitOnTheCard) {
    start_servers();
    expect_success();
    std::vector<std::string> asked_for;
    for (const auto& request : web_server->requests(2)) asked_for.push_back(request.path);
    const std::vector<std::string> expected{"/hbs/medkit/mox-medkit-latest.tar.gz.sig",
                                            "/hbs/medkit/mox-medkit-latest.tar.gz"};
    EXPECT_EQ(asked_for, expected);
}

TEST_F(FlashFromInternet, ShowsRateAndRemainingTime) {
    start_servers("limit_rate 700k;");  // longer than the five seconds between two lines
    const auto result = run_mode_6({"--dry-run"});
    EXPECT_EQ(result.exit_status, 0) << result.output;
    EXPECT_TRUE(result.output.contains("downloading the medkit: done")) << result.output;
    EXPECT_TRUE(result.output.contains("B/s  ")) << result.output;
    EXPECT_TRUE(result.output.contains(" left\n")) << result.output;
}

TEST_F(FlashFromInternet, DryRunWritesNothing) {
    start_servers();
    const auto before = image_digest(card);
    const auto result = run_mode_6({"--dry-run"});
    EXPECT_EQ(result.exit_status, 0) << result.output;
    EXPECT_TRUE(result.output.contains("dry run")) << result.output;
    EXPECT_EQ(image_digest(card), before);
}

TEST_F(FlashFromInternet, TakesTheMedkitOfItsContract) {
    start_servers();
    set_environment({"contract=turris_lists=contracts/shield"});
    expect_refusal(network_error, "mox-medkit-contract-shield-latest.tar.gz.sig");
    for (const std::string ending : {"", ".sig"})
        fs::rename(web_medkit().native() + ending,
                   web_folder() / ("mox-medkit-contract-shield-latest.tar.gz" + ending));
    expect_success();
}

TEST_F(FlashFromInternet, GoesOnThroughThreeCutsOfTheLine) {
    start_servers();
    set_environment({}, "https://repo.test:8443/hbs/medkit");
    const auto size = fs::file_size(web_medkit());
    // The first conversation is about the signature and is left alone.
    const CutLine line(lab, 8443, WebPort::good, {1 << 20, size * 3 / 10, size * 3 / 10, size * 3 / 10});
    expect_success();
    const auto requests = web_server->requests(5);
    ASSERT_EQ(requests.size(), 5U);
    for (std::size_t i = 2; i < requests.size(); ++i) {
        EXPECT_EQ(requests[i].status, 206);
        EXPECT_TRUE(requests[i].range.starts_with("bytes=")) << requests[i].range;
    }
}

TEST_F(FlashFromInternet, FormatsACardThatIsNotOursAndTheMarkerIsGoneAtTheEnd) {
    start_servers();
    make_filesystem(card, Table::dos, "ext4");
    expect_success();
    EXPECT_FALSE(environment().contains("force_mode")) << environment();
    EXPECT_TRUE(environment().contains("bootcmd=env default -f -a; setenv boot_targets 'mmc0'; saveenv"))
        << environment();
}

TEST_F(FlashFromInternet, StartsAgainByItselfWhenItIsInterruptedAfterFormatting) {
    start_servers();
    make_filesystem(card, Table::dos, "ext4");
    {
        AttachedImage attached(card);
        const auto said = lab.folder() / "rescue.log";
        const UniqueFd output(::open(said.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
        auto rescue = must(RunningChild::start(
            {.argv = command(attached.node()), .output = output.get(), .errors = output.get()}));
        wait_until([&] { return text_of(said).contains("formatted "); }, "the formatting");
        ::kill(rescue.pid(), SIGKILL);
        rescue.reap();
    }
    EXPECT_TRUE(environment().contains("force_mode=6")) << environment();
    EXPECT_TRUE(environment().contains("mox_rescue_bootcmd=run distro_bootcmd"));
    expect_success();
    EXPECT_FALSE(environment().contains("force_mode"));
}

TEST_F(FlashFromInternet, WithoutACableFailsAndSaysWhatToDo) {
    start_servers();
    lab.unplug();
    expect_refusal(network_error, "no cable");
}

TEST_F(FlashFromInternet, WithoutADhcpServerFails) {
    expect_refusal(network_error, "no DHCP server has answered");
}

TEST_F(FlashFromInternet, WithoutANameServerFails) {
    start_servers({}, {"--port=0", "--dhcp-option=option:dns-server,10.77.0.1"});
    expect_refusal(network_error, "no name server knows repo.test");
}

TEST_F(FlashFromInternet, WithoutAWebServerFails) {
    const DhcpServer dhcp(lab);
    expect_refusal(network_error, "no connection to repo.test");
}

TEST_F(FlashFromInternet, OfAMedkitThatIsNotThereFails) {
    start_servers();
    fs::remove(web_medkit());
    expect_refusal(network_error, "no such file");
}

TEST_F(FlashFromInternet, WithoutASignatureFailsBeforeTheMedkitIsDownloaded) {
    start_servers();
    fs::remove(web_medkit().native() + ".sig");
    expect_refusal(network_error, "mox-medkit-latest.tar.gz.sig");
    EXPECT_EQ(web_server->requests(1).size(), 1U);
}

TEST_F(FlashFromInternet, FromADoubtfulServerGoesOnBecauseOfTheSignature) {
    start_servers();
    set_environment({}, "https://repo.test:4430/hbs/medkit");
    const auto result = run_mode_6();
    EXPECT_EQ(result.exit_status, 0) << result.output;
    EXPECT_TRUE(result.output.contains("expired")) << result.output;
}

TEST_F(FlashFromInternet, FromADoubtfulServerFailsWhenStrict) {
    start_servers();
    set_environment({"rescue_tls=strict"}, "https://repo.test:4430/hbs/medkit");
    expect_refusal(network_error, "expired");
}

TEST_F(FlashFromInternet, RedirectedToHttpFails) {
    start_servers("location /hbs { return 302 http://repo.test/other; }");
    expect_refusal(network_error, "not https");
}

/// A page of a captive portal, larger than any signature.
std::string login_page() {
    return "<!DOCTYPE html><html><head><title>Welcome</title></head><body>" + std::string(40'000, ' ') +
           "<form action=login>Room number</form></body></html>\n";
}

/// Directives for a server that answers everything with the page.
std::string portal(const fs::path& folder) {
    write_file(folder / "login.html", login_page());
    return "location /hbs { root " + folder.native() + "; try_files /login.html =404; }";
}

TEST_F(FlashFromInternet, BehindACaptivePortalFailsBeforeTheMedkitIsDownloaded) {
    start_servers(portal(lab.folder()));
    expect_refusal(network_error, "captive portal");
    EXPECT_EQ(web_server->requests(1).size(), 1U);
}

TEST_F(FlashFromInternet, RedirectedToALoginPageFailsBeforeTheMedkitIsDownloaded) {
    start_servers(
        "location /hbs { return 302 https://repo.test/login/; }\n"
        "location /login { default_type text/html; return 200 '<html>Log in</html>'; }");
    expect_refusal(network_error, "captive portal");
    EXPECT_EQ(web_server->requests(2).size(), 2U);
}

TEST_F(FlashFromInternet, RedirectedToALoginPageByHttpFails) {
    start_servers("location /hbs { return 302 http://login.test/; }");
    expect_refusal(network_error, "captive portal");
}

TEST_F(FlashFromInternet, BehindACaptivePortalWithStatus511Fails) {
    start_servers("location /hbs { return 511; }");
    expect_refusal(network_error, "captive portal");
}

// The signature has come before the login has run out.
TEST_F(FlashFromInternet, WithAPageInPlaceOfTheMedkitAloneFails) {
    start_servers("location ~ gz$ { default_type text/html; return 200 '<html>Log in</html>'; }");
    expect_refusal(network_error, "captive portal");
}

TEST_F(FlashFromInternet, RedirectedInALoopFails) {
    start_servers("location /hbs { return 302 $request_uri; }");
    expect_refusal(network_error, "redirects again and again");
}

TEST_F(FlashFromInternet, OverALineThatCrawlsIsGivenUp) {
    start_servers("location ~ gz$ { limit_rate 500; }");
    expect_refusal(network_error, "too slow");
}

TEST_F(FlashFromInternet, OfATruncatedMedkitFails) {
    start_servers();
    fs::resize_file(web_medkit(), fs::file_size(web_medkit()) / 2);
    expect_refusal(medkit_error, "mox-medkit-latest.tar.gz");
}

TEST_F(FlashFromInternet, OfAMedkitThatWasTamperedWithFails) {
    start_servers();
    tamper_with(web_medkit());
    expect_refusal(medkit_error, "mox-medkit-latest.tar.gz");
}

TEST_F(FlashFromInternet, OfAMedkitSignedBySomebodyElseFails) {
    start_servers();
    const auto stranger = make_signing_key(table.workshop() / "secret", "stranger");
    sign_beside(web_medkit(), stranger);
    expect_refusal(medkit_error, stranger.number);
}

TEST_F(FlashFromInternet, OfAMedkitWithTheSignatureOfAnotherFails) {
    start_servers();
    write_file(web_folder() / "other", "another file");
    sign_beside(web_folder() / "other", table.key());
    fs::rename(web_folder() / "other.sig", web_medkit().native() + ".sig");
    expect_refusal(medkit_error, "signature");
}

TEST_F(FlashFromInternet, OfAMedkitThatDoesNotFitIntoMemoryFailsBeforeItIsDownloaded) {
    start_servers();
    fs::resize_file(web_medkit(), 600'000'000);
    lab.replace_file("/proc/meminfo", "MemTotal: 512000 kB\nMemFree: 430000 kB\nMemAvailable: 420000 kB\n");
    const auto start = Clock::now();
    expect_refusal(medkit_error, "600.0 MB");
    EXPECT_LT(Clock::now() - start, 60s);
}

TEST_F(FlashFromInternet, OfABodyWithoutEndFails) {
    start_servers(
        "location = /hbs/medkit/mox-medkit-latest.tar.gz { proxy_pass http://127.0.0.1:9000; "
        "proxy_buffering off; }");
    lab.replace_file("/proc/meminfo", "MemTotal: 512000 kB\nMemFree: 130000 kB\nMemAvailable: 120000 kB\n");
    const TcpPeer endless(lab, "127.0.0.1", WebPort::raw_behind, [](TcpConversation& conversation) {
        (void)conversation.read_head();
        conversation.send("HTTP/1.1 200 OK\r\n\r\n");
        conversation.send("\x1f\x8b");
        while (conversation.send(std::string(64 << 10, 'x'))) {
        }
    });
    expect_refusal(medkit_error, "too large");
}

TEST_F(FlashFromInternet, OntoACardThatIsTooSmallFails) {
    start_servers();
    fs::remove(card);
    make_disk(card, {128 << 20}, Table::none);
    expect_refusal(card_error, "card");
}

TEST_F(FlashFromInternet, OntoAReadOnlyCardFails) {
    start_servers();
    expect_refusal(card_error, "write protected", Writing::forbidden);
}

TEST_F(FlashFromInternet, WithAnAddressThatMakesNoSenseFailsBeforeAnythingIsAsked) {
    start_servers();
    set_environment({}, "http://repo.test/hbs/medkit");
    expect_refusal(network_error, "rescue_url of the boot environment");
    EXPECT_TRUE(web_server->requests().empty());
}

}  // namespace
}  // namespace mox::test_support
