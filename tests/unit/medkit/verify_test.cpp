#include "medkit/verify.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>

#include "medkit/checksum_file.hpp"
#include "medkit/digest.hpp"
#include "medkit/keys.hpp"
#include "medkit/secret_key.hpp"
#include "support/tar_builder.hpp"
#include "support/temporary_directory.hpp"

namespace mox::medkit {
namespace {

using namespace mox::unit_literals;
using test_support::gzip;
using test_support::minimal_medkit;

const std::string name = "mox-medkit-latest (1).tar.gz";
const std::string extra_name = "mox-medkit-latest (1)-extra.tar.gz";

std::string sha256_of(std::string_view content) {
    Sha256 hash;
    hash.update(std::as_bytes(std::span(content)));
    return to_hex(hash.finish());
}

std::string md5_of(std::string_view content) {
    Md5 hash;
    hash.update(std::as_bytes(std::span(content)));
    return to_hex(hash.finish());
}

/// A stick with medkits on it, and a router that trusts one key.
class Verification : public testing::Test {
protected:
    Verification() {
        std::filesystem::create_directory(keys());
        write("../keys/" + to_text(key_.public_key().number), to_text(key_.public_key(), "trusted"));
        rules_.archive.capacity = 64_MiB;
        rules_.archive.required_files = {
            {"boot/Image"}, {"boot/armada-3720-turris-mox.dtb"}, {"boot/boot.scr"}};
        rules_.keys.directory = keys();
    }

    [[nodiscard]] std::filesystem::path stick() const { return folder_ / "stick"; }
    [[nodiscard]] std::filesystem::path keys() const { return folder_ / "keys"; }

    void write(const std::string& file, std::string_view content) const {
        std::filesystem::create_directory(stick());
        std::ofstream(stick() / file, std::ios::binary) << content;
    }

    [[nodiscard]] std::string signature_of(std::string_view content, const SecretKey& key) const {
        return to_text(key.sign(std::as_bytes(std::span(content))), "test");
    }

    Expected<VerifiedMedkit> verify() const {
        std::filesystem::create_directory(stick());
        const UniqueFd open(::open(stick().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        const auto files = find_beside(open.get(), name);
        return verify_medkit(open.get(), *files, rules_, {});
    }

    void expect_accepted(TrustLevel trust) const {
        const auto medkit = verify();
        ASSERT_TRUE(medkit) << medkit.error().describe();
        EXPECT_EQ(medkit->trust, trust);
    }

    void expect_rejected(std::string_view reason, ErrorKind kind = ErrorKind::medkit) const {
        const auto medkit = verify();
        ASSERT_FALSE(medkit);
        EXPECT_EQ(medkit.error().kind(), kind);
        EXPECT_TRUE(medkit.error().describe().contains(reason)) << medkit.error().describe();
    }

    test_support::TemporaryDirectory folder_;
    SecretKey key_ = *SecretKey::generate();
    std::string archive_ = gzip(minimal_medkit("9.0.1").finished());
    VerifyRules rules_;
};

TEST_F(Verification, OfABareMedkitSaysThatNobodyVouchesForIt) {
    write(name, archive_);
    const auto medkit = verify();
    ASSERT_TRUE(medkit) << medkit.error().describe();
    EXPECT_EQ(medkit->trust, TrustLevel::unverified);
    EXPECT_EQ(medkit->base.name, name);
    EXPECT_EQ(medkit->base.summary.version, "9.0.1");
    EXPECT_EQ(to_hex(medkit->base.summary.sha256), sha256_of(archive_));
    EXPECT_FALSE(medkit->extra);
    EXPECT_EQ(medkit->signer, "");
}

TEST_F(Verification, ChecksEverythingThatStandsBeside) {
    write(name, archive_);
    write(name + ".md5", checksum_line(md5_of(archive_), "another name"));
    expect_accepted(TrustLevel::checksummed);
    write(name + ".sha256", checksum_line(sha256_of(archive_), "another name"));
    expect_accepted(TrustLevel::checksummed);
    write(name + ".sig", signature_of(archive_, key_));
    const auto medkit = verify();
    ASSERT_TRUE(medkit) << medkit.error().describe();
    EXPECT_EQ(medkit->trust, TrustLevel::signed_by_trusted_key);
    EXPECT_EQ(medkit->signer, to_text(key_.public_key().number));
    EXPECT_TRUE(medkit->base.sha256_matched);
    EXPECT_TRUE(medkit->base.md5_matched);
}

TEST_F(Verification, GivesTheOpenFileThatWasVerified) {
    write(name, archive_);
    const auto medkit = verify();
    ASSERT_TRUE(medkit);
    std::filesystem::remove(stick() / name);
    std::string content(archive_.size(), '\0');
    ASSERT_EQ(::pread(medkit->base.file.get(), content.data(), content.size(), 0),
              static_cast<ssize_t>(archive_.size()));
    EXPECT_EQ(content, archive_);
}

TEST_F(Verification, ShowsHowFarItIs) {
    write(name, archive_);
    write(extra_name, gzip(test_support::TarBuilder().file("./etc/extra", "x").finished()));
    const UniqueFd open(::open(stick().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    Bytes last;
    Bytes size;
    const auto medkit =
        verify_medkit(open.get(), *find_beside(open.get(), name), rules_, [&](Bytes done, Bytes total) {
            EXPECT_GE(done, last);
            last = done;
            size = total;
        });
    ASSERT_TRUE(medkit) << medkit.error().describe();
    EXPECT_EQ(size, medkit->base.summary.packed + medkit->extra->summary.packed);
    EXPECT_EQ(last, size);
}

TEST_F(Verification, RejectsAWrongSha256) {
    write(name, archive_);
    write(name + ".sha256", checksum_line(sha256_of("other"), name));
    expect_rejected(name + ": SHA-256 does not match " + name +
                    ".sha256: damaged or incomplete; download both files again");
}

TEST_F(Verification, RejectsAWrongMd5EvenWhenTheSha256IsRight) {
    write(name, archive_);
    write(name + ".sha256", checksum_line(sha256_of(archive_), name));
    write(name + ".md5", checksum_line(md5_of("other"), name));
    expect_rejected("MD5 does not match");
}

TEST_F(Verification, RejectsAWrongSignatureEvenWhenTheChecksumIsRight) {
    write(name, archive_);
    write(name + ".sha256", checksum_line(sha256_of(archive_), name));
    write(name + ".sig", signature_of("other", key_));
    expect_rejected(
        "signature " + name + ".sig does not match (key " + to_text(key_.public_key().number) +
        "), although the checksum does: it is not the file that was signed; download the file and "
        "its .sig again");
}

TEST_F(Verification, RejectsTheSignatureOfAnUnknownKeyAndNamesIt) {
    const auto stranger = *SecretKey::generate();
    write(name, archive_);
    write(name + ".sig", signature_of(archive_, stranger));
    expect_rejected(
        name + ".sig: signed with key " + to_text(stranger.public_key().number) +
        ", which is not trusted here; take a medkit that is signed with one of the trusted keys: " +
        to_text(key_.public_key().number));
}

TEST_F(Verification, RejectsASignatureWhenTheTrustedKeyOfItsNumberIsAnother) {
    // Somebody gave the key of their own the number of a trusted one.
    auto forged = *SecretKey::generate();
    auto signature = forged.sign(std::as_bytes(std::span(std::string_view(archive_))));
    signature.signer = key_.public_key().number;
    write(name, archive_);
    write(name + ".sig", to_text(signature, "forged"));
    expect_rejected("signature " + name + ".sig does not match");
}

TEST_F(Verification, WithASignatureButWithoutKeysIsOurFault) {
    write(name, archive_);
    write(name + ".sig", signature_of(archive_, key_));
    std::filesystem::remove_all(keys());
    expect_rejected("so no signature can be checked", ErrorKind::internal);
}

TEST_F(Verification, RejectsNeighboursThatMakeNoSense) {
    write(name, archive_);
    write(name + ".sig", "<html>404</html>");
    expect_rejected(name + ".sig: is not a signature file");
    std::filesystem::remove(stick() / (name + ".sig"));
    write(name + ".sha256", "nonsense");
    expect_rejected(name +
                    ".sha256: holds no SHA-256 (64 hexadecimal digits); download it again, or remove it");
    write(name + ".sha256", "");
    expect_rejected(name + ".sha256 is empty");
    std::filesystem::remove(stick() / (name + ".sha256"));
    std::filesystem::create_directory(stick() / (name + ".md5"));
    expect_rejected(name + ".md5 is a directory, not a file");
}

TEST_F(Verification, InsistsOnASignatureWhereOneIsRequired) {
    write(name, archive_);
    write(name + ".sha256", checksum_line(sha256_of(archive_), name));
    rules_.signature = SignatureNeed::required;
    expect_rejected(name + " has no signature beside it, and this router takes signed medkits only");
    write(name + ".sig", signature_of(archive_, key_));
    expect_accepted(TrustLevel::signed_by_trusted_key);
    write(extra_name, gzip(test_support::TarBuilder().file("./etc/extra", "x").finished()));
    expect_rejected(extra_name + " has no signature beside it");
}

TEST_F(Verification, SaysWhatIsInThePlaceOfTheFile) {
    expect_rejected(name + " cannot be read: No such file or directory");
    std::filesystem::create_directory(stick() / name);
    expect_rejected(name + " is a directory, not a file; put the file itself there");
    std::filesystem::remove(stick() / name);
    write("target.tar.gz", archive_);
    std::filesystem::create_symlink("target.tar.gz", stick() / name);
    expect_rejected(name + " is a symlink, not a file");
    std::filesystem::remove(stick() / name);
    ASSERT_EQ(::mkfifo((stick() / name).c_str(), 0600), 0);
    expect_rejected(name + " is a FIFO, not a file");
    std::filesystem::remove(stick() / name);
    write(name, "");
    expect_rejected(name + " is empty (0 bytes); download it again");
}

TEST_F(Verification, TellsADamagedDownloadFromABadlyMadeMedkit) {
    const auto truncated = archive_.substr(0, archive_.size() / 2);
    write(name, truncated);
    write(name + ".sha256", checksum_line(sha256_of(archive_), name));
    expect_rejected("its checksum or signature does not match either, so it was damaged on its way");
    write(name + ".sha256", checksum_line(sha256_of(truncated), name));
    expect_rejected("its checksum or signature is right, so it was made like this: take another medkit");
}

TEST_F(Verification, KeepsTheAdviceForAMedkitThatIsRightButTooLarge) {
    const auto large = gzip(minimal_medkit().file("large", std::string(1 << 20, 'x')).finished());
    write(name, large);
    write(name + ".sha256", checksum_line(sha256_of(large), name));
    rules_.archive.capacity = Bytes{large.size()};
    expect_rejected("so it was made like this: use a larger card, or another medkit");
}

// Then the card is the cause, and how large it must be is of interest.
TEST_F(Verification, MeasuresAMedkitThatIsTooLargeIfItIsRightOtherwise) {
    const auto large = gzip(minimal_medkit().file("large", std::string(1 << 20, 'x')).finished());
    write(name, large);
    rules_.archive.capacity = Bytes{large.size()};
    EXPECT_EQ(verify().error().reason(), EFBIG) << "nothing is known about it";
    write(name + ".sha256", checksum_line(sha256_of(large), name));
    const auto right = verify();
    ASSERT_FALSE(right);
    EXPECT_EQ(right.error().kind(), ErrorKind::medkit);
    EXPECT_EQ(right.error().reason(), ENOSPC);
    EXPECT_TRUE(right.error().message().contains("unpacked it is 1.4 MB, and there is room for "))
        << right.error().message();
    write(name + ".sha256", checksum_line(sha256_of("another"), name));
    EXPECT_NE(verify().error().reason(), ENOSPC) << "it is damaged";
}

TEST_F(Verification, ReadsAnExtraArchiveAsIfItWereOverTheBase) {
    write(name, archive_);
    write(extra_name, gzip(test_support::TarBuilder().file("./etc/extra", "x").finished()));
    expect_accepted(TrustLevel::unverified);
    const auto medkit = verify();
    ASSERT_TRUE(medkit && medkit->extra);
    EXPECT_EQ(medkit->extra->name, extra_name);
}

TEST_F(Verification, TrustsAMedkitNoMoreThanItsExtraArchive) {
    const auto extra = gzip(test_support::TarBuilder().file("./etc/extra", "x").finished());
    write(name, archive_);
    write(name + ".sig", signature_of(archive_, key_));
    write(extra_name, extra);
    expect_accepted(TrustLevel::unverified);
    write(extra_name + ".md5", checksum_line(md5_of(extra), "x"));
    expect_accepted(TrustLevel::checksummed);
    write(extra_name + ".sig", signature_of(extra, key_));
    expect_accepted(TrustLevel::signed_by_trusted_key);
    write(extra_name + ".md5", checksum_line(md5_of("other"), "x"));
    expect_rejected(extra_name + ": MD5 does not match");
}

TEST_F(Verification, RejectsAnExtraArchiveThatLeavesTheRootOrDoesNotFitBesideTheBase) {
    write(name, archive_);
    write(extra_name, gzip(test_support::TarBuilder().file("../outside", "x").finished()));
    expect_rejected(extra_name);
    write(extra_name,
          gzip(test_support::TarBuilder().file("./etc/extra", std::string(1 << 20, 'x')).finished()));
    expect_accepted(TrustLevel::unverified);
    rules_.archive.capacity = verify()->base.summary.unpacked + 1000_B;
    expect_rejected("does not fit");
}

TEST_F(Verification, RejectsASymlinkOfTheBaseThatTheExtraArchiveWouldFollow) {
    write(name, gzip(minimal_medkit().symlink("./etc/link", "/tmp").finished()));
    write(extra_name, gzip(test_support::TarBuilder().file("./etc/link/file", "x").finished()));
    expect_rejected("goes through the symbolic link");
}

}  // namespace
}  // namespace mox::medkit
