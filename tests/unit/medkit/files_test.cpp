#include "medkit/medkit_files.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"
#include "support/temporary_directory.hpp"

namespace mox::medkit {
namespace {

struct Reading {
    std::string_view name;
    MedkitName without_contract;
    MedkitName under_contract_x;
};

constexpr auto none = MedkitName::none;
constexpr auto ours = MedkitName::medkit;
constexpr auto other = MedkitName::for_other_contract;

constexpr Reading readings[] = {
    // As published, as renamed by people and browsers, as schnapps exports them.
    {"mox-medkit-latest.tar.gz", ours, none},
    {"mox-medkit-202611221524.tar.gz", ours, none},
    {"mox-medkit-latest (1).tar.gz", ours, none},
    {"mox-medkit-latest[1].tar.gz", ours, none},
    {"mox-medkit.tar.gz", ours, none},
    {"mox-medkit2.tar.gz", ours, none},
    {"mox-medkit latest.tar.gz", ours, none},
    {"mox-medkit-turris-12.tar.gz", ours, none},
    {"medkit-mox.tar.gz", ours, none},
    {"medkit-mox-20261122.tar.gz", ours, none},
    {"medkit-mox-.tar.gz", ours, none},
    // Letters of either case.
    {"MOX-MEDKIT-LATEST.TAR.GZ", ours, none},
    {"Mox-Medkit-Latest.Tar.Gz", ours, none},
    {"Medkit-MOX.tar.gz", ours, none},
    // Contracts.
    {"mox-medkit-contract-x-latest.tar.gz", other, ours},
    {"mox-medkit-contract-x.tar.gz", other, ours},
    {"mox-medkit-contract-x (1).tar.gz", other, ours},
    {"MOX-MEDKIT-CONTRACT-X-latest.tar.gz", other, ours},
    {"medkit-mox-contract-x.tar.gz", other, ours},
    {"medkit-mox-contract-x-1.tar.gz", other, ours},
    {"mox-medkit-contract-xy-latest.tar.gz", other, other},
    {"mox-medkit-contract-x2.tar.gz", other, other},
    {"mox-medkit-contract-y-latest.tar.gz", other, none},
    {"medkit-mox-contract-y.tar.gz", other, none},
    {"medkit-mox-contract-xy.tar.gz", other, none},
    {"mox-medkit-contractor-3.tar.gz", ours, none},
    // As browsers and systems change them.
    {"mox-medkit-latest.tar (1).gz", ours, none},
    {"mox-medkit-latest.tar(1).gz", ours, none},
    {"mox-medkit-latest.tar-1.gz", ours, none},
    {"mox-medkit-latest.tar 2.gz", ours, none},
    {"mox-medkit-latest.tar[1].gz", ours, none},
    {"mox-medkit-latest.tar - Copy.gz", ours, none},
    {"mox-medkit-latest.tar - Copy (2).gz", ours, none},
    {"mox-medkit-latest.tar \xe2\x80\x93 kopie.gz", ours, none},
    {"mox-medkit-latest (copy).tar.gz", ours, none},
    {"mox-medkit-latest (3rd copy).tar.gz", ours, none},
    {"mox-medkit-latest copy 2.tar.gz", ours, none},
    {"Copy of mox-medkit-latest.tar.gz", ours, none},
    {"medkit-mox (1).tar.gz", ours, none},
    {"mox-medkit-latest.tar.gz (1)", ours, none},
    {"mox-medkit-latest.tar.gz.1", ours, none},
    {"mox-medkit-latest.tar.gz.gz", ours, none},
    {"mox-medkit-latest.tar.gz.txt", ours, none},
    {"mox-medkit-latest.tar.gz.bin", ours, none},
    {"mox-medkit-latest.gz", ours, none},
    {"mox-medkit-latest.tgz", ours, none},
    {"MOX-MEDKIT-LATEST.TGZ", ours, none},
    {"mox-medkit-latest.tar.gz ", ours, none},
    {" mox-medkit-latest.tar.gz", ours, none},
    {"mox-medkit-latest.tar.gz.", ours, none},
    {"mox-medkit-contract-x-latest.tar (1).gz", other, ours},
    // Something else.
    {"", none, none},
    {".tar.gz", none, none},
    {"mox.tar.gz", none, none},
    {"mox-medki.tar.gz", none, none},
    {"medkit-moxy.tar.gz", none, none},
    {"medkit-turris.tar.gz", none, none},
    {"turris-medkit-latest.tar.gz", none, none},
    {"omnia-medkit-latest.tar.gz", none, none},
    {"my-mox-medkit-latest.tar.gz", none, none},
    {"._mox-medkit-latest.tar.gz", none, none},
    {".mox-medkit-latest.tar.gz", none, none},
    {"mox-medkit-latest.tar", none, none},
    {"mox-medkit-latest.tar.gz.sig", none, none},
    {"mox-medkit-latest.tar.gz.sha256", none, none},
    {"mox-medkit-latest.tar.gz.md5", none, none},
    {"mox-medkit-latest.tar.gz.part", none, none},
    {"mox-medkit-latest.tar.gz.download", none, none},
    {"mox-medkit-latest.tar (1).gz.crdownload", none, none},
    {"mox-medkit-latest.tar (1)", none, none},
    {"mox-medkit-latest.tar.gz.sig.txt", none, none},
    {"mox-medkit-latest.tar.gz (1).sig", none, none},
    {"mox-medkit-latest-rescue.fit.lzma", none, none},
    {"mox-medkit-latest.tar.gz.crdownload", none, none},
    {"mox-medkit-latest.info", none, none},
};

TEST(MedkitNames, AreReadByTheAcceptedPatterns) {
    for (const auto& reading : readings) {
        EXPECT_EQ(read_name(reading.name, {}), reading.without_contract) << reading.name;
        EXPECT_EQ(read_name(reading.name, {.variant = "-contract-x"}), reading.under_contract_x)
            << reading.name;
    }
}

// A fork's router takes medkits of its own name, and no one else's.
TEST(MedkitFiles, BelongToTheRouterWhosePrefixTheyHave) {
    const NamePattern names{.variant = "-contract-x", .board = "own-box"};
    EXPECT_EQ(read_name("own-box-medkit-contract-x-latest.tar.gz", names), MedkitName::medkit);
    EXPECT_EQ(read_name("OWN-BOX-MEDKIT-CONTRACT-X (1).TAR.GZ", names), MedkitName::medkit);
    EXPECT_EQ(read_name("medkit-own-box-contract-x.tar.gz", names), MedkitName::medkit);
    EXPECT_EQ(read_name("own-box-medkit-contract-xy.tar.gz", names), MedkitName::for_other_contract);
    EXPECT_EQ(read_name("mox-medkit-contract-x-latest.tar.gz", names), MedkitName::none);
    EXPECT_EQ(read_name("box-medkit-contract-x.tar.gz", names), MedkitName::none);
    EXPECT_EQ(read_name("own-box-medkit.tar.gz", {}), MedkitName::none);
    EXPECT_EQ(latest_name(names), "own-box-medkit-contract-x-latest.tar.gz");
}

TEST(MedkitNames, OfAContractAreReadWhateverCaseTheContractIsWrittenIn) {
    EXPECT_EQ(read_name("mox-medkit-contract-cetin-latest.tar.gz", {.variant = "-contract-CETIN"}), ours);
}

std::vector<std::string> archives(const std::vector<MedkitFiles>& medkits) {
    std::vector<std::string> names;
    names.reserve(medkits.size());
    for (const auto& medkit : medkits) names.push_back(medkit.archive);
    return names;
}

using Names = std::vector<std::string>;

TEST(MedkitGrouping, PutsWhatStandsBesideAnArchiveToIt) {
    const auto medkits = group_medkits(
        {"mox-medkit-a (1).tar.gz.md5", "mox-medkit-a (1).tar.gz", "mox-medkit-a (1).tar.gz.sig",
         "mox-medkit-a (1).tar.gz.sha256", "mox-medkit-b.tar.gz.sig", "notes.txt"},
        {});
    ASSERT_EQ(archives(medkits), Names{"mox-medkit-a (1).tar.gz"});
    EXPECT_EQ(medkits[0].signature, "mox-medkit-a (1).tar.gz.sig");
    EXPECT_EQ(medkits[0].sha256, "mox-medkit-a (1).tar.gz.sha256");
    EXPECT_EQ(medkits[0].md5, "mox-medkit-a (1).tar.gz.md5");
    EXPECT_EQ(medkits[0].extra, std::nullopt);
}

struct Pairing {
    std::string_view archive;
    std::string_view beside;
};

/// The one file beside an archive that is meant for it, whatever happened to either name.
constexpr Pairing signatures[] = {
    {"mox-medkit-a.tar.gz", "mox-medkit-a.tar.gz.sig"},
    {"mox-medkit-a.tar.gz", "mox-medkit-a.tar.gz.sig.txt"},
    {"mox-medkit-a.tar.gz", "mox-medkit-a.tar.gz.sig (1).txt"},
    {"mox-medkit-a.tar.gz", "mox-medkit-a.tar.gz (1).sig"},
    {"mox-medkit-a.tar.gz", "mox-medkit-a.tar.gz(1).sig"},
    {"mox-medkit-a.tar.gz", "mox-medkit-a.tar.gz-1.sig"},
    {"mox-medkit-a.tar.gz", "mox-medkit-a.tar.gz - Copy.sig"},
    {"mox-medkit-a.tar.gz", "mox-medkit-a.tar.gz.sig.1"},
    {"mox-medkit-a.tar.gz", "mox-medkit-a.tar.gz.sig (1)"},
    {"mox-medkit-a.tar.gz", "mox-medkit-a (1).tar.gz.sig"},
    {"mox-medkit-a.tar.gz", "Copy of mox-medkit-a.tar.gz.sig"},
    {"mox-medkit-a.tar.gz", "MOX-MEDKIT-A.TAR.GZ.SIG"},
    {"mox-medkit-a.tar.gz", "mox-medkit-a.sig"},
    {"mox-medkit-a.tar.gz", "mox-medkit-a.tar.sig"},
    {"mox-medkit-a.tar.gz", "mox-medkit-a.tgz.sig"},
    {"mox-medkit-a.tar.gz", "mox-medkit-a.tar.gz.sig.part"},
    {"mox-medkit-a.tar.gz", "mox-medkit-a.tar.gz.sig.crdownload"},
    {"mox-medkit-a (1).tar.gz", "mox-medkit-a.tar.gz.sig"},
    {"mox-medkit-a (1).tar.gz", "mox-medkit-a.tar.gz (1).sig"},
    {"mox-medkit-a (1).tar.gz", "mox-medkit-a.tar.gz (2).sig"},
    {"mox-medkit-a.tar (1).gz", "mox-medkit-a.tar.gz.sig"},
    {"mox-medkit-a.tar (1).gz", "mox-medkit-a.tar.gz (1).sig"},
    {"mox-medkit-a.tar-1.gz", "mox-medkit-a.tar.gz.sig"},
    {"mox-medkit-a-1.tar.gz", "mox-medkit-a.tar.gz.sig"},
    {"mox-medkit-a.tar.gz.gz", "mox-medkit-a.tar.gz.sig"},
    {"mox-medkit-a.tgz", "mox-medkit-a.tar.gz.sig"},
    {"mox-medkit-a.tgz", "mox-medkit-a.tgz.sig"},
    {"mox-medkit-a.gz", "mox-medkit-a.tar.gz.sig"},
    {"MOX-MEDKIT-A.TAR.GZ", "mox-medkit-a.tar.gz (1).sig"},
    {"MOX-MEDKIT-A.TGZ", "MOX-MEDKIT-A.TAR.GZ.SIG"},
};

// A signature that is there is never passed over.
TEST(MedkitGrouping, FindsASignatureWhoseNameOrWhoseMedkitsNameWasChanged) {
    for (const auto& pair : signatures) {
        const auto medkits = group_medkits({std::string(pair.archive), std::string(pair.beside)}, {});
        ASSERT_EQ(archives(medkits), Names{std::string(pair.archive)}) << pair.beside;
        EXPECT_EQ(medkits[0].signature, pair.beside) << pair.archive;
    }
}

TEST(MedkitGrouping, FindsEveryOtherCompanionThatWasChangedInTheSameWays) {
    const auto medkits = group_medkits(
        {"mox-medkit-a (1).tar.gz", "mox-medkit-a.tar.gz.sha256.txt", "mox-medkit-a.tar.gz (1).md5",
         "mox-medkit-a-extra.tar (1).gz", "mox-medkit-a-extra.tar.gz (1).sig",
         "mox-medkit-a-extra.tar.gz.sha256sum", "MOX-MEDKIT-A-EXTRA.TAR.GZ.MD5",
         "mox-medkit-a-rescue.fit (1).lzma", "mox-medkit-a-rescue.fit.lzma.sig.txt"},
        {});
    ASSERT_EQ(archives(medkits), Names{"mox-medkit-a (1).tar.gz"});
    const auto& files = medkits[0];
    EXPECT_EQ(files.sha256, "mox-medkit-a.tar.gz.sha256.txt");
    EXPECT_EQ(files.md5, "mox-medkit-a.tar.gz (1).md5");
    EXPECT_EQ(files.extra, "mox-medkit-a-extra.tar (1).gz");
    EXPECT_EQ(files.extra_signature, "mox-medkit-a-extra.tar.gz (1).sig");
    EXPECT_EQ(files.extra_sha256, "mox-medkit-a-extra.tar.gz.sha256sum");
    EXPECT_EQ(files.extra_md5, "MOX-MEDKIT-A-EXTRA.TAR.GZ.MD5");
    EXPECT_EQ(files.rescue_image, "mox-medkit-a-rescue.fit (1).lzma");
    EXPECT_EQ(files.rescue_image_signature, "mox-medkit-a-rescue.fit.lzma.sig.txt");
}

// A FAT stick may show all names in capitals.
TEST(MedkitGrouping, FindsEveryCompanionInCapitals) {
    const auto medkits = group_medkits(
        {"MOX-MEDKIT-A.TAR.GZ", "MOX-MEDKIT-A.TAR.GZ.SIG", "MOX-MEDKIT-A.TAR.GZ.SHA256",
         "MOX-MEDKIT-A.TAR.GZ.MD5", "MOX-MEDKIT-A-EXTRA.TAR.GZ", "MOX-MEDKIT-A-EXTRA.TAR.GZ.SIG",
         "MOX-MEDKIT-A-RESCUE.FIT.LZMA", "MOX-MEDKIT-A-RESCUE.FIT.LZMA.SIG"},
        {});
    ASSERT_EQ(archives(medkits), Names{"MOX-MEDKIT-A.TAR.GZ"});
    EXPECT_TRUE(medkits[0].signature && medkits[0].sha256 && medkits[0].md5 && medkits[0].extra);
    EXPECT_EQ(medkits[0].extra_signature, "MOX-MEDKIT-A-EXTRA.TAR.GZ.SIG");
    EXPECT_EQ(medkits[0].rescue_image, "MOX-MEDKIT-A-RESCUE.FIT.LZMA");
    EXPECT_EQ(medkits[0].rescue_image_signature, "MOX-MEDKIT-A-RESCUE.FIT.LZMA.SIG");
}

/// In the order in which they are preferred for "mox-medkit-a (1).tar.gz".
constexpr std::string_view preferred_signatures[] = {
    "mox-medkit-a (1).tar.gz.sig", "MOX-MEDKIT-A (1).TAR.GZ.SIG", "mox-medkit-a.tar.gz (1).sig",
    "mox-medkit-a.tar.gz.sig.txt", "mox-medkit-a.tar.gz (2).sig", "mox-medkit-a.tar.gz.sig.part"};

TEST(MedkitGrouping, TakesTheNearestNameOfSeveralSignatures) {
    Names names{"mox-medkit-a (1).tar.gz"};
    for (const auto& name : std::views::reverse(preferred_signatures)) {
        names.emplace_back(name);
        EXPECT_EQ(group_medkits(names, {})[0].signature, name);
    }
}

TEST(MedkitGrouping, GivesNoBackupTheSignatureOfAnother) {
    const auto medkits =
        group_medkits({"mox-medkit-turris-12.tar.gz", "mox-medkit-turris-13.tar.gz.sig"}, {});
    ASSERT_EQ(archives(medkits), Names{"mox-medkit-turris-12.tar.gz"});
    EXPECT_EQ(medkits[0].signature, std::nullopt);
}

TEST(MedkitGrouping, GivesWhatMacOsKeepsAboutASignatureToNoMedkit) {
    const auto medkits = group_medkits({"mox-medkit-a.tar.gz", "._mox-medkit-a.tar.gz.sig"}, {});
    EXPECT_EQ(medkits[0].signature, std::nullopt);
}

TEST(MedkitGrouping, PutsNamesAsPublishedBeforeAlteredOnes) {
    EXPECT_EQ(
        archives(group_medkits({"mox-medkit-a (1).tar.gz", "mox-medkit-a.tar.gz", "mox-medkit-a.tgz"}, {})),
        (Names{"mox-medkit-a.tar.gz", "mox-medkit-a (1).tar.gz", "mox-medkit-a.tgz"}));
}

TEST(MedkitGrouping, SortsByName) {
    EXPECT_EQ(
        archives(group_medkits({"mox-medkit-b.tar.gz", "medkit-mox.tar.gz", "mox-medkit-a.tar.gz"}, {})),
        (Names{"medkit-mox.tar.gz", "mox-medkit-a.tar.gz", "mox-medkit-b.tar.gz"}));
}

TEST(MedkitGrouping, TakesAnExtraArchiveWithItsOwnSignatureAndChecksums) {
    const auto medkits =
        group_medkits({"mox-medkit-a.tar.gz", "mox-medkit-a-extra.tar.gz", "mox-medkit-a-extra.tar.gz.sig",
                       "mox-medkit-a-extra.tar.gz.sha256", "mox-medkit-a-extra.tar.gz.md5"},
                      {});
    ASSERT_EQ(archives(medkits), Names{"mox-medkit-a.tar.gz"});
    EXPECT_EQ(medkits[0].signature, std::nullopt);
    EXPECT_EQ(medkits[0].extra, "mox-medkit-a-extra.tar.gz");
    EXPECT_EQ(medkits[0].extra_signature, "mox-medkit-a-extra.tar.gz.sig");
    EXPECT_EQ(medkits[0].extra_sha256, "mox-medkit-a-extra.tar.gz.sha256");
    EXPECT_EQ(medkits[0].extra_md5, "mox-medkit-a-extra.tar.gz.md5");
}

TEST(MedkitGrouping, ListsAnExtraArchiveWithoutItsBaseSoThatVerificationNamesIt) {
    const auto medkits = group_medkits({"mox-medkit-a-extra.tar.gz"}, {});
    EXPECT_EQ(archives(medkits), Names{"mox-medkit-a-extra.tar.gz"});
    EXPECT_EQ(medkits[0].extra, std::nullopt);
}

TEST(MedkitGrouping, DoesNotKnowExtrasOfExtras) {
    const auto medkits = group_medkits(
        {"mox-medkit-a.tar.gz", "mox-medkit-a-extra.tar.gz", "mox-medkit-a-extra-extra.tar.gz"}, {});
    EXPECT_EQ(archives(medkits), (Names{"mox-medkit-a-extra-extra.tar.gz", "mox-medkit-a.tar.gz"}));
}

TEST(MedkitGrouping, PrefersANeighbourInTheSameLettersAndTakesOthers) {
    const auto medkits =
        group_medkits({"MOX-MEDKIT.TAR.GZ", "MOX-MEDKIT.TAR.GZ.SIG", "mox-medkit.tar.gz",
                       "mox-medkit.tar.gz.sig", "Mox-Medkit-Extra.tar.gz", "mox-medkit.tar.gz.SHA256"},
                      {});
    ASSERT_EQ(archives(medkits), (Names{"MOX-MEDKIT.TAR.GZ", "mox-medkit.tar.gz"}));
    EXPECT_EQ(medkits[1].signature, "mox-medkit.tar.gz.sig");
    EXPECT_EQ(medkits[1].sha256, "mox-medkit.tar.gz.SHA256");
    EXPECT_EQ(medkits[1].extra, "Mox-Medkit-Extra.tar.gz");
    EXPECT_TRUE(medkits[0].signature);
}

TEST(MedkitGrouping, MarksMedkitsOfAnotherContract) {
    const auto medkits =
        group_medkits({"mox-medkit-contract-x-latest.tar.gz", "mox-medkit-latest.tar.gz"}, {});
    ASSERT_EQ(medkits.size(), 2U);
    EXPECT_TRUE(medkits[0].for_other_contract);
    EXPECT_FALSE(medkits[1].for_other_contract);
}

class MedkitFolder : public testing::Test {
protected:
    void touch(const std::string& name) { std::ofstream(folder_ / name) << "x"; }

    Expected<std::vector<MedkitFiles>> found() {
        const UniqueFd folder(::open(folder_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        auto listing = find_medkits(folder.get(), {});
        if (!listing) return std::unexpected(listing.error());
        return listing->medkits;
    }

    test_support::TemporaryDirectory folder_;
};

TEST_F(MedkitFolder, IsSearchedForFilesDirectoriesAndLinksAlike) {
    touch("mox-medkit-file.tar.gz");
    std::filesystem::create_directory(folder_ / "mox-medkit-folder.tar.gz");
    std::filesystem::create_symlink("elsewhere", folder_ / "mox-medkit-link.tar.gz");
    ASSERT_EQ(::mkfifo((folder_ / "mox-medkit-pipe.tar.gz").c_str(), 0600), 0);
    touch("._mox-medkit-file.tar.gz");
    const auto medkits = found();
    ASSERT_TRUE(medkits) << medkits.error().describe();
    EXPECT_EQ(archives(*medkits), (Names{"mox-medkit-file.tar.gz", "mox-medkit-folder.tar.gz",
                                         "mox-medkit-link.tar.gz", "mox-medkit-pipe.tar.gz"}));
}

TEST_F(MedkitFolder, CanBeSearchedTwiceThroughTheSameDescriptor) {
    touch("mox-medkit-file.tar.gz");
    const UniqueFd folder(::open(folder_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ASSERT_EQ(find_medkits(folder.get(), {})->medkits.size(), 1U);
    EXPECT_EQ(find_medkits(folder.get(), {})->medkits.size(), 1U);
}

TEST_F(MedkitFolder, MayBeEmpty) {
    EXPECT_TRUE(found()->empty());
}

TEST_F(MedkitFolder, ThatCannotBeListedIsAnError) {
    touch("file");
    const UniqueFd file(::open((folder_ / "file").c_str(), O_RDONLY | O_CLOEXEC));
    const auto medkits = find_medkits(file.get(), {});
    ASSERT_FALSE(medkits);
    EXPECT_EQ(medkits.error().kind(), ErrorKind::medkit);
    EXPECT_EQ(medkits.error().describe(), "cannot open the root directory: Not a directory");
}

TEST_F(MedkitFolder, FindsTheNeighboursOfAnArchiveOfAnyName) {
    touch("backup.tgz");
    touch("backup.tgz.sig");
    const UniqueFd folder(::open(folder_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const auto files = find_beside(folder.get(), "backup.tgz");
    ASSERT_TRUE(files);
    EXPECT_EQ(files->signature, "backup.tgz.sig");
    EXPECT_EQ(files->extra, std::nullopt);
}

TEST(ShownName, KeepsWhatPeopleCanRead) {
    EXPECT_EQ(printable_name("mox-medkit-latest (1).tar.gz"), "mox-medkit-latest (1).tar.gz");
    EXPECT_EQ(printable_name("zk\xc5\xafra \xe2\x82\xac \xf0\x9f\x93\xa6.tar.gz"),
              "zk\xc5\xafra \xe2\x82\xac \xf0\x9f\x93\xa6.tar.gz");
}

TEST(ShownName, TakesTheTeethOutOfTerminalSequencesAndBrokenText) {
    EXPECT_EQ(printable_name("a\x1b[2Jb\n\x7f"), "a?[2Jb??");
    EXPECT_EQ(printable_name("\xc2\x9b"
                             "2J"),
              "??2J");                                      // C1 control: CSI
    EXPECT_EQ(printable_name("a\xffz\xc5"), "a?z?");        // never UTF-8; cut off
    EXPECT_EQ(printable_name("\xe0\x80\xaf"), "???");       // overlong
    EXPECT_EQ(printable_name("\xed\xa0\x80"), "???");       // surrogate
    EXPECT_EQ(printable_name("\xf4\x90\x80\x80"), "????");  // beyond Unicode
}

}  // namespace
}  // namespace mox::medkit
