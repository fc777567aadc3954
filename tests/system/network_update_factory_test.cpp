// `schnapps update-factory` with an address: the same download as in mode 6.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/child_process.hpp"
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

class UpdateFactory : public testing::Test {
protected:
    UpdateFactory() {
        ::unsetenv("https_proxy");
        run({"ip", "link", "set", "eth0", "up"});
        run({"ip", "address", "add", "10.77.0.2/24", "dev", "eth0"});
        lab.replace_file("/etc/hosts", "10.77.0.1 repo.test repo.turris.cz\n");
        lab.replace_file("/etc/nsswitch.conf", "hosts: files\n");
        lab.replace_file("/etc/ssl/certs/ca-certificates.crt", certificates.authority());
        make_card_with_whole_system(card);
        for (const auto& entry : fs::directory_iterator(table.content())) fs::copy(entry, server.content());
    }

    [[nodiscard]] ChildResult run_schnapps(const std::vector<std::string>& words) const {
        AttachedImage attached(card, Writing::allowed, partition_start);
        std::vector<std::string> argv{SCHNAPPS_PROGRAM, "-d", attached.node().native()};
        argv.insert(argv.end(), words.begin(), words.end());
        auto result = must(run_child(argv, 2min));
        attached.detach();
        return result;
    }

    [[nodiscard]] ChildResult update_factory(const std::vector<std::string>& from) const {
        std::vector<std::string> words{"update-factory", "--keys", table.keys().native()};
        words.insert(words.end(), from.begin(), from.end());
        return run_schnapps(words);
    }

    /// `import -f`, as on routers in the field.
    [[nodiscard]] ChildResult import_factory() const {
        return run_schnapps({"import", "-f", "--keys", table.keys().native(), address});
    }

    [[nodiscard]] fs::path served(const std::string& ending) const {
        return server.content() / ("mox-medkit-latest.tar.gz" + ending);
    }

    void serve_without_companions() const {
        std::error_code none;
        for (const std::string ending : {".sig", ".sha256", ".md5"}) fs::remove(served(ending), none);
    }

    /// What the factory image holds.
    [[nodiscard]] std::string factory() const {
        const MountedImage mounted(card, partition_start, "btrfs");
        return describe_system(mounted / "@factory");
    }

    void expect_refusal(const std::vector<std::string>& from, int status, const std::string& words) const {
        const auto before = factory();
        const auto result = update_factory(from);
        EXPECT_EQ(result.exit_status, status) << result.output;
        EXPECT_TRUE(result.output.contains(words)) << result.output;
        EXPECT_EQ(difference(before, factory()), "");
    }

    RescueTable table;
    NetworkLab lab;
    Certificates certificates{lab.folder() / "certificates"};
    WebServer server{lab, certificates};
    const fs::path card = table.folder() / "card.img";
    const std::string address = "https://repo.test/mox-medkit-latest.tar.gz";
};

TEST_F(UpdateFactory, TakesAMedkitFromAnAddress) {
    const auto result = update_factory({address});
    EXPECT_EQ(result.exit_status, 0) << result.output;
    EXPECT_TRUE(result.output.contains(table.key().number)) << result.output;
    EXPECT_EQ(difference(table.description(), factory()), "");
}

TEST_F(UpdateFactory, GoesOnWhereTheLineWasCut) {
    const auto half = fs::file_size(table.medkit()) / 2;
    const CutLine line(lab, 8443, WebPort::good, {1 << 20, half});
    const auto result = update_factory({"https://repo.test:8443/mox-medkit-latest.tar.gz"});
    EXPECT_EQ(result.exit_status, 0) << result.output;
    EXPECT_EQ(server.requests(3).back().status, 206);
    EXPECT_EQ(difference(table.description(), factory()), "");
}

TEST_F(UpdateFactory, AsksForTheLatestWithoutAnAddress) {
    // The certificate is for another name, so that nothing comes of it.
    expect_refusal({}, 1, "repo.turris.cz cannot prove who it is");
}

TEST_F(UpdateFactory, WithoutASignatureIsRefused) {
    fs::remove(server.content() / "mox-medkit-latest.tar.gz.sig");
    expect_refusal({address}, 1, "mox-medkit-latest.tar.gz.sig");
}

TEST_F(UpdateFactory, BehindACaptivePortalIsRefusedBeforeTheMedkitIsDownloaded) {
    write_file(server.content() / "mox-medkit-latest.tar.gz.sig", "<html>Log in</html>\n");
    expect_refusal({address}, 1, "captive portal");
    EXPECT_EQ(server.requests(1).size(), 1U);
}

TEST_F(UpdateFactory, FromAStrangerIsRefused) {
    const auto stranger = make_signing_key(table.workshop() / "secret", "stranger");
    sign_beside(server.content() / "mox-medkit-latest.tar.gz", stranger);
    expect_refusal({address}, 2, stranger.number);
}

TEST_F(UpdateFactory, FromAServerWithAnExpiredCertificateIsRefused) {
    expect_refusal({"https://repo.test:4430/mox-medkit-latest.tar.gz"}, 1, "expired");
}

TEST_F(UpdateFactory, FromAnAddressWithoutAFileNameIsRefused) {
    expect_refusal({"https://repo.test/"}, 1, "does not name a file");
}

TEST_F(UpdateFactory, ImportWithFTakesAnAddressWithOneRightChecksum) {
    for (const std::string ending : {".sha256", ".md5"}) {
        serve_without_companions();
        const auto hex = hex_by(ending.substr(1) + "sum", served(""));
        write_file(served(ending), hex + "  mox-medkit-latest.tar.gz\n");
        const auto result = import_factory();
        EXPECT_EQ(result.exit_status, 0) << result.output;
        EXPECT_TRUE(result.output.contains("the checksum is right")) << result.output;
        EXPECT_EQ(difference(table.description(), factory()), "");
    }
}

TEST_F(UpdateFactory, ImportWithFRefusesAWrongOrMissingChecksum) {
    serve_without_companions();
    const auto before = factory();
    const auto bare = import_factory();
    EXPECT_EQ(bare.exit_status, 1) << bare.output;
    EXPECT_TRUE(bare.output.contains("mox-medkit-latest.tar.gz.sha256")) << bare.output;
    write_file(served(".sha256"), hex_by("sha256sum", served("")) + "\n");
    write_file(served(".md5"), std::string(32, '0') + "\n");
    const auto wrong = import_factory();
    EXPECT_EQ(wrong.exit_status, 2) << wrong.output;
    EXPECT_TRUE(wrong.output.contains("MD5 does not match")) << wrong.output;
    EXPECT_EQ(difference(before, factory()), "");
}

}  // namespace
}  // namespace mox::test_support
