#include "medkit/keys.hpp"
#include "medkit/secret_key.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "support/temporary_directory.hpp"

namespace mox::medkit {
namespace {

// The two keys that sign official medkits.
constexpr std::string_view release_key =
    "untrusted comment: Turris OS release key\n"
    "RWTcsg5TXGLdW9gNlGHN/ofdsM0KAfQIRBo5OVZIYlVTfyI6FGVEOK/e\n";
constexpr std::string_view standby_key =
    "untrusted comment: Turris OS standby key\n"
    "RWRHZLJSiGzimIZ5lUSxhVFBlOMt9caEej5vfZpIJtdnzQ1mRv3wSYcO\n";

class KeyFolder : public testing::Test {
protected:
    void write(const std::string& name, std::string_view text) { std::ofstream(folder_ / name) << text; }

    std::string problem_of(std::string_view number_of_key) {
        const auto wanted = parse_public_key(number_of_key);
        const auto key = find_trusted_key({.directory = folder_.path()}, wanted->number);
        if (key) return "none";
        kind_ = key.error().kind();
        return key.error().describe();
    }

    test_support::TemporaryDirectory folder_;
    ErrorKind kind_ = ErrorKind::network;
};

TEST(PublicKeyText, OfTheOfficialKeysGivesTheirNumbers) {
    EXPECT_EQ(to_text(parse_public_key(release_key)->number), "dcb20e535c62dd5b");
    EXPECT_EQ(to_text(parse_public_key(standby_key)->number), "4764b252886ce298");
}

TEST(PublicKeyText, IsWrittenAsItWasRead) {
    EXPECT_EQ(to_text(*parse_public_key(release_key), "Turris OS release key"), release_key);
}

TEST(PublicKeyText, ThatIsASignatureOrSecretKeyIsRefused) {
    const auto secret = SecretKey::generate();
    ASSERT_TRUE(secret);
    const auto key = parse_public_key(secret->text("x"));
    ASSERT_FALSE(key);
    EXPECT_TRUE(key.error().describe().starts_with("is not a public key file")) << key.error().describe();
}

TEST(KeyWords, AreTheSecondLinesOfKeyFilesBetweenBlanks) {
    const std::string release = "RWTcsg5TXGLdW9gNlGHN/ofdsM0KAfQIRBo5OVZIYlVTfyI6FGVEOK/e";
    const std::string standby = "RWRHZLJSiGzimIZ5lUSxhVFBlOMt9caEej5vfZpIJtdnzQ1mRv3wSYcO";
    const auto words = parse_key_words("  " + release + "\n" + standby + " \t");
    ASSERT_EQ(words.keys.size(), 2U);
    EXPECT_EQ(words.keys[0], *parse_public_key(release_key));
    EXPECT_EQ(words.keys[1], *parse_public_key(standby_key));
    EXPECT_TRUE(words.not_keys.empty());
    EXPECT_TRUE(parse_key_words("").keys.empty());
}

TEST(KeyWords, ThatAreNoKeysAreTold) {
    const auto words =
        parse_key_words("RWT nonsense " + std::string(56, 'A') + " RWTcsg5TXGLdW9gNlGHN/ofdsM0K");
    EXPECT_TRUE(words.keys.empty());
    EXPECT_EQ(words.not_keys.size(), 4U);
}

TEST_F(KeyFolder, IsJoinedByKeysFromElsewhere) {
    write("dcb20e535c62dd5b", release_key);
    const auto standby = *parse_public_key(standby_key);
    const TrustedKeys trusted{.directory = folder_.path(), .more = {standby}};
    EXPECT_EQ(trusted_key_numbers(trusted)->size(), 2U);
    EXPECT_EQ(*find_trusted_key(trusted, standby.number), standby);
    EXPECT_EQ(*find_trusted_key(trusted, parse_public_key(release_key)->number),
              *parse_public_key(release_key));
}

TEST_F(KeyFolder, ThatIsEmptyIsNoTroubleWithAKeyFromElsewhere) {
    const auto standby = *parse_public_key(standby_key);
    EXPECT_TRUE(find_trusted_key({.directory = folder_.path(), .more = {standby}}, standby.number));
}

TEST_F(KeyFolder, GivesTheKeyOfANumber) {
    write("dcb20e535c62dd5b", release_key);
    write("4764b252886ce298", standby_key);
    const auto wanted = parse_public_key(standby_key);
    const auto key = find_trusted_key({.directory = folder_.path()}, wanted->number);
    ASSERT_TRUE(key) << key.error().describe();
    EXPECT_EQ(*key, *wanted);
}

TEST_F(KeyFolder, ListsOnlyWhatIsNamedLikeAKey) {
    write("dcb20e535c62dd5b", release_key);
    write("DCB20E535C62DD5C", release_key);
    write("dcb20e535c62dd5b.sec", "");
    write("README", "");
    write("dcb20e535c62dd5", "");
    const auto numbers = trusted_key_numbers({.directory = folder_.path()});
    ASSERT_TRUE(numbers);
    ASSERT_EQ(numbers->size(), 1U);
    EXPECT_EQ(to_text(numbers->front()), "dcb20e535c62dd5b");
}

TEST_F(KeyFolder, TakesFilesNamedPubToo) {
    write("anything.pub", standby_key);
    write("again.pub", standby_key);
    write("broken.pub", "nonsense");
    write("dcb20e535c62dd5b", release_key);
    const auto wanted = parse_public_key(standby_key);
    const auto key = find_trusted_key({.directory = folder_.path()}, wanted->number);
    ASSERT_TRUE(key) << key.error().describe();
    EXPECT_EQ(*key, *wanted);
    EXPECT_EQ(trusted_key_numbers({.directory = folder_.path()})->size(), 2U);
    std::filesystem::remove(folder_ / "anything.pub");
    std::filesystem::remove(folder_ / "again.pub");
    EXPECT_TRUE(problem_of(standby_key).contains("is not trusted here (no public keys: broken.pub)"));
}

TEST_F(KeyFolder, NamesTheUnknownKeyAndTheTrustedOnes) {
    write("dcb20e535c62dd5b", release_key);
    EXPECT_EQ(problem_of(standby_key),
              "signed with key 4764b252886ce298, which is not trusted here; take a medkit that is "
              "signed with one of the trusted keys: dcb20e535c62dd5b");
    EXPECT_EQ(kind_, ErrorKind::medkit);
}

TEST_F(KeyFolder, ThatIsEmptyOrMissingIsOurFault) {
    EXPECT_EQ(problem_of(release_key), "directory of trusted keys " + folder_.path().native() +
                                           " holds no key, so no signature can be checked");
    EXPECT_EQ(kind_, ErrorKind::internal);
    const auto numbers = trusted_key_numbers({.directory = folder_ / "missing"});
    ASSERT_FALSE(numbers);
    EXPECT_TRUE(numbers.error().describe().contains("No such file or directory"));
}

TEST_F(KeyFolder, WithAKeyUnderAWrongNameOrADamagedOneIsOurFault) {
    write("dcb20e535c62dd5b", standby_key);
    EXPECT_EQ(problem_of(release_key), "trusted key " + (folder_ / "dcb20e535c62dd5b").native() +
                                           " is key 4764b252886ce298 under a wrong name");
    EXPECT_EQ(kind_, ErrorKind::internal);
    write("dcb20e535c62dd5b", "nonsense");
    EXPECT_TRUE(problem_of(release_key).contains("is not a public key file"));
    EXPECT_EQ(kind_, ErrorKind::internal);
}

TEST(SecretKeyText, IsReadAsItIsWritten) {
    const auto key = SecretKey::generate();
    ASSERT_TRUE(key);
    const auto again = SecretKey::parse(key->text("mine"));
    ASSERT_TRUE(again) << again.error().describe();
    EXPECT_EQ(again->public_key(), key->public_key());
    const std::string message = "message";
    EXPECT_EQ(again->sign(std::as_bytes(std::span(message))), key->sign(std::as_bytes(std::span(message))));
}

TEST(SecretKeyText, OfTwoKeysIsNeverTheSame) {
    EXPECT_NE(SecretKey::generate()->public_key(), SecretKey::generate()->public_key());
}

/// The text with one byte behind the base64 replaced.
std::string with_byte(const std::string& text, std::size_t at, char value) {
    // Three bytes are four letters, so a whole group is replaced by that of the new bytes.
    const auto start = text.find('\n') + 1 + at / 3 * 4;
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned group = 0;
    for (std::size_t i = 0; i < 4; ++i)
        group = group << 6 | static_cast<unsigned>(alphabet.find(text[start + i]));
    const auto shift = 16 - 8 * static_cast<unsigned>(at % 3);
    group = (group & ~(0xffU << shift)) | static_cast<unsigned>(static_cast<unsigned char>(value)) << shift;
    auto changed = text;
    for (std::size_t i = 0; i < 4; ++i) changed[start + i] = alphabet[group >> (18 - 6 * i) & 63];
    return changed;
}

TEST(SecretKeyText, ThatIsProtectedDamagedOrOfAnotherKindIsRefused) {
    const auto text = SecretKey::generate()->text("mine");
    const auto refusal = [](const std::string& changed) {
        const auto key = SecretKey::parse(changed);
        return key ? "accepted" : key.error().describe();
    };
    EXPECT_EQ(refusal(text), "accepted");
    EXPECT_TRUE(refusal(with_byte(text, 7, 42)).starts_with("is protected by a passphrase"));
    EXPECT_TRUE(refusal(with_byte(text, 2, 'X')).starts_with("is not a secret key file of a known kind"));
    EXPECT_TRUE(refusal(with_byte(text, 0, 'X')).contains("(Ed25519)"));
    const auto flipped = with_byte(text, 50, 1) == text ? with_byte(text, 50, 2) : with_byte(text, 50, 1);
    EXPECT_TRUE(refusal(flipped).starts_with("is damaged"));
    EXPECT_TRUE(refusal(text.substr(0, text.size() - 9)).contains("so it may be incomplete"));
}

TEST(Signing, OfAFileThatIsNotThereNamesIt) {
    const auto signature = sign_file(*SecretKey::generate(), "/nonexistent/medkit.tar.gz");
    ASSERT_FALSE(signature);
    EXPECT_EQ(signature.error().describe(), "/nonexistent/medkit.tar.gz: No such file or directory");
}

}  // namespace
}  // namespace mox::medkit
