// Files that look like a medkit and are none: each is named, with the reason.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "medkit/medkit_files.hpp"

namespace mox::medkit {
namespace {

using Names = std::vector<std::string>;

struct PassedOver {
    std::string_view name;
    std::string_view reason;  ///< a part of it; empty: the name is not worth a word
};

constexpr PassedOver passed_over[] = {
    {"mox-medkit-latest.tar", "unpacked"},
    {"mox-medkit-latest.tar (1)", "unpacked"},
    {"MOX-MEDKIT-LATEST.TAR", "unpacked"},
    {"mox-medkit-latest.tar.gz.part", "unfinished download"},
    {"mox-medkit-latest.tar.gz.crdownload", "unfinished download"},
    {"mox-medkit-latest.tar.gz.download", "unfinished download"},
    {"mox-medkit-latest.tar (1).gz.partial", "unfinished download"},
    {"._mox-medkit-latest.tar.gz", "macOS"},
    {".mox-medkit-latest.tar.gz", "begins with a dot"},
    {"mox-medkit-latest.zip", "does not end with .tar.gz"},
    {"mox-medkit-latest.tar.xz", "does not end with .tar.gz"},
    {"mox-medkit-latest_tar.gz.asc", "does not end with .tar.gz"},
    {"mox-medkit-latest", "does not end with .tar.gz"},
    {"MOX-ME~1.GZ", "does not begin with mox-medkit"},
    {"omnia-medkit-latest.tar.gz", "does not begin with mox-medkit"},
    {"my-mox-medkit-latest.tar.gz", "does not begin with mox-medkit"},
    {"mox-medkit-latest.tar.gz.sig", "signature of a medkit that is not here"},
    {"mox-medkit-latest.tar.gz.sha256.txt", "checksum of a medkit that is not here"},
    {"mox-medkit-latest-rescue.fit.lzma", "without the medkit"},
    {"notes.txt", ""},
    {".DS_Store", ""},
    {"._.DS_Store", ""},
    {"turris.tar.gz", "does not begin with mox-medkit"},
    {"turris.tar (1).gz", "does not begin with mox-medkit"},
    {"turris.tar.gz.sig", ""},
    {".turris.tar.gz", ""},
};

std::vector<std::string> not_used(const Names& names, bool directories = false) {
    return list_medkits(names, {}, [directories](const auto&) { return directories; }).not_used;
}

TEST(MedkitListing, NamesEveryFileThatLooksLikeAMedkitAndIsNone) {
    for (const auto& file : passed_over) {
        const auto sentences = not_used({std::string(file.name)});
        ASSERT_EQ(sentences.size(), file.reason.empty() ? 0U : 1U) << file.name;
        if (file.reason.empty()) continue;
        EXPECT_TRUE(sentences[0].starts_with(file.name)) << sentences[0];
        EXPECT_NE(sentences[0].find(file.reason), std::string::npos) << sentences[0];
    }
}

TEST(MedkitListing, HasNothingToSayAboutWhatIsUsedAndWhatMacOsKeepsAboutIt) {
    EXPECT_EQ(not_used({"mox-medkit-a.tar.gz", "mox-medkit-a.tar.gz.sig", "mox-medkit-a-extra.tar.gz",
                        "mox-medkit-a-rescue.fit.lzma", "._mox-medkit-a.tar.gz", "._mox-medkit-a.tar.gz.sig",
                        ".DS_Store", "mox-medkit-contract-y.tar.gz"}),
              Names{});
}

TEST(MedkitListing, NamesWhatIsBesideAMedkitAndNotUsed) {
    const auto sentences =
        not_used({"mox-medkit-a.tar.gz", "mox-medkit-a.tar.gz.sig", "mox-medkit-a.tar.gz (1).sig",
                  "mox-medkit-a-extra.tar", "mox-medkit-a-extra.tar.gz.part"});
    ASSERT_EQ(sentences.size(), 3U);
    EXPECT_TRUE(sentences[0].starts_with("mox-medkit-a-extra.tar looks like a medkit, but is unpacked"));
    EXPECT_TRUE(sentences[1].starts_with("mox-medkit-a-extra.tar.gz.part looks like"));
    EXPECT_EQ(sentences[2],
              "mox-medkit-a.tar.gz (1).sig is a signature that is not used, because "
              "another one takes precedence");
}

TEST(MedkitListing, HasNothingToSayAboutOtherArchivesBesideAMedkitNorAboutDirectories) {
    EXPECT_EQ(not_used({"mox-medkit-a.tar.gz", "photos.tar.gz"}), Names{});
    EXPECT_EQ(not_used({"photos.tar.gz"}, true), Names{});
}

TEST(MedkitListing, NamesAFolderIntoWhichAMedkitWasUnpacked) {
    const auto sentences = not_used({"mox-medkit-latest"}, true);
    ASSERT_EQ(sentences.size(), 1U);
    EXPECT_NE(sentences[0].find("is a directory"), std::string::npos);
}

TEST(MedkitListing, NamesAMedkitOfNoContractToARouterUnderOne) {
    const auto sentences =
        list_medkits({"mox-medkit-latest.tar.gz"}, {.variant = "-contract-x"}, [](const auto&) {
            return false;
        }).not_used;
    ASSERT_EQ(sentences.size(), 1U);
    EXPECT_NE(sentences[0].find("another contract"), std::string::npos);
}

TEST(MedkitListing, NamesThePrefixOfThisRouter) {
    const auto not_used = [](const std::string& name) {
        return list_medkits({name}, {.board = "own-box"}, [](const auto&) { return false; }).not_used;
    };
    ASSERT_EQ(not_used("mox-medkit-latest.tar.gz").size(), 1U);
    EXPECT_TRUE(not_used("mox-medkit-latest.tar.gz")
                    .front()
                    .contains("does not begin with own-box-medkit, as those for this router do"));
    EXPECT_EQ(not_used("OWN-BO~1.GZ").size(), 1U);  // FAT's short name
}

}  // namespace
}  // namespace mox::medkit
