// What `schnapps import X.gpg` believes: a message that gpg really decrypted, with integrity protection, and
// with what stands beside it. gpg makes the messages, those that no attacker needs the password for too.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "schnapps_transfer.hpp"

namespace mox::test_support {
namespace {

class SchnappsEncrypted : public SchnappsTransfer {
protected:
    SchnappsEncrypted() {
        set_password("two words");
        fs::create_directory(home_);
        fs::permissions(home_, fs::perms::owner_all);
        plain_ = out_ / "plain.tar.gz";
        EXPECT_EQ(run_apart({"tar", "-C", card_ / "@1", "--format=posix", "--numeric-owner", "--xattrs",
                             "--xattrs-include=*", "-cpzf", plain_, "."})
                      .status,
                  0);
        archive_ = out_ / "mox-medkit-turris-9.tar.gz.gpg";
    }
    ~SchnappsEncrypted() override { run_apart({"gpgconf", "--homedir", home_, "--kill", "all"}); }

    Said gpg(std::vector<std::string> arguments) const {
        std::vector<std::string> words{"gpg",   "--homedir",       home_,     "--batch",
                                       "--yes", "--pinentry-mode", "loopback"};
        words.insert(words.end(), arguments.begin(), arguments.end());
        auto said = run_apart(std::move(words));
        EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
        return said;
    }

    /// A message of `file`, encrypted with the password, in the given way.
    void encrypt(const fs::path& file, std::vector<std::string> how = {}) const {
        how.insert(how.end(), {"--passphrase", "two words", "--output", archive_, "--symmetric", file});
        gpg(std::move(how));
    }

    void append(const fs::path& file, const fs::path& more) const {
        write_file(file, read_file(file) + read_file(more));
    }

    fs::path home_ = card_.outside("gpg");
    fs::path plain_, archive_;
};

TEST_F(SchnappsEncrypted, AnExportOfTheShellVersionIsImported) {
    encrypt(plain_, {"--cipher-algo", "AES256"});
    write_file(out_ / "mox-medkit-turris-9.info", "TYPE=\"pre\"\nDESCRIPTION=\"of the shell\"\n");
    const auto said = run({"import", out_ / "mox-medkit-turris-9.info"});
    EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
    EXPECT_EQ(describe_system(card_ / "@2"), describe_system(card_ / "@1"));
    EXPECT_TRUE(read_file(card_ / "2.info").contains("of the shell"));
}

TEST_F(SchnappsEncrypted, WhatIsNotEncryptedIsRefused) {
    gpg({"--output", archive_, "--store", plain_});
    expect_refused(run({"import", archive_}), 2, "it is not encrypted");
    expect_refused(run({"import", "--force", archive_}), 2, "it is not encrypted");
    gpg({"--output", archive_, "--compress-algo", "zip", "-z", "6", "--store", plain_});
    expect_refused(run({"import", archive_}), 2, "it is not encrypted");
    gpg({"--passphrase", "", "--quick-gen-key", "stranger", "ed25519", "sign", "never"});
    gpg({"--passphrase", "", "--output", archive_, "--sign", plain_});
    expect_refused(run({"import", archive_}), 2, "it is not encrypted");
    write_file(archive_, read_file(plain_));
    expect_refused(run({"import", archive_}), 2, "it is not encrypted");
}

TEST_F(SchnappsEncrypted, WhatIsNotProtectedIsRefused) {
    encrypt(plain_, {"--rfc2440", "--cipher-algo", "AES"});
    expect_refused(run({"import", archive_}), 2, "it has no integrity protection");
}

TEST_F(SchnappsEncrypted, WhatWasChangedIsRefused) {
    encrypt(plain_);
    auto content = read_file(archive_);
    content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 1);
    write_file(archive_, content);
    expect_refused(run({"import", archive_}), 2, "it cannot be decrypted");
    write_file(archive_, content.substr(0, content.size() / 2));
    expect_refused(run({"import", archive_}), 2, archive_.filename());
}

TEST_F(SchnappsEncrypted, WhatStandsInFrontOfOrBehindAMessageIsRefused) {
    encrypt(plain_);
    const auto message = read_file(archive_);
    const auto literal = card_.outside("literal");
    gpg({"--output", literal, "--store", plain_});
    write_file(archive_, read_file(literal) + message);
    EXPECT_EQ(run({"import", archive_}).status, 2);
    write_file(archive_, message + read_file(literal));
    EXPECT_EQ(run({"import", archive_}).status, 2);
    write_file(archive_, message + message);
    expect_refused(run({"import", archive_}), 2, archive_.filename());
    write_file(archive_, message);
    EXPECT_EQ(run({"import", "--force", archive_}).status, 0);
}

TEST_F(SchnappsEncrypted, AMessageThatUnpacksToTooMuchIsRefusedBeforeTheCardIsFull) {
    const auto zeros = card_.outside("zeros");
    ASSERT_EQ(run_apart({"truncate", "-s", "200M", zeros}).status, 0);
    encrypt(zeros, {"--compress-algo", "zip", "-z", "9"});
    ASSERT_LT(fs::file_size(archive_), 2U << 20);
    const auto room = fs::space(card_.top().path() / "").available;
    expect_refused(run({"import", archive_}), 2, "its decrypted content is larger than");
    expect_refused(run({"import", "--force", archive_}), 2, "its decrypted content is larger than");
    EXPECT_GT(fs::space(card_.top().path() / "").available + (8U << 20), room);
}

TEST_F(SchnappsEncrypted, WhatStandsBesideItMustBeRight) {
    encrypt(plain_);
    for (const std::string ending : {".sha256", ".md5"}) {
        write_file(beside(archive_, ending), std::string(ending == ".md5" ? 32 : 64, '0') + "\n");
        expect_refused(run({"import", archive_}), 2, "does not match");
        fs::remove(beside(archive_, ending));
    }
    sign_beside(archive_, table_.key());
    const auto said = run({"import", "--keys", table_.keys(), archive_});
    EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
    EXPECT_TRUE(said.err.contains("signed by trusted key " + table_.key().number)) << said.err;
    ASSERT_EQ(run({"delete", "2"}).status, 0);
    encrypt(plain_);  // another message of the same content
    expect_refused(run({"import", "--keys", table_.keys(), archive_}), 2, "signature");
    const auto stranger = make_signing_key(table_.workshop() / "secret", "stranger");
    sign_beside(archive_, stranger);
    expect_refused(run({"import", "--keys", table_.keys(), archive_}), 2, stranger.number);
}

}  // namespace
}  // namespace mox::test_support
