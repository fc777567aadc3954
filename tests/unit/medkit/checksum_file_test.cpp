#include "medkit/checksum_file.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace mox::medkit {
namespace {

const std::string sha(64, 'a');
const std::string other_sha(64, 'b');
const std::string md5(32, 'c');
constexpr std::string_view archive = "mox-medkit-latest (1).tar.gz";

std::string read(std::string_view text) {
    const auto digest = read_sha256_file(text, archive);
    return digest ? to_hex(*digest) : digest.error().describe();
}

TEST(ChecksumFile, OfCoreutilsIsRead) {
    EXPECT_EQ(read(sha + "  mox-medkit-latest (1).tar.gz\n"), sha);
    EXPECT_EQ(read(sha + " *mox-medkit-latest (1).tar.gz\n"), sha);
    EXPECT_EQ(read("\\" + sha + "  mox\\nmedkit.tar.gz\n"), sha);
    EXPECT_EQ(to_hex(*read_md5_file(md5 + "  x.tar.gz\n", archive)), md5);
}

TEST(ChecksumFile, NeedsNothingButTheToken) {
    EXPECT_EQ(read(sha), sha);
    EXPECT_EQ(read(sha + "\n"), sha);
    EXPECT_EQ(read(sha + "  -\n"), sha);
    EXPECT_EQ(read("  " + sha + "\t\n"), sha);
}

TEST(ChecksumFile, MayGiveAnotherNameBecausePeopleRenameFiles) {
    EXPECT_EQ(read(sha + "  mox-medkit-202611221524.tar.gz\n"), sha);
    EXPECT_EQ(read(sha + "  /srv/hbs/medkit/mox-medkit-latest.tar.gz\n"), sha);
}

TEST(ChecksumFile, MayComeFromWindows) {
    std::string upper(64, 'A');
    EXPECT_EQ(read(upper + "  mox-medkit-latest.tar.gz\r\n"), sha);
    EXPECT_EQ(read("\xef\xbb\xbf" + upper + "\r\n\r\n"), sha);
}

TEST(ChecksumFile, MayBeInTheStyleOfBsdOrOpenssl) {
    EXPECT_EQ(read("SHA256 (mox-medkit-latest.tar.gz) = " + sha + "\n"), sha);
    EXPECT_EQ(read("SHA2-256(mox-medkit-latest (1).tar.gz)= " + sha + "\n"), sha);
}

TEST(ChecksumFile, OfSeveralLinesGivesTheOneOfTheArchive) {
    EXPECT_EQ(read(other_sha + "  a.tar.gz\n" + sha + "  mox-medkit-latest (1).tar.gz\n"), sha);
    EXPECT_EQ(read(other_sha + "  a.tar.gz\n" + sha + " *./hbs/mox-medkit-latest (1).tar.gz\n"), sha);
    EXPECT_EQ(read("SHA256 (a) = " + other_sha + "\nSHA256 (mox-medkit-latest (1).tar.gz) = " + sha + "\n"),
              sha);
}

TEST(ChecksumFile, OfSeveralLinesNoneOfWhichIsTheArchivesIsRefused) {
    EXPECT_EQ(read(other_sha + "  a.tar.gz\n" + sha + "  b.tar.gz\n"),
              "holds 2 checksums, but none for this name; keep one line only");
}

TEST(ChecksumFile, MayHoldOtherLinesBetween) {
    EXPECT_EQ(read("# made today\n\n" + md5 + "  a\n" + sha + "  b\n"), sha);
}

TEST(ChecksumFile, WithoutAChecksumIsRefusedWithAReason) {
    EXPECT_EQ(read(""), "holds no SHA-256 (64 hexadecimal digits)");
    EXPECT_EQ(read("<html><body>404 not found</body></html>"), "holds no SHA-256 (64 hexadecimal digits)");
    EXPECT_EQ(read(md5 + "  x\n"),
              "holds no SHA-256 (64 hexadecimal digits) but an MD5 (32 hexadecimal digits)");
    EXPECT_EQ(read(sha.substr(1) + "  x\n"),
              "holds no SHA-256 (64 hexadecimal digits) but 63 hexadecimal digits, so it may be incomplete");
    EXPECT_EQ(read(sha + "a  x\n"), "holds no SHA-256 (64 hexadecimal digits) but 65 hexadecimal digits");
    EXPECT_EQ(read(std::string(64, 'g')), "holds no SHA-256 (64 hexadecimal digits)");
    EXPECT_EQ(read_md5_file(sha, archive).error().describe(),
              "holds no MD5 (32 hexadecimal digits) but a SHA-256 (64 hexadecimal digits)");
    EXPECT_EQ(read_md5_file(sha, archive).error().kind(), ErrorKind::medkit);
}

TEST(ChecksumLine, IsWhatTheReaderReads) {
    EXPECT_EQ(checksum_line(sha, "a b.tar.gz"), sha + "  a b.tar.gz\n");
    EXPECT_EQ(read(checksum_line(sha, archive)), sha);
}

}  // namespace
}  // namespace mox::medkit
