#include "medkit/tar_reader.hpp"

#include <gtest/gtest.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/tar_builder.hpp"

namespace mox::medkit {

namespace {

using test_support::noise;
using test_support::TarBuilder;

struct Member {
    std::string path;
    EntryKind kind = EntryKind::unknown;
    std::string link_target;
    std::string content;
    NodeAttributes attributes;
};

struct Listing {
    std::vector<Member> members;
    std::string error;
};

/// Reads an archive that comes in blocks of `block_size`.
Listing list(std::string_view bytes, std::size_t block_size = 7000) {
    TarReader reader([&]() -> Expected<std::span<const std::byte>> {
        const auto block = bytes.substr(0, block_size);
        bytes.remove_prefix(block.size());
        return std::as_bytes(std::span(block));
    });
    Listing listing;
    const auto give_up = [&](const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::medkit);
        listing.error = error.describe();
        return listing;
    };
    for (;;) {
        const auto entry = reader.next_entry();
        if (!entry) return give_up(entry.error());
        if (*entry == nullptr) return listing;
        const auto& description = (*entry)->description;
        Member member{std::string(description.path),
                      description.kind,
                      std::string(description.link_target),
                      {},
                      (*entry)->attributes};
        while (description.kind == EntryKind::regular) {
            const auto piece = reader.next_content();
            if (!piece) return give_up(piece.error());
            if (piece->is_end()) break;
            member.content.append(piece->hole, '\0');
            member.content.append(reinterpret_cast<const char*>(piece->bytes.data()), piece->bytes.size());
        }
        EXPECT_EQ(member.content.size(), static_cast<std::size_t>(description.size));
        listing.members.push_back(std::move(member));
    }
}

void expect_damaged(std::string_view bytes, std::string_view reason = "tar archive is damaged") {
    const auto listing = list(bytes);
    EXPECT_NE(listing.error.find(reason), std::string::npos) << "said: " << listing.error;
}

TarBuilder two_files() {
    TarBuilder tar;
    return tar.file("./first", noise(3000, 1)).file("./second", noise(100'000, 2));
}

TEST(TarReader, GivesEveryKindOfMemberWithAllItsAttributes) {
    TarBuilder tar;
    tar.directory("./").file("./file", "content").symlink("./link", "file").hard_link("./hard", "./file");
    tar.add({.path = "./console", .type = '3', .mode = 0600, .device_major = 5, .device_minor = 1});
    tar.add({.path = "./disk", .type = '4', .device_major = 259, .device_minor = 70'000});
    tar.add({.path = "./fifo", .type = '6'});
    tar.add({.path = "./su", .mode = 04755, .owner = 12, .group = 3'000'000, .mtime = 1'600'000'000});
    const auto listing = list(tar.finished());
    ASSERT_EQ(listing.error, "");
    ASSERT_EQ(listing.members.size(), 8U);
    const auto& m = listing.members;
    EXPECT_EQ(m[0].kind, EntryKind::directory);
    EXPECT_EQ(m[1].content, "content");
    EXPECT_EQ(m[2].kind, EntryKind::symlink);
    EXPECT_EQ(m[2].link_target, "file");
    EXPECT_EQ(m[3].kind, EntryKind::hard_link);
    EXPECT_EQ(m[3].link_target, "./file");
    EXPECT_EQ(m[4].kind, EntryKind::character_device);
    EXPECT_EQ(m[4].attributes.device, makedev(5, 1));
    EXPECT_EQ(m[5].kind, EntryKind::block_device);
    EXPECT_EQ(m[5].attributes.device, makedev(259, 70'000));
    EXPECT_EQ(m[6].kind, EntryKind::fifo);
    EXPECT_EQ(m[7].attributes.mode, 04755U);
    EXPECT_EQ(m[7].attributes.owner, 12U);
    EXPECT_EQ(m[7].attributes.group, 3'000'000U);
    EXPECT_EQ(m[7].attributes.mtime.tv_sec, 1'600'000'000);
}

TEST(TarReader, GivesPaxTimesNamesAndAttributes) {
    const std::string capability("\1\0\0\2\0\40\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
    TarBuilder tar;
    tar.add({.path = "short",
             .content = "x",
             .pax = {{"path", "long/" + std::string(200, 'n')},
                     {"mtime", "1700000000.123456789"},
                     {"SCHILY.xattr.security.capability", capability}}});
    const auto listing = list(tar.finished());
    ASSERT_EQ(listing.error, "");
    const auto& member = listing.members.at(0);
    EXPECT_EQ(member.path, "long/" + std::string(200, 'n'));
    EXPECT_EQ(member.attributes.mtime.tv_nsec, 123'456'789);
    ASSERT_EQ(member.attributes.xattrs.size(), 1U);
    EXPECT_EQ(member.attributes.xattrs[0].name, "security.capability");
    EXPECT_EQ(member.attributes.xattrs[0].value, capability);
}

TEST(TarReader, GivesNamesByteForByteWhateverTheirEncoding) {
    const std::string composed = "caf\xc3\xa9", decomposed = "cafe\xcc\x81", latin1 = "caf\xe9";
    TarBuilder tar;
    for (const auto& name : {composed, decomposed, latin1}) {
        tar.file(name, "ustar");
        tar.add({.path = "pax", .content = "pax", .pax = {{"path", name}}});
        tar.add({.path = "pax", .type = '2', .link = "x", .pax = {{"linkpath", name}}});
    }
    const auto listing = list(tar.finished());
    ASSERT_EQ(listing.error, "");
    std::vector<std::string> names;
    names.reserve(listing.members.size());
    for (const auto& member : listing.members)
        names.push_back(member.kind == EntryKind::symlink ? member.link_target : member.path);
    EXPECT_EQ(names, (std::vector{composed, composed, composed, decomposed, decomposed, decomposed, latin1,
                                  latin1, latin1}));
}

TEST(TarReader, GivesGnuLongNamesAndLongLinks) {
    const std::string name(180, 'a'), target(190, 'b');
    TarBuilder tar;
    tar.file(name, "x").symlink("link", target);
    const auto listing = list(tar.finished());
    ASSERT_EQ(listing.error, "");
    EXPECT_EQ(listing.members.at(0).path, name);
    EXPECT_EQ(listing.members.at(1).link_target, target);
}

TEST(TarReader, FillsTheHolesOfSparseFilesWithZeros) {
    TarBuilder tar;
    tar.old_gnu_sparse("sparse", "data", 1'000'000).file("next", "y");
    const auto listing = list(tar.finished());
    ASSERT_EQ(listing.error, "");
    EXPECT_EQ(listing.members.at(0).content, "data" + std::string(999'996, '\0'));
    EXPECT_EQ(listing.members.at(1).content, "y");
}

TEST(TarReader, DoesNotCareWhereTheInputIsSplit) {
    const auto tar = two_files().finished();
    const auto whole = list(tar, tar.size());
    for (const std::size_t size : {1U, 511U, 512U, 513U, 10'000U}) {
        const auto listing = list(tar, size);
        ASSERT_EQ(listing.error, "");
        ASSERT_EQ(listing.members.size(), 2U);
        EXPECT_TRUE(listing.members[1].content == whole.members[1].content);
    }
}

TEST(TarReader, AcceptsZerosBehindTheEndMarker) {
    EXPECT_EQ(list(two_files().finished() + std::string(std::size_t{9} * 1024, '\0')).error, "");
}

TEST(TarReader, RejectsAnythingElseBehindTheEndMarker) {
    expect_damaged(two_files().finished() + "x", "after its end");
    expect_damaged(two_files().finished() + two_files().finished(), "after its end");
}

// A global header may stand last; libarchive reads it on its way to the end.
TEST(TarReader, AcceptsAGlobalHeaderBeforeTheEndMarker) {
    TarBuilder tar;
    tar.add({.path = "pax", .type = 'g', .content = "19 comment=nothing\n"});
    EXPECT_EQ(list(tar.finished()).error, "");
    EXPECT_EQ(list(two_files().unfinished() + tar.finished()).error, "");
    expect_damaged(tar.unfinished(), "its end is missing");
    expect_damaged(two_files().unfinished() + tar.unfinished(), "its end is missing");
    expect_damaged(tar.finished() + "x", "after its end");
}

TEST(TarReader, RejectsAnArchiveWithoutItsEndMarker) {
    expect_damaged(two_files().unfinished(), "its end is missing");
    expect_damaged(two_files().unfinished() + std::string(512, '\0'), "its end is missing");
}

TEST(TarReader, RejectsAnArchiveThatIsCutOffAnywhere) {
    const auto tar = two_files().finished();
    for (std::size_t length = 0; length < tar.size(); length += 256) expect_damaged(tar.substr(0, length));
}

TEST(TarReader, RejectsAWrongHeaderChecksumAtTheBeginningAndInTheMiddle) {
    TarBuilder first;
    expect_damaged(
        first.add({.path = "a", .content = "x", .wrong_checksum = true}).file("b", "y").finished());
    TarBuilder middle;
    middle.file("a", "x").add({.path = "b", .content = "y", .wrong_checksum = true}).file("c", "z");
    expect_damaged(middle.finished());
}

TEST(TarReader, RejectsEveryFlippedByteOfAHeaderInTheMiddle) {
    const auto tar = two_files().finished();
    constexpr std::size_t second_header = 512 + 3072;
    for (std::size_t at = second_header; at < second_header + 512; ++at) {
        auto flipped = tar;
        flipped[at] = static_cast<char>(flipped[at] ^ 0x40);
        expect_damaged(flipped);
    }
}

TEST(TarReader, RejectsAHeaderThatWasOverwrittenWithZeros) {
    auto tar = two_files().finished();
    std::fill_n(tar.begin() + 512 + 3072, 512, '\0');
    expect_damaged(tar, "after its end");
}

TEST(TarReader, RejectsAFileThatClaimsMoreThanTheArchiveHolds) {
    TarBuilder tar;
    tar.add({.path = "a", .content = "x", .claimed_size = 1'000'000'000});
    expect_damaged(tar.finished());
}

TEST(TarReader, RejectsMalformedExtendedHeaders) {
    for (const auto* records :
         {"11 path=x\n", "7 a=b\n", "-5 path=x\n", "99999999999999999999 path=x\n", "x"}) {
        TarBuilder tar;
        tar.add({.path = "pax", .type = 'x', .content = records}).file("a", "y");
        EXPECT_NE(list(tar.finished()).error, "") << records;
    }
}

TEST(TarReader, RejectsOwnersThatDoNotExist) {
    TarBuilder tar;
    tar.add({.path = "a", .owner = 0xffffffffULL});
    EXPECT_NE(list(tar.finished()).error.find("owner number"), std::string::npos);
}

TEST(TarReader, RejectsWhatIsNotTar) {
    expect_damaged("");
    expect_damaged(noise(20'000));
    expect_damaged(std::string(20'000, 'x'));
}

TEST(TarReader, HandsOnTheErrorOfItsSource) {
    TarReader reader([]() -> Expected<std::span<const std::byte>> {
        return fail(ErrorKind::medkit, "the stick was pulled out");
    });
    const auto entry = reader.next_entry();
    ASSERT_FALSE(entry.has_value());
    EXPECT_EQ(entry.error().describe(), "the stick was pulled out");
}

}  // namespace

}  // namespace mox::medkit
