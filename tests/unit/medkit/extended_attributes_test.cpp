#include "medkit/extended_attributes.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "medkit/entry_policy.hpp"

namespace mox::medkit {
namespace {

std::string little_endian(std::uint64_t number, std::size_t bytes) {
    std::string text;
    for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>((number >> (8 * i)) & 0xff);
    return text;
}

std::string capability(std::uint32_t revision, std::size_t size) {
    auto value = little_endian(revision, 4);
    value.resize(size, '\0');
    return value;
}

std::string names_of(const std::vector<ExtendedAttribute>& attributes) {
    std::string text;
    for (const auto& attribute : attributes) text += attribute.name + " ";
    return text;
}

/// The message that refuses one attribute; empty if it is kept or left out.
std::string refusal(EntryKind kind, const std::string& name, const std::string& value) {
    const auto sorted = sort_attributes(kind, {{name, value}});
    if (sorted) return {};
    EXPECT_EQ(sorted.error().kind(), ErrorKind::medkit);
    return sorted.error().describe();
}

TEST(ExtendedAttributes, AreKeptWhenTheyMatterAndLeftOutElse) {
    const auto sorted =
        sort_attributes(EntryKind::regular, {{"user.b", "x"},
                                             {"com.apple.provenance", "x"},
                                             {"security.capability", capability(0x02000001, 20)},
                                             {"system.nfs4_acl", "x"},
                                             {"trusted.overlay.opaque", "y"},
                                             {"security.selinux", "x"},
                                             {"user.a", ""}});
    ASSERT_TRUE(sorted) << sorted.error().describe();
    EXPECT_EQ(names_of(sorted->kept), "security.capability user.a user.b ");
    EXPECT_EQ(sorted->left_out.size(), 4U);
    LeftOutAttributes left_out;
    left_out.add(sorted->left_out);
    left_out.add({"security.selinux"});
    EXPECT_EQ(left_out.describe(),
              "5 extended attributes are left out, this system does not keep them: com.apple.provenance, "
              "security.selinux, system.nfs4_acl, trusted.overlay.opaque");
}

TEST(ExtendedAttributes, AHardLinkHasThoseOfItsFile) {
    const auto sorted = sort_attributes(EntryKind::hard_link, {{"security.capability", "none"}});
    ASSERT_TRUE(sorted);
    EXPECT_TRUE(sorted->kept.empty());
}

/// linux/capability.h: revision 2 with 20 bytes, revision 3 with 24; revision 1 cannot be set any more.
TEST(ExtendedAttributes, CapabilitiesMustBeWellFormed) {
    const auto refused = [](const std::string& value) {
        return !refusal(EntryKind::regular, "security.capability", value).empty();
    };
    EXPECT_FALSE(refused(capability(0x02000000, 20)));
    EXPECT_FALSE(refused(capability(0x02000001, 20)));
    EXPECT_FALSE(refused(capability(0x03000001, 24)));
    EXPECT_TRUE(refused(""));
    EXPECT_TRUE(refused("x"));
    EXPECT_TRUE(refused(capability(0x01000000, 12)));
    EXPECT_TRUE(refused(capability(0x02000000, 24)));
    EXPECT_TRUE(refused(capability(0x03000000, 20)));
    EXPECT_TRUE(refused(capability(0x02000002, 20))) << "an unknown flag";
    EXPECT_TRUE(refused(capability(0x04000000, 24)));
    EXPECT_TRUE(refusal(EntryKind::directory, "security.capability", capability(0x02000000, 20))
                    .contains("only a file has capabilities"));
}

TEST(ExtendedAttributes, MustFitIntoAnItemOfBtrfs) {
    const std::string name = "user.n";
    EXPECT_EQ(refusal(EntryKind::regular, name, std::string(16'228 - name.size(), 'x')), "");
    EXPECT_TRUE(refusal(EntryKind::regular, name, std::string(16'229 - name.size(), 'x'))
                    .contains("name and value have 16229 bytes, and btrfs holds 16228"));
    EXPECT_EQ(refusal(EntryKind::regular, "user." + std::string(250, 'n'), ""), "");
    EXPECT_NE(refusal(EntryKind::regular, "user." + std::string(251, 'n'), ""), "");
    EXPECT_NE(refusal(EntryKind::symlink, "user.n", "x"), "");
    EXPECT_NE(refusal(EntryKind::regular, "user.", "x"), "");
}

TEST(ExtendedAttributes, MustBeFewEnoughToBeListedAndRead) {
    std::vector<ExtendedAttribute> many;
    for (int i = 0; i < 300; ++i) many.push_back({"user." + std::string(240, 'n') + std::to_string(i), ""});
    EXPECT_FALSE(sort_attributes(EntryKind::regular, many));
    std::vector<ExtendedAttribute> large;
    for (int i = 0; i < 40; ++i) large.push_back({"user." + std::to_string(i), std::string(16'000, 'x')});
    EXPECT_FALSE(sort_attributes(EntryKind::regular, large));
}

std::string acl(const std::vector<AclEntry>& entries) {
    return to_attribute_value(entries);
}

TEST(PosixAcl, IsValidAsTheKernelSaysIt) {
    const AclEntry owner{AclTag::owner, 7};
    const AclEntry user{AclTag::user, 6, 1000};
    const AclEntry owning_group{AclTag::owning_group, 5};
    const AclEntry group{AclTag::group, 4, 70'000};
    const AclEntry mask{AclTag::mask, 7};
    const AclEntry other{AclTag::other, 0};
    EXPECT_TRUE(is_posix_acl(acl({owner, owning_group, other})));
    EXPECT_TRUE(is_posix_acl(acl({other, mask, group, owning_group, user, owner}))) << "put in order";
    EXPECT_TRUE(is_posix_acl(acl({owner, owning_group, mask, other})));
    EXPECT_FALSE(is_posix_acl(acl({owner, user, owning_group, other}))) << "no mask";
    EXPECT_FALSE(is_posix_acl(acl({owner, owning_group})));
    EXPECT_FALSE(is_posix_acl(acl({owning_group, other})));
    EXPECT_FALSE(is_posix_acl(acl({owner, owner, owning_group, other})));
    EXPECT_FALSE(is_posix_acl(acl({owner, {AclTag::user, 7}, owning_group, mask, other}))) << "no user";
    EXPECT_FALSE(is_posix_acl(acl({{AclTag::owner, 8}, owning_group, other})));
    EXPECT_FALSE(is_posix_acl(""));
    EXPECT_FALSE(is_posix_acl(acl({owner, owning_group, other}) + "x"));
    auto reversed = little_endian(2, 4) + acl({other}).substr(4) + acl({owning_group}).substr(4);
    EXPECT_FALSE(is_posix_acl(reversed));
    EXPECT_TRUE(is_empty_acl(little_endian(2, 4)));
}

TEST(PosixAcl, OnlyADirectoryHasADefaultOneAndASymlinkHasNone) {
    const auto value = acl({{AclTag::owner, 7}, {AclTag::owning_group, 5}, {AclTag::other, 0}});
    EXPECT_EQ(refusal(EntryKind::directory, "system.posix_acl_default", value), "");
    EXPECT_EQ(refusal(EntryKind::fifo, "system.posix_acl_access", value), "");
    EXPECT_NE(refusal(EntryKind::regular, "system.posix_acl_default", value), "");
    EXPECT_NE(refusal(EntryKind::symlink, "system.posix_acl_access", value), "");
    EXPECT_EQ(refusal(EntryKind::symlink, "system.posix_acl_access", little_endian(2, 4)), "")
        << "says nothing";
}

}  // namespace
}  // namespace mox::medkit
