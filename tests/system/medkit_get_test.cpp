// `medkit get` from a real web server by TLS, over a cable of its own.

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/child_process.hpp"
#include "support/loop_image.hpp"
#include "support/medkit_factory.hpp"
#include "support/network_lab.hpp"
#include "support/network_servers.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/rescue_run_loop.hpp"
#include "support/temporary_directory.hpp"

namespace mox::test_support {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto name = "mox-medkit-latest.tar.gz";

class Get : public testing::Test {
protected:
    Get() {
        ::unsetenv("https_proxy");
        run({"ip", "link", "set", "eth0", "up"});
        run({"ip", "address", "add", "10.77.0.2/24", "dev", "eth0"});
        lab.replace_file("/etc/hosts", "10.77.0.1 repo.test\n");
        lab.replace_file("/etc/ssl/certs/ca-certificates.crt", certificates.authority());
        trust(key, keys());
        fs::create_directories(here());
    }

    /// Serves a new medkit, signed by the trusted key.
    void serve(const std::string& version, std::uint64_t seed = 1) const {
        const TemporaryDirectory tree;
        make_system_tree(tree.path(), version, seed);
        pack_with_tar(tree.path(), served());
        write_sha256_beside(served());
        sign_beside(served(), key);
    }

    [[nodiscard]] fs::path keys() const { return lab.folder() / "keys"; }
    [[nodiscard]] fs::path here() const { return lab.folder() / "downloads"; }
    [[nodiscard]] fs::path got() const { return here() / name; }
    [[nodiscard]] fs::path part() const { return here() / (std::string(name) + ".part"); }
    [[nodiscard]] fs::path served() const { return server.content() / name; }

    ChildResult get(const std::vector<std::string>& more = {}, int port = WebPort::good) const {
        std::vector<std::string> argv{MEDKIT_PROGRAM, "get", "--keys", keys(), "--directory", here()};
        argv.insert(argv.end(), {"--server", "https://repo.test:" + std::to_string(port)});
        argv.insert(argv.end(), more.begin(), more.end());
        return must(run_child(argv, 90s));
    }

    void expect_failure(const ChildResult& result, int status, const std::string& words) const {
        EXPECT_EQ(result.exit_status, status) << result.output;
        EXPECT_TRUE(result.output.contains(words)) << "expected: " << words << "\n" << result.output;
        EXPECT_FALSE(fs::exists(got())) << result.output;
    }

    void expect_got() const {
        for (const auto* ending : {"", ".sig", ".sha256"})
            EXPECT_TRUE(read_file(got().native() + ending) == read_file(served().native() + ending))
                << ending;
        EXPECT_FALSE(fs::exists(part()));
    }

    /// What an interrupted download leaves: the first `size` bytes, and the version of the server's reply.
    void leave_a_part(std::uint64_t size) const {
        const auto etag =
            output_of({"curl", "--silent", "--head", "--cacert", "/etc/ssl/certs/ca-certificates.crt",
                       "https://repo.test/" + std::string(name)});
        const auto at = etag.find("ETag: ") + 6;
        const auto content = read_file(served());
        write_file(part() / name, content.substr(0, size));
        write_file(part() / "version", "https://repo.test:443/" + std::string(name) + "\n" +
                                           etag.substr(at, etag.find('\r', at) - at) + "\n" +
                                           std::to_string(content.size()) + "\n");
    }

    /// The ranges that were asked for.
    [[nodiscard]] std::vector<std::string> ranges() const {
        std::vector<std::string> ranges;
        for (const auto& request : server.requests())
            if (request.path == "/" + std::string(name) && request.range != "-")
                ranges.push_back(request.range);
        return ranges;
    }

    NetworkLab lab;
    Certificates certificates{lab.folder() / "certificates"};
    WebServer server{lab, certificates};
    SigningKey key = make_signing_key(lab.folder(), "release");
};

TEST_F(Get, DownloadsAndVerifiesTheLatestMedkit) {
    serve("9.0.1");
    const auto result = get();
    ASSERT_EQ(result.exit_status, 0) << result.output;
    expect_got();
    EXPECT_TRUE(result.output.contains("9.0.1")) << result.output;
    EXPECT_TRUE(result.output.contains("signature by key " + key.number + ", SHA-256")) << result.output;
    // The same once more: nothing is downloaded.
    const auto again = get({"--json"});
    EXPECT_EQ(again.exit_status, 0) << again.output;
    EXPECT_TRUE(again.output.contains("\"was_there\": true")) << again.output;
    expect_got();
    // A newer one replaces it.
    serve("9.0.2", 2);
    EXPECT_EQ(get().exit_status, 0);
    expect_got();
}

TEST_F(Get, GoesOnWithAnInterruptedDownload) {
    serve("9.0.1");
    leave_a_part(1000000);
    const auto result = get({"--json"});
    ASSERT_EQ(result.exit_status, 0) << result.output;
    EXPECT_TRUE(result.output.contains("\"continued_from\": 1000000")) << result.output;
    EXPECT_EQ(ranges(), std::vector<std::string>{"bytes=1000000-"});
    expect_got();
}

TEST_F(Get, StartsAnewWhenTheServerHasAnotherVersion) {
    serve("9.0.1");
    leave_a_part(1000000);
    serve("9.0.2", 2);
    const auto result = get({"--json"});
    ASSERT_EQ(result.exit_status, 0) << result.output;
    EXPECT_TRUE(result.output.contains("\"continued_from\": 0")) << result.output;
    EXPECT_TRUE(result.output.contains("another version")) << result.output;
    expect_got();
}

TEST_F(Get, AsksForTheLastByteOfACompletePart) {
    serve("9.0.1");
    const auto size = fs::file_size(served());
    leave_a_part(size);
    const auto result = get();
    ASSERT_EQ(result.exit_status, 0) << result.output;
    EXPECT_EQ(ranges(), std::vector<std::string>{"bytes=" + std::to_string(size - 1) + "-"});
    expect_got();
}

TEST_F(Get, KeepsThePartOfADownloadThatIsCutShort) {
    serve("9.0.1");
    leave_a_part(1000000);
    fs::remove(served());
    expect_failure(get(), 1, "404");
    EXPECT_EQ(fs::file_size(part() / name), 1000000U);
}

TEST_F(Get, RefusesADamagedPartAndRemovesIt) {
    serve("9.0.1");
    leave_a_part(1000000);
    auto damaged = read_file(part() / name);
    damaged[500000] ^= 1;
    write_file(part() / name, damaged);
    expect_failure(get(), 2, "what was downloaded is refused, and was removed");
    EXPECT_FALSE(fs::exists(part()));
    EXPECT_EQ(get().exit_status, 0);
    expect_got();
}

TEST_F(Get, SaysThatTheServerHasNoSuchMedkit) {
    expect_failure(get(), 1, "404");
    EXPECT_FALSE(fs::exists(part()));
}

TEST_F(Get, RefusesAServerWithoutAValidCertificate) {
    serve("9.0.1");
    for (const auto port : {WebPort::unknown, WebPort::expired})
        expect_failure(get({}, port), 1, "certificate");
}

TEST_F(Get, RefusesAnUnknownKeyBeforeTheDownload) {
    serve("9.0.1");
    sign_beside(served(), make_signing_key(lab.folder(), "stranger"));
    expect_failure(get(), 2, "is not trusted");
    for (const auto& request : server.requests()) EXPECT_NE(request.path, "/" + std::string(name));
    EXPECT_FALSE(fs::exists(part()));
}

TEST_F(Get, RefusesABadSignatureAndABadChecksum) {
    serve("9.0.1");
    const auto signature = read_file(served().native() + ".sig");
    serve("9.0.2", 2);
    const auto right = read_file(served().native() + ".sig");
    write_file(served().native() + ".sig", signature);
    expect_failure(get(), 2, "signature");
    write_file(served().native() + ".sig", right);
    write_file(served().native() + ".sha256", std::string(64, '0') + "  " + name + "\n");
    expect_failure(get(), 2, "SHA-256");
}

TEST_F(Get, TakesAMedkitWithoutASignatureOnlyWhenAsked) {
    serve("9.0.1");
    fs::remove(served().native() + ".sig");
    expect_failure(get(), 1, "no signature, and without one the medkit is not downloaded");
    const auto result = get({"--unsigned"});
    EXPECT_EQ(result.exit_status, 0) << result.output;
    EXPECT_TRUE(fs::exists(got()));
}

TEST_F(Get, SaysThatThereIsNoRoom) {
    serve("9.0.1");
    const auto image = lab.folder() / "small.img";
    make_disk(image, Bytes{4 << 20}, Table::none);
    make_filesystem(image, Table::none, "ext4");
    const MountedImage small(image, 0, "ext4");
    const auto result = must(run_child({MEDKIT_PROGRAM, "get", "--keys", keys(), "--directory", small.path(),
                                        "https://repo.test/" + std::string(name)},
                                       90s));
    EXPECT_EQ(result.exit_status, 2) << result.output;
    EXPECT_TRUE(result.output.contains("no room for the medkit")) << result.output;
    EXPECT_FALSE(fs::exists(small / name));
}

}  // namespace
}  // namespace mox::test_support
