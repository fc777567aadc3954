// `schnapps export`, `import` and `update-factory`: what leaves a router comes back as it was, by mode 4 too.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "schnapps_transfer.hpp"

namespace mox::test_support {
namespace {

TEST_F(SchnappsTransfer, AnExportIsInstalledByMode4AndIsTheSameSystem) {
    const auto archive = exported_1();
    EXPECT_TRUE(archive.filename().native().starts_with("mox-medkit-")) << archive;
    EXPECT_TRUE(archive.native().ends_with("-1.tar.gz")) << archive;
    EXPECT_EQ(read_file(beside(archive, ".sha256")).substr(0, 64), hex_by("sha256sum", archive));

    const auto stick = table_.folder() / "stick.img";
    make_disk(stick, Bytes{64ULL << 20}, Table::dos);
    make_filesystem(stick, Table::dos, "ext4", out_);
    const auto target = table_.folder() / "target.img";
    make_card_with_old_system(target, card_size);
    const auto result = run_mode_4_on_images(MOX_RESCUE_PROGRAM, table_.keys(), target, stick);
    ASSERT_EQ(result.exit_status, 0) << result.output;
    for (const auto& flaw : flaws_of_flashed_card(target, describe_system(card_ / "@1")))
        ADD_FAILURE() << flaw << "\n" << result.output;
}

TEST_F(SchnappsTransfer, WhatWasExportedIsImportedAsItWas) {
    const auto archive = exported_1();
    const auto said = run({"import", archive});
    EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
    EXPECT_EQ(said.out, "Snapshot imported as number 2\n");
    EXPECT_EQ(describe_tree(card_ / "@2"), describe_tree(card_ / "@1"));
    EXPECT_EQ(read_file(card_ / "2.info"), read_file(card_ / "1.info"));
    EXPECT_TRUE(must(storage::subvolume_info(card_.top().directory(), "@2")).read_only);
    EXPECT_EQ(card_.names(), "1.info 2.info @ @1 @2 @factory");
    const auto info = fs::path(archive).replace_extension().replace_extension(".info");
    EXPECT_EQ(run({"import", info}).out, "Snapshot imported as number 3\n");
    ASSERT_EQ(run({"rollback", "2"}).status, 0);
    EXPECT_EQ(describe_system(card_ / "@"), describe_system(card_ / "@1"));
}

/// What a router's file system can hold, and archives are bad at.
TEST_F(SchnappsTransfer, WhatIsExportedComesBackWhateverItHolds) {
    const auto root = card_ / "@/srv/rare";
    fs::create_directory(root);
    const auto at = [&](const std::string& name) { return (root / name).native(); };
    fs::create_symlink("nowhere", at("link"));
    ASSERT_EQ(::mknod(at("console").c_str(), S_IFCHR | 0600, makedev(5, 1)), 0);
    ASSERT_EQ(::mknod(at("pipe").c_str(), S_IFIFO | 0600, 0), 0);
    for (const std::string name : {"link", "console", "pipe"})
        ASSERT_EQ(
            ::linkat(AT_FDCWD, at(name).c_str(), AT_FDCWD, at("again-" + name + "\xff\n\x1b").c_str(), 0), 0);
    write_file(at("disk.img"), "data");
    fs::resize_file(at("disk.img"), 48 << 20);
    write_file(at("attributes"), "x");
    const std::string long_value(8'000, '\0');
    ASSERT_EQ(::setxattr(at("attributes").c_str(), "user.a=b \xff", long_value.data(), long_value.size(), 0),
              0);
    ASSERT_EQ(::setxattr(at("attributes").c_str(), "trusted.mine", "x", 1, 0), 0);
    ASSERT_EQ(run({"create"}).status, 0);

    const auto said = run({"export", "2", out_.native()});
    ASSERT_EQ(said.status, 0) << testing::PrintToString(said);
    EXPECT_TRUE(said.err.contains("warning: 1 extended attribute")) << said.err;
    EXPECT_TRUE(said.err.contains("trusted.mine")) << said.err;
    const auto archive = archive_of(said);
    const auto verified = run_apart({MEDKIT_PROGRAM, "verify", archive});
    EXPECT_EQ(verified.status, 0) << testing::PrintToString(verified);
    EXPECT_EQ(run({"import", archive}).out, "Snapshot imported as number 3\n");

    ASSERT_EQ(::removexattr(at("attributes").c_str(), "trusted.mine"), 0);
    EXPECT_EQ(describe_tree(card_ / "@3"), describe_tree(card_ / "@"));
    storage::sync_filesystem(card_.top().directory()).value();
    struct stat disk{};
    ASSERT_EQ(::stat((card_ / "@3/srv/rare/disk.img").c_str(), &disk), 0);
    EXPECT_LT(disk.st_blocks * 512, 1 << 20) << "the hole was filled";
}

TEST_F(SchnappsTransfer, WhatCouldNotComeBackIsNotExportedAndIsNamed) {
    fs::remove_all(card_ / "@/etc/schnapps");
    write_file(card_ / "@/etc/schnapps", "no directory");
    for (const std::string& where : {out_.native(), std::string("-")}) {
        const auto said = run({"export", where});
        EXPECT_EQ(said.status, 2) << testing::PrintToString(said);
        EXPECT_TRUE(said.err.contains("etc/schnapps")) << said.err;
        EXPECT_FALSE(said.err.contains("/proc/self/fd")) << said.err;
        EXPECT_EQ(said.out, "");
    }
    EXPECT_TRUE(fs::is_empty(out_));
}

TEST_F(SchnappsTransfer, TheCurrentStateIsExportedWithADateInItsName) {
    write_file(card_ / "@/etc/newer", "than the snapshot");
    const auto archive = exported({"-c"});
    const auto list = run_apart({"tar", "-tzf", archive});
    EXPECT_TRUE(list.out.contains("./etc/newer\n"));
    EXPECT_TRUE(archive.native().contains("-20")) << archive;
    EXPECT_EQ(card_.names(), "1.info @ @1 @factory");
}

TEST_F(SchnappsTransfer, ExcludeListsAndTheOverlayAreHonoured) {
    write_file(card_ / "@/etc/schnapps/export-exclude.d/mine", "./etc/secret\ncache/*\n\n");
    write_file(card_ / "@/etc/schnapps/export-overlay/etc/motd", "exported");
    write_file(card_ / "@/etc/motd", "running");
    write_file(card_ / "@/etc/secret/key", "x");
    write_file(card_ / "@/var/cache/big", "x");
    const auto archive = exported({"-c"});
    const auto work = card_.outside("unpacked");
    fs::create_directory(work);
    ASSERT_EQ(run_apart({"tar", "-xzf", archive, "-C", work}).status, 0);
    EXPECT_EQ(read_file(work / "etc/motd"), "exported");
    EXPECT_FALSE(fs::exists(work / "etc/secret"));
    EXPECT_TRUE(fs::exists(work / "var/cache"));
    EXPECT_FALSE(fs::exists(work / "var/cache/big"));
    EXPECT_TRUE(fs::exists(work / "boot/Image"));
}

TEST_F(SchnappsTransfer, StandardOutputGetsTheArchiveAndNothingElse) {
    const auto said = run({"export", "1", "-"});
    EXPECT_EQ(said.status, 0);
    const auto archive = card_.outside("piped.tar.gz");
    write_file(archive, said.out);
    EXPECT_EQ(describe_medkit(archive, table_.workshop()), describe_system(card_ / "@1"));
}

TEST_F(SchnappsTransfer, ASignedExportIsVerifiedBySignifyAndByUs) {
    const auto archive = exported({"--sign", table_.key().secret_key, "1"});
    const auto verified = run_apart({"signify-openbsd", "-V", "-p", table_.key().public_key, "-m", archive,
                                     "-x", beside(archive, ".sig")});
    EXPECT_EQ(verified.status, 0) << testing::PrintToString(verified);
    const auto said = run({"import", "--keys", table_.keys(), archive});
    EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
    EXPECT_TRUE(said.err.contains("signed by trusted key " + table_.key().number)) << said.err;
}

TEST_F(SchnappsTransfer, WithAPasswordGpgOpensTheExportAndImportDoesToo) {
    set_password("two words");
    const auto archive = exported_1();
    EXPECT_TRUE(archive.native().ends_with(".tar.gz.gpg")) << archive;
    const auto home = card_.outside("gpg");
    fs::create_directory(home);
    fs::permissions(home, fs::perms::owner_all);
    const auto plain = card_.outside("plain.tar.gz");
    const auto opened = run_apart({"gpg", "--homedir", home, "--batch", "--pinentry-mode", "loopback",
                                   "--passphrase", "two words", "--output", plain, "--decrypt", archive});
    ASSERT_EQ(opened.status, 0) << testing::PrintToString(opened);
    EXPECT_EQ(describe_medkit(plain, table_.workshop()), describe_system(card_ / "@1"));

    const auto said = run({"import", archive});
    EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
    EXPECT_EQ(describe_tree(card_ / "@2"), describe_tree(card_ / "@1"));
    ASSERT_EQ(run({"delete", "2"}).status, 0);
    set_password("another");
    expect_refused(run({"import", archive}), 2, "gpg failed");
}

TEST_F(SchnappsTransfer, WhatIsDamagedOrUnknownIsNotImported) {
    const auto archive = exported_1();
    const auto content = read_file(archive);
    write_file(archive, content.substr(0, content.size() / 2));
    expect_refused(run({"import", archive}), 2, archive.filename().native());
    expect_refused(run({"import", "--force", archive}), 2, archive.filename().native());
    write_file(archive, content);
    fs::remove(beside(archive, ".sha256"));
    fs::remove(beside(archive, ".md5"));
    fs::remove(info_of(archive));
    expect_refused(run({"import", archive}), 2, "has no checksum and no signature beside it");
    EXPECT_EQ(run({"import", "--force", archive}).status, 0);
    EXPECT_EQ(describe_tree(card_ / "@2"), describe_tree(card_ / "@1"));
}

/// The shell version leaves a tarball and an info file, and no checksum.
TEST_F(SchnappsTransfer, AnExportOfTheShellVersionIsImportedWithAWarning) {
    const auto archive = out_ / "mox-medkit-turris-7.tar.gz";
    ASSERT_EQ(run_apart({"tar", "-C", card_ / "@1", "--format=posix", "--numeric-owner", "--one-file-system",
                         "--xattrs", "--xattrs-include=*", "-cpzf", archive, "."})
                  .status,
              0);
    write_file(info_of(archive),
               "TYPE=\"time\"\nDESCRIPTION=\"of the shell\"\nCREATED=\"2025-01-02 03:04:05 +0100\"\n");
    const auto said = run({"import", info_of(archive)});
    EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
    EXPECT_EQ(said.out, "Snapshot imported as number 2\n");
    EXPECT_TRUE(said.err.contains("warning: mox-medkit-turris-7.tar.gz: there is no checksum beside it"))
        << said.err;
    EXPECT_EQ(describe_system(card_ / "@2"), describe_system(card_ / "@1"));
    EXPECT_EQ(read_file(card_ / "2.info"), read_file(info_of(archive)));
    EXPECT_EQ(run({"import", archive}).out, "Snapshot imported as number 3\n");
    fs::remove(archive);
    const auto without = run({"import", info_of(archive)});
    EXPECT_EQ(without.status, 2);
    EXPECT_TRUE(without.err.contains("mox-medkit-turris-7.tar.gz")) << without.err;
}

/// What is exported comes back, also when no router boots from it; both commands say so.
TEST_F(SchnappsTransfer, ASystemThatDoesNotBootIsExportedAndImportedWithAWarning) {
    fs::remove(card_ / "@/boot/Image");
    const auto said = run({"export", out_.native()});
    EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
    EXPECT_TRUE(said.err.contains("warning: boot/Image is missing")) << said.err;
    const auto back = run({"import", archive_of(said)});
    EXPECT_EQ(back.status, 0) << testing::PrintToString(back);
    EXPECT_TRUE(back.err.contains("boot/Image is missing: a router cannot boot from it")) << back.err;
    fs::remove(info_of(archive_of(said)));
    expect_refused_without(run({"import", archive_of(said)}), "boot/Image");
}

TEST_F(SchnappsTransfer, ImportWithFMakesTheTarballTheFactoryImage) {
    for (const std::string ending : {".sig", ".sha256", ".md5"}) {
        std::error_code none;
        fs::remove(beside(table_.medkit(), ending), none);
    }
    const auto said = run({"import", "-f", table_.medkit()});
    EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
    EXPECT_TRUE(said.err.contains("no checksum beside it")) << said.err;
    EXPECT_EQ(run({"factory-version"}).out, "9.0.1\n");
    EXPECT_EQ(describe_system(card_ / "@factory"), table_.description());
    EXPECT_EQ(card_.names(), "1.info @ @1 @factory");
}

TEST_F(SchnappsTransfer, ImportWithFLeavesTheFactoryImageAloneWhenAChecksumIsWrong) {
    fs::remove(beside(table_.medkit(), ".sig"));
    const auto before = card_.uuid("@factory");
    for (const std::string ending : {".sha256", ".md5"}) {
        write_file(beside(table_.medkit(), ending), std::string(ending == ".md5" ? 32 : 64, '0') + "  x\n");
        expect_refused(run({"import", "-f", table_.medkit()}), 2, "does not match");
        fs::remove(beside(table_.medkit(), ending));
    }
    EXPECT_EQ(card_.uuid("@factory"), before);
    const int top = card_.top().directory();
    must(storage::snapshot_subvolume(top, "@factory", "next", storage::Access::writable));
    must(storage::exchange(top, "@factory", "next"));
    must(storage::delete_subvolume(top, "next"));
    const UniqueFd factory(::open((card_ / "@factory").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const auto with_data = card_.uuid("@factory");
    must(storage::create_subvolume(factory.get(), "srv"));
    expect_refused(run({"import", "-f", table_.medkit()}), 4, "holds a subvolume of its own (srv)");
    EXPECT_EQ(card_.uuid("@factory"), with_data);
}

TEST_F(SchnappsTransfer, AMedkitBecomesTheFactoryImage) {
    const auto said = run({"update-factory", "--keys", table_.keys(), table_.medkit()});
    EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
    EXPECT_EQ(said.out, "");
    EXPECT_EQ(run({"factory-version"}).out, "9.0.1\n");
    EXPECT_EQ(describe_system(card_ / "@factory"), table_.description());
    EXPECT_EQ(read_file(card_ / "@factory/etc/schnapps/config"), "ROOT_DEV='/dev/mmcblk1p1'\n");
    EXPECT_TRUE(must(storage::subvolume_info(card_.top().directory(), "@factory")).read_only);
    EXPECT_EQ(card_.names(), "1.info @ @1 @factory");
}

TEST_F(SchnappsTransfer, AMedkitThatIsNotWhatWasSignedLeavesTheFactoryImageAlone) {
    const auto before = card_.uuid("@factory");
    auto content = read_file(table_.medkit());
    content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 1);
    write_file(table_.medkit(), content);
    expect_refused(run({"update-factory", "--keys", table_.keys(), table_.medkit()}), 2,
                   table_.medkit().filename().native());
    EXPECT_EQ(card_.uuid("@factory"), before);
}

TEST_F(SchnappsTransfer, AMedkitIsNotDownloadedFromJustAnywhere) {
    for (const std::string address : {"http://example.org/medkit.tar.gz", "ftp://example.org/medkit.tar.gz"})
        expect_refused(run({"update-factory", address}), 1, "https://");
}

}  // namespace
}  // namespace mox::test_support
