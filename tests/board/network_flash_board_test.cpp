// Mode 6 on the virtual MOX, with a real DHCP server and a real web server at the other end of its cable.

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "board/demo_card.hpp"
#include "board/network_board.hpp"
#include "support/loop_image.hpp"
#include "support/medkit_factory.hpp"
#include "support/network_servers.hpp"
#include "support/rescue_run_card.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/tcp_peer.hpp"

namespace mox::board_test {
namespace {

namespace fs = std::filesystem;
using test_support::Certificates;
using test_support::CutLine;
using test_support::DhcpServer;
using test_support::image_digest;
using test_support::WebPort;
using test_support::WebServer;

constexpr auto medkit_name = "mox-medkit-latest.tar.gz";

class FlashFromInternetBoard : public NetworkBoard {
protected:
    void put_together(const std::string& url = "https://repo.test/hbs/medkit", boot::Variables more = {}) {
        boot::Variables changes{{"rescue_url", url}};
        changes.merge(more);
        assemble_in_rescue(forcing(6), changes);
        put_in_card_with_other_system();
    }

    void start_servers(const std::string& web = {}) {
        dhcp_server = std::make_unique<DhcpServer>(lab);
        web_server = std::make_unique<WebServer>(lab, certificates, web);
        fs::create_directories(web_folder());
        fs::copy(demo_medkit(), web_folder() / medkit_name);
        fs::copy(demo_medkit().native() + ".sig", web_folder() / (std::string(medkit_name) + ".sig"));
    }

    [[nodiscard]] fs::path web_folder() const { return web_server->content() / "hbs/medkit"; }

    void check_card() {
        for (const auto& flaw : test_support::flaws_of_flashed_card(card, demo_description(folder.path())))
            ADD_FAILURE() << flaw;
    }

    /// The mode must end with this code on the LED and these words, and must not have changed the card.
    void expect_refusal(int code, const std::string& words) {
        const auto before = image_digest(card);
        act([&]() -> Play {
            co_await enter_forced_mode();
            EXPECT_EQ(co_await error_code(), code);
            EXPECT_TRUE(shown(console(), words)) << words;
            board().pull_plug();
        });
        EXPECT_EQ(image_digest(card), before);
    }

    /// Signs as the demo's medkit is signed.
    static void sign(const fs::path& file) {
        test_support::run({"signify-openbsd", "-S", "-s", demo_secret_key().native(), "-m", file.native(),
                           "-x", file.native() + ".sig"});
    }

    Certificates certificates{lab.folder() / "certificates"};
    std::unique_ptr<DhcpServer> dhcp_server;
    std::unique_ptr<WebServer> web_server;
};

TEST_F(FlashFromInternetBoard, FlashesAndTheNewSystemBoots) {
    start_servers();
    put_together();
    act([&]() -> Play {
        co_await enter_forced_mode();
        co_await mode_ends_and_board_loses_power(6);
    });
    check_card();
    act([&]() -> Play {
        co_await boots_the_card();
        co_await logs_in();
        EXPECT_EQ(co_await says("cat /etc/turris-version"), std::string(new_version) + "\r\n");
    });
}

TEST_F(FlashFromInternetBoard, GoesOnThroughCutsOfTheLineAndPressesOfTheButton) {
    start_servers();
    put_together("https://repo.test:8443/hbs/medkit");
    const auto part = fs::file_size(demo_medkit()) * 3 / 10;
    const CutLine line(lab, 8443, WebPort::good, {1 << 20, 1 << 20, part, part, part});
    act([&]() -> Play {
        co_await enter_forced_mode();
        must(co_await board().press_for(200ms));
        must(co_await board().press());  // and hold
        co_await mode_ends_and_board_loses_power(6);
        EXPECT_TRUE(shown(console(), "pressed and ignored"));
    });
    check_card();
    const auto requests = web_server->requests(4);
    EXPECT_GE(std::ranges::count(requests, 206, &test_support::WebRequest::status), 2);
}

TEST_F(FlashFromInternetBoard, WithoutACableShowsCodeOne) {
    put_together();
    act([&]() -> Play { must(co_await board().unplug_cable()); });
    expect_refusal(1, "no cable");
}

TEST_F(FlashFromInternetBoard, WithoutADhcpServerShowsCodeOne) {
    put_together();
    expect_refusal(1, "no DHCP server has answered");
}

TEST_F(FlashFromInternetBoard, OfAMedkitSignedBySomebodyElseShowsCodeTwo) {
    start_servers();
    const auto stranger = test_support::make_signing_key(folder / "keys", "stranger");
    test_support::sign_beside(web_folder() / medkit_name, stranger);
    put_together();
    expect_refusal(2, stranger.number);
}

TEST_F(FlashFromInternetBoard, OfAMedkitOf600MegabytesShowsCodeTwoBeforeItIsDownloaded) {
    start_servers();
    fs::resize_file(web_folder() / medkit_name, 600'000'000);
    put_together();
    expect_refusal(2, "too large");
}

TEST_F(FlashFromInternetBoard, Of80MegabytesHasMemoryLeft) {
    start_servers();
    // The demo's content, and something large that does not compress.
    const auto tree = folder / "large";
    fs::create_directories(tree);
    test_support::run({"tar", "-C", tree.native(), "-xzpf", demo_medkit().native()});
    test_support::run(
        {"dd", "if=/dev/urandom", "of=" + (tree / "large").native(), "bs=1M", "count=70", "status=none"});
    test_support::pack_with_tar(tree, web_folder() / medkit_name, test_support::TarFormat::gnu);
    sign(web_folder() / medkit_name);
    const auto size = fs::file_size(web_folder() / medkit_name);
    ASSERT_GT(size, 75'000'000U);
    put_together();
    act([&]() -> Play {
        co_await enter_forced_mode();
        co_await sees("this program took", mode_patience);
        const auto rest = must(co_await console().expect("are free", boot_patience));
        std::cout << "a medkit of " << to_text(Bytes{size}) << " on a board of 512 MB: this program took"
                  << rest.before << "are free\n";
        co_await mode_ends_and_board_loses_power(6);
    });
}

/// TLS in the shipped image, asked strictly: from a session of mode 5 in which somebody has put another
/// authority in the place of the image's.
TEST_F(FlashFromInternetBoard, KnowsAGoodServerFromADoubtfulOne) {
    start_servers();
    test_support::run(lab.at_peer({"ip", "address", "add", "192.168.1.2/24", "dev", "peer0"}));
    const auto url_at = [](int port) { return "https://repo.test:" + std::to_string(port) + "/hbs/medkit"; };
    assemble_in_rescue(forcing(5), {{"rescue_tls", "strict"}, {"rescue_url", url_at(WebPort::good)}});
    put_in_card_with_other_system();
    act([&]() -> Play {
        co_await enters_mode_5();
        constexpr auto try_it = "mox-rescue run internet --dry-run";
        const auto unknown = co_await ssh(try_it);
        EXPECT_EQ(unknown.exit_status, 1) << unknown.output;
        EXPECT_TRUE(unknown.output.contains("cannot prove who it is")) << unknown.output;

        (void)co_await session_says("echo '" + certificates.authority() +
                                    "' >/tmp/authority && mount -o bind /tmp/authority "
                                    "/etc/ssl/certs/ca-certificates.crt");
        const auto good = co_await ssh(try_it);
        EXPECT_EQ(good.exit_status, 0) << good.output;
        EXPECT_TRUE(good.output.contains("dry run: nothing was written")) << good.output;
        board().pull_plug();
    });
    change_environment({{"rescue_url", url_at(WebPort::expired)}});
    act([&]() -> Play {
        co_await enters_mode_5();
        (void)co_await session_says("echo '" + certificates.authority() +
                                    "' >/tmp/authority && mount -o bind /tmp/authority "
                                    "/etc/ssl/certs/ca-certificates.crt");
        const auto expired = co_await ssh("mox-rescue run internet --dry-run");
        EXPECT_EQ(expired.exit_status, 1) << expired.output;
        EXPECT_TRUE(expired.output.contains("EXPIRED") || expired.output.contains("expired"))
            << expired.output;
    });
}

}  // namespace
}  // namespace mox::board_test
