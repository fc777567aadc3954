// The program medkit against signify-openbsd, the second opinion: keys and signatures of either serve the
// other.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/child_process.hpp"
#include "support/tar_builder.hpp"
#include "support/temporary_directory.hpp"

namespace mox {
namespace {

using namespace std::chrono_literals;

class SignifyInterop : public testing::Test {
protected:
    SignifyInterop() { std::ofstream(file_, std::ios::binary) << test_support::noise(300'000); }

    static ChildResult run(const std::vector<std::string>& argv) {
        auto result = run_child(argv, 60s);
        EXPECT_TRUE(result) << result.error().describe();
        return result.value_or(ChildResult{.exit_status = -1, .output = {}});
    }

    static ChildResult medkit(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), MEDKIT_PROGRAM);
        return run(arguments);
    }

    static ChildResult signify(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "signify-openbsd");
        return run(arguments);
    }

    [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }

    void make_our_key() const {
        const auto made = medkit({"keygen", path("key")});
        ASSERT_EQ(made.exit_status, 0) << made.output;
    }

    /// signify wants the halves of a pair to be called NAME.pub and NAME.sec.
    void make_their_key() const {
        const auto made = signify({"-G", "-n", "-p", path("key.pub"), "-s", path("key.sec")});
        ASSERT_EQ(made.exit_status, 0) << made.output;
    }

    void sign_with_ours() const {
        const auto made = medkit({"sign", "--key", path("key.sec"), file_});
        ASSERT_EQ(made.exit_status, 0) << made.output;
    }

    void sign_with_theirs() const {
        const auto made = signify({"-S", "-s", path("key.sec"), "-m", file_, "-x", file_ + ".sig"});
        ASSERT_EQ(made.exit_status, 0) << made.output;
    }

    [[nodiscard]] ChildResult verify_with_theirs() const {
        return signify({"-V", "-p", path("key.pub"), "-m", file_, "-x", file_ + ".sig"});
    }

    void change_one_byte() const {
        std::fstream file(file_, std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(200'000);
        const int before = file.get();
        file.seekp(200'000);
        file.put(static_cast<char>(before ^ 1));
    }

    test_support::TemporaryDirectory folder_;
    std::string file_ = folder_ / "mox-medkit-latest (1).tar.gz";
};

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST_F(SignifyInterop, OurSignatureWithOurKeyIsGoodForThem) {
    make_our_key();
    sign_with_ours();
    EXPECT_EQ(verify_with_theirs().exit_status, 0) << verify_with_theirs().output;
    change_one_byte();
    EXPECT_NE(verify_with_theirs().exit_status, 0);
}

TEST_F(SignifyInterop, OurSignatureWithTheirKeyIsGoodForThem) {
    make_their_key();
    sign_with_ours();
    EXPECT_EQ(verify_with_theirs().exit_status, 0) << verify_with_theirs().output;
}

TEST_F(SignifyInterop, TheirSignatureWithOurKeyIsGoodForThem) {
    make_our_key();
    sign_with_theirs();
    EXPECT_EQ(verify_with_theirs().exit_status, 0) << verify_with_theirs().output;
}

TEST_F(SignifyInterop, BothMakeTheSameSignature) {
    make_their_key();
    sign_with_theirs();
    const auto theirs = content_of(file_ + ".sig");
    sign_with_ours();
    const auto ours = content_of(file_ + ".sig");
    EXPECT_EQ(ours.substr(ours.find('\n')), theirs.substr(theirs.find('\n')));
}

/// A medkit with a signature that signify made, seen by `medkit verify`.
class SignifyMedkit : public SignifyInterop {
protected:
    SignifyMedkit() {
        std::ofstream(file_, std::ios::binary | std::ios::trunc)
            << test_support::gzip(test_support::minimal_medkit().finished());
        std::filesystem::create_directory(path("keys"));
    }

    /// Files their public key under its number, which `medkit inspect` reads from the signature.
    void trust_their_key() const {
        const auto looked = medkit({"inspect", file_});
        ASSERT_EQ(looked.exit_status, 0) << looked.output;
        const auto start = looked.output.find("key ");
        ASSERT_NE(start, std::string::npos) << looked.output;
        std::filesystem::copy_file(path("key.pub"), path("keys/") + looked.output.substr(start + 4, 16));
    }

    [[nodiscard]] ChildResult verify() const { return medkit({"verify", "--keys", path("keys"), file_}); }
};

TEST_F(SignifyMedkit, IsAcceptedWithTheKeyTrusted) {
    make_their_key();
    sign_with_theirs();
    trust_their_key();
    const auto verified = verify();
    EXPECT_EQ(verified.exit_status, 0) << verified.output;
    EXPECT_TRUE(verified.output.contains("signature by key ")) << verified.output;
}

TEST_F(SignifyMedkit, IsRejectedWithoutTheKey) {
    make_their_key();
    sign_with_theirs();
    const auto made = medkit({"keygen", "--directory", path("keys")});
    ASSERT_EQ(made.exit_status, 0) << made.output;
    const auto verified = verify();
    EXPECT_EQ(verified.exit_status, 2);
    EXPECT_TRUE(verified.output.contains("which is not trusted here")) << verified.output;
}

TEST_F(SignifyMedkit, KeygenMakesTheDirectoryOrWritesNothing) {
    EXPECT_EQ(medkit({"keygen", "--directory", path("new/keys"), path("mine")}).exit_status, 0);
    EXPECT_TRUE(std::filesystem::is_regular_file(path("mine.sec")));
    std::ofstream(path("file")) << "in the way";
    const auto refused = medkit({"keygen", "--directory", path("file/keys"), path("other")});
    EXPECT_EQ(refused.exit_status, 2) << refused.output;
    EXPECT_TRUE(refused.output.contains("directory of keys " + path("file/keys"))) << refused.output;
    EXPECT_FALSE(std::filesystem::exists(path("other.sec")));
    EXPECT_FALSE(std::filesystem::exists(path("other.pub")));
}

TEST_F(SignifyMedkit, IsRejectedWhenItsSignatureIsOfAnotherFile) {
    make_their_key();
    sign_with_theirs();
    trust_their_key();
    std::ofstream(file_, std::ios::binary | std::ios::trunc)
        << test_support::gzip(test_support::minimal_medkit("9.9.9").finished());
    const auto verified = verify();
    EXPECT_EQ(verified.exit_status, 2);
    EXPECT_TRUE(verified.output.contains("does not match (key ")) << verified.output;
}

TEST_F(SignifyInterop, KeysProtectedByAPassphraseAreRefusedWithAReason) {
    make_their_key();
    auto text = content_of(path("key.sec"));
    const auto base64 = text.find('\n') + 1;
    text[base64 + 9] = 'B';  // within the number of KDF rounds
    std::ofstream(path("key.sec")) << text;
    const auto refused = medkit({"sign", "--key", path("key.sec"), file_});
    EXPECT_EQ(refused.exit_status, 2);
    EXPECT_TRUE(refused.output.contains("is protected by a passphrase")) << refused.output;
}

TEST_F(SignifyInterop, SecretKeysAreForTheOwnerAloneAndNotOverwritten) {
    make_our_key();
    struct stat status{};
    ASSERT_EQ(::stat(path("key.sec").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600U);
    const auto before = content_of(path("key.sec"));
    const auto refused = medkit({"keygen", path("key")});
    EXPECT_EQ(refused.exit_status, 2);
    EXPECT_TRUE(refused.output.contains("exists already")) << refused.output;
    EXPECT_EQ(content_of(path("key.sec")), before);
    EXPECT_EQ(medkit({"keygen", path("key"), "--force"}).exit_status, 0);
    EXPECT_NE(content_of(path("key.sec")), before);
    ASSERT_EQ(::stat(path("key.sec").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600U);
}

TEST_F(SignifyInterop, WrongCommandLinesEndWithStatus64) {
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{},
                                               {"nonsense"},
                                               {"verify"},
                                               {"keygen"},
                                               {"sign", file_},
                                               {"pack", "."},
                                               {"inspect", "--nonsense"}})
        EXPECT_EQ(medkit(arguments).exit_status, 64) << (arguments.empty() ? "nothing" : arguments.front());
    EXPECT_EQ(medkit({"--help"}).exit_status, 0);
    EXPECT_EQ(medkit({"--version"}).exit_status, 0);
}

}  // namespace
}  // namespace mox
