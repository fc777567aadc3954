// Medkits that are odd but real, through the programs that users have: `medkit verify` and mode 4. What is
// refused is refused by both, with status 2, and leaves the card as it was; what is accepted is installed,
// and the new system is what the archive says.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>

#include "base/child_process.hpp"
#include "support/card_images.hpp"
#include "support/loop_image.hpp"
#include "support/rescue_run.hpp"
#include "support/rescue_run_card.hpp"
#include "support/tar_builder.hpp"

namespace mox::test_support {
namespace {

namespace fs = std::filesystem;

TarBuilder usr_merged_system() {
    auto medkit = minimal_medkit("9.9.9");
    medkit.directory("./bin").directory("./usr").directory("./usr/lib").file("./usr/lib/ld.so", "loader");
    return medkit.symlink("./lib", "usr/lib");
}

std::string system_with(const std::function<void(TarBuilder&)>& add) {
    auto medkit = usr_merged_system();
    add(medkit);
    return gzip(medkit.finished());
}

/// A file with one extended attribute.
std::string system_with_attribute(const std::string& name, const std::string& value) {
    return system_with([&](TarBuilder& medkit) {
        medkit.add({.path = "./etc/noted", .content = "content", .pax = {{"SCHILY.xattr." + name, value}}});
    });
}

/// 60,000 hard links whose target is spelled in 3,800 bytes: 300 MB of headers in a small file.
std::string system_with_long_links() {
    auto medkit = usr_merged_system();
    const std::string target = "l/" + std::string(200, 't');
    std::string spelled = "./";
    for (int i = 0; i < 900; ++i) spelled += "././";
    medkit.directory("./l").file("./" + target, "x");
    auto bytes = gzip(medkit.unfinished());
    for (int hundred = 0; hundred < 600; ++hundred) {
        TarBuilder links;
        for (int i = 0; i < 100; ++i)
            links.hard_link("./l/" + std::to_string(hundred * 100 + i), spelled + target);
        bytes += gzip(links.unfinished(), 1);
    }
    return bytes + gzip(std::string(1024, '\0'));
}

std::string system_with_too_many_names_of_a_file() {
    return system_with([](TarBuilder& medkit) {
        medkit.file("./etc/file", "x");
        for (int i = 1; i <= 65'535; ++i) medkit.hard_link("./etc/" + std::to_string(i), "./etc/file");
    });
}

struct OddCase {
    std::string name;
    std::function<std::string()> medkit;
    std::function<std::string()> extra = {};
    bool is_accepted = false;
    std::string said;                                      ///< by both programs
    std::function<void(const fs::path& root)> check = {};  ///< of the new system
};

void PrintTo(const OddCase& odd, std::ostream* out) {
    *out << odd.name;
}

std::string attribute_of(const fs::path& file, const std::string& name) {
    std::array<char, 256> value{};
    const auto size = ::lgetxattr(file.c_str(), name.c_str(), value.data(), value.size());
    return size < 0 ? "none" : std::string(value.data(), static_cast<std::size_t>(size));
}

auto expect_attribute(const std::string& name, const std::string& value) {
    return [=](const fs::path& root) {
        EXPECT_EQ(read_file(root / "etc/noted"), "content");
        EXPECT_EQ(attribute_of(root / "etc/noted", name), value);
    };
}

ino_t inode_of(const fs::path& path) {
    struct stat status{};
    EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
    return status.st_ino;
}

const std::string capability =
    std::string("\1\0\0\2", 4) + std::string("\0\40\0\0", 4) + std::string(12, '\0');

std::string extra_that_packs_lib() {
    TarBuilder extra;
    extra.directory("./").directory("./lib").directory("./lib/modules").file("./lib/modules/x.ko", "module");
    return gzip(extra.finished());
}

void expect_modules_behind_the_link(const fs::path& root) {
    EXPECT_TRUE(fs::is_symlink(root / "lib"));
    EXPECT_EQ(fs::read_symlink(root / "lib"), "usr/lib");
    EXPECT_EQ(read_file(root / "usr/lib/ld.so"), "loader");
    EXPECT_EQ(read_file(root / "usr/lib/modules/x.ko"), "module");
}

const auto link_is_followed =
    "/lib is a symbolic link and stays one: what the archive holds below it goes to /usr/lib";

std::vector<OddCase> accepted_cases() {
    return {
        {.name = "AttributeOfAMac",
         .medkit = [] { return system_with_attribute("com.apple.provenance", "\1\2"); },
         .said = "1 extended attribute is left out, this system does not keep it: com.apple.provenance",
         .check = expect_attribute("com.apple.provenance", "none")},
        {.name = "AttributeOfNfs",
         .medkit = [] { return system_with_attribute("system.nfs4_acl", "acl"); },
         .said = "system.nfs4_acl",
         .check = expect_attribute("system.nfs4_acl", "none")},
        {.name = "AttributeOfOverlayfs",
         .medkit = [] { return system_with_attribute("trusted.overlay.opaque", "y"); },
         .said = "trusted.overlay.opaque",
         .check = expect_attribute("trusted.overlay.opaque", "none")},
        {.name = "AttributeOfAUser",
         .medkit = [] { return system_with_attribute("user.note", "kept"); },
         .said = {},
         .check = expect_attribute("user.note", "kept")},
        {.name = "Capability",
         .medkit = [] { return system_with_attribute("security.capability", capability); },
         .said = {},
         .check = expect_attribute("security.capability", capability)},
        {.name = "HardLinkedSymlink",
         .medkit =
             [] {
                 return system_with([](TarBuilder& medkit) {
                     medkit.symlink("./bin/a", "busybox").hard_link("./bin/b", "./bin/a");
                 });
             },
         .said = {},
         .check =
             [](const fs::path& root) {
                 EXPECT_EQ(fs::read_symlink(root / "bin/b"), "busybox");
                 EXPECT_EQ(inode_of(root / "bin/a"), inode_of(root / "bin/b"));
             }},
        {.name = "HardLinkedDevice",
         .medkit =
             [] {
                 return system_with([](TarBuilder& medkit) {
                     medkit.add({.path = "./bin/a", .type = '3', .device_major = 5, .device_minor = 1});
                     medkit.hard_link("./bin/b", "./bin/a");
                 });
             },
         .said = {},
         .check =
             [](const fs::path& root) { EXPECT_EQ(inode_of(root / "bin/a"), inode_of(root / "bin/b")); }},
        {.name = "ExtraOverASymlink",
         .medkit = [] { return system_with([](TarBuilder&) {}); },
         .extra = extra_that_packs_lib,
         .said = link_is_followed,
         .check = expect_modules_behind_the_link},
        {.name = "ExtraWithoutTheDirectoryItselfOverASymlink",
         .medkit = [] { return system_with([](TarBuilder&) {}); },
         .extra = [] { return gzip(TarBuilder{}.file("lib/modules/x.ko", "module").finished()); },
         .said = link_is_followed,
         .check = expect_modules_behind_the_link},
        {.name = "TrapsInPlaceOfTemporaryFiles",
         .medkit =
             [] {
                 return system_with([](TarBuilder& medkit) {
                     medkit.add({.path = "./etc/schnapps/.config.new", .type = '6'});
                     medkit.directory("./etc/schnapps/.config.new1")
                         .file("./etc/schnapps/.config.new1/x", "x");
                     medkit.symlink("./etc/schnapps/config", "/etc/turris-version");
                 });
             },
         .said = {},
         .check =
             [](const fs::path& root) {
                 EXPECT_TRUE(read_file(root / "etc/schnapps/config").starts_with("ROOT_DEV="));
                 EXPECT_EQ(read_file(root / "etc/turris-version"), "9.9.9\n");
             }},
        {.name = "SparseFile",
         .medkit =
             [] {
                 return system_with([](TarBuilder& medkit) {
                     medkit.old_gnu_sparse("./etc/sparse", "data", 50'000'000);
                     medkit.old_gnu_sparse("./boot/sparse", "data", 5'000'000);
                 });
             },
         .said = {},
         .check =
             [](const fs::path& root) {
                 struct stat status{};
                 ASSERT_EQ(::stat((root / "etc/sparse").c_str(), &status), 0);
                 EXPECT_EQ(status.st_size, 50'000'000);
                 EXPECT_LT(status.st_blocks * 512, 100'000);
                 ASSERT_EQ(::stat((root / "boot/sparse").c_str(), &status), 0);
                 EXPECT_GE(status.st_blocks * 512, 5'000'000) << "the boot loader reads no holes";
             }},
    };
}

std::vector<OddCase> refused_cases() {
    return {
        {.name = "AttributeThatIsTooLarge",
         .medkit = [] { return system_with_attribute("user.note", std::string(20'000, 'n')); },
         .said = "the extended attribute user.note cannot be kept"},
        {.name = "CapabilityThatIsNone",
         .medkit = [] { return system_with_attribute("security.capability", "x"); },
         .said = "the extended attribute security.capability cannot be kept: its value is no capability"},
        {.name = "AclThatIsNone",
         .medkit = [] { return system_with_attribute("system.posix_acl_access", "rwx"); },
         .said = "it is not a POSIX ACL"},
        {.name = "SchnappsIsAFile",
         .medkit =
             [] {
                 return system_with(
                     [](TarBuilder& medkit) { medkit.file("./etc/schnapps", "no directory"); });
             },
         .said = "etc/schnapps is not a directory, but the installation writes etc/schnapps/config"},
        {.name = "SchnappsLeadsToNothing",
         .medkit =
             [] {
                 return system_with([](TarBuilder& medkit) { medkit.symlink("./etc/schnapps", "/data"); });
             },
         .said = "etc/schnapps is a symbolic link that leads to nothing"},
        {.name = "ExtraMakesAFileOfSchnapps",
         .medkit = [] { return system_with([](TarBuilder&) {}); },
         .extra = [] { return gzip(TarBuilder{}.file("./etc/schnapps", "no directory").finished()); },
         .said = "etc/schnapps is not a directory"},
        {.name = "ExtraOverALinkThatLeadsOut",
         .medkit = [] { return system_with([](TarBuilder& medkit) { medkit.symlink("./srv", "../srv"); }); },
         .extra = [] { return gzip(TarBuilder{}.directory("./srv").file("./srv/x", "x").finished()); },
         .said = "the symbolic link \"srv\", which leads out of the system"},
        {.name = "ExtraOverALinkToAFile",
         .medkit =
             [] { return system_with([](TarBuilder& medkit) { medkit.symlink("./srv", "boot/Image"); }); },
         .extra = [] { return gzip(TarBuilder{}.directory("./srv").finished()); },
         .said = "the symbolic link \"srv\", which does not lead to a directory"},
        {.name = "DeviceNumberThatDoesNotExist",
         .medkit =
             [] {
                 return system_with([](TarBuilder& medkit) {
                     medkit.add({.path = "./bin/x", .type = '3', .device_major = 4096, .device_minor = 1});
                 });
             },
         .said = "a device number that does not exist"},
        {.name = "MoreNamesOfAFileThanBtrfsHas",
         .medkit = system_with_too_many_names_of_a_file,
         .said = "which has 65535 names already"},
    };
}

class Router {
public:
    explicit Router(const OddCase& odd) {
        make_card_with_old_system(card(), card_size);
        write_file(medkit(), odd.medkit());
        if (odd.extra) write_file(folder_ / "content/mox-medkit-odd-extra.tar.gz", odd.extra());
        fs::create_directory(folder_ / "keys");
        make_disk(stick(), {64 << 20}, Table::dos);
        make_filesystem(stick(), Table::dos, "ext4", folder_ / "content");
    }

    [[nodiscard]] ChildResult verify() const {
        auto result = run_child({MEDKIT_PROGRAM, "verify", "--keys", folder_ / "keys", medkit()},
                                std::chrono::minutes(2));
        return must(std::move(result));
    }
    [[nodiscard]] ChildResult flash() const {
        return run_mode_4_on_images(MOX_RESCUE_PROGRAM, folder_ / "keys", card(), stick());
    }
    [[nodiscard]] fs::path card() const { return folder_ / "card.img"; }

private:
    [[nodiscard]] fs::path stick() const { return folder_ / "stick.img"; }
    [[nodiscard]] fs::path medkit() const { return folder_ / "content/mox-medkit-odd.tar.gz"; }

    RamFolder folder_;
};

void expect_said(const ChildResult& result, int status, const std::string& said) {
    EXPECT_EQ(result.exit_status, status) << result.output;
    EXPECT_TRUE(result.output.contains(said)) << "expected: " << said << "\n" << result.output;
}

class AcceptedOddMedkit : public ::testing::TestWithParam<OddCase> {};

TEST_P(AcceptedOddMedkit, IsInstalled) {
    const Router router(GetParam());
    expect_said(router.verify(), 0, GetParam().said);
    const auto flashed = router.flash();
    ASSERT_EQ(flashed.exit_status, 0) << flashed.output;
    if (!GetParam().said.empty()) expect_said(flashed, 0, GetParam().said);
    const MountedImage card(router.card(), partition_start, "btrfs");
    EXPECT_EQ(read_file(card / "@/etc/turris-version"), "9.9.9\n");
    GetParam().check(card / "@");
}

class RefusedOddMedkit : public ::testing::TestWithParam<OddCase> {};

TEST_P(RefusedOddMedkit, LeavesTheCardAsItWas) {
    const Router router(GetParam());
    const auto before = image_digest(router.card());
    expect_said(router.verify(), 2, GetParam().said);
    expect_said(router.flash(), 2, GetParam().said);
    EXPECT_EQ(image_digest(router.card()), before) << "the card was written";
}

const auto name_of_case = [](const auto& info) { return info.param.name; };
INSTANTIATE_TEST_SUITE_P(With, AcceptedOddMedkit, ::testing::ValuesIn(accepted_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(With, RefusedOddMedkit, ::testing::ValuesIn(refused_cases()), name_of_case);

/// The most memory that a program of this test has taken so far.
long megabytes_taken() {
    struct rusage usage{};
    EXPECT_EQ(::getrusage(RUSAGE_CHILDREN, &usage), 0);
    return usage.ru_maxrss / 1024;
}

/// A board has 512 MB, and the medkit may lie in them.
TEST(OddMedkitMemory, LongTargetsOfLinksTakeNoMore) {
    const Router router({.name = "LongLinks", .medkit = system_with_long_links, .said = {}});
    expect_said(router.verify(), 0, "The archive is in order");
    std::printf("verification: at most %ld MB\n", megabytes_taken());
    EXPECT_LT(megabytes_taken(), 60);
    const auto flashed = router.flash();
    ASSERT_EQ(flashed.exit_status, 0) << flashed.output;
    std::printf("at most %ld MB\n", megabytes_taken());
    EXPECT_LT(megabytes_taken(), 80);
    const MountedImage card(router.card(), partition_start, "btrfs");
    EXPECT_EQ(inode_of(card / "@/l/0"), inode_of(card / "@/l/59999"));
}

}  // namespace
}  // namespace mox::test_support
