#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "base/file.hpp"
#include "medkit/archive.hpp"
#include "support/loop_image.hpp"
#include "support/medkit_factory.hpp"
#include "support/tar_builder.hpp"
#include "support/temporary_directory.hpp"
#include "support/tree_digest.hpp"

namespace mox::medkit {

namespace {

using namespace mox::unit_literals;
using test_support::describe_archive;
using test_support::describe_tree;
using test_support::gzip;
using test_support::must;
using test_support::TarBuilder;

constexpr std::int64_t nanosecond_free_time = 1'650'000'000;

/// A btrfs on a loop device and archives that are unpacked on it: what counts is that the result is what
/// GNU tar makes of the same archive.
class UnpackFidelity : public ::testing::Test {
protected:
    std::filesystem::path archive(const std::string& name, const TarBuilder& tar) {
        const auto path = folder_ / name;
        test_support::write_file(path, gzip(tar.finished()));
        return path;
    }

    std::filesystem::path target(const std::string& name) {
        const auto path = card_ / name;
        std::filesystem::create_directory(path);
        return path;
    }

    ArchiveSummary unpack(const std::filesystem::path& file, const std::filesystem::path& root,
                          const ArchiveContents* over = nullptr) {
        const auto source = must(open_file(file, O_RDONLY, ErrorKind::medkit));
        const auto directory = must(open_file(root, O_RDONLY | O_DIRECTORY, ErrorKind::card));
        const ArchiveRules rules{.capacity = 1_GiB, .required_files = {}, .unpacked_over = over};
        auto summary = must(inspect_archive(source.get(), file.native(), rules, {}, {}));
        must(unpack_archive(source.get(), file.native(), directory.get(), summary, {}));
        return summary;
    }

    void expect_same_as_gnu_tar(const std::filesystem::path& file, const std::string& name) {
        const auto root = target(name);
        unpack(file, root);
        EXPECT_EQ(describe_tree(root), describe_archive(file, card_.path()));
    }

    test_support::TemporaryDirectory folder_;
    test_support::LoopImage disk_ = make_disk(folder_ / "card.img");
    test_support::WritableMount card_{disk_.node(), "btrfs"};

private:
    static test_support::LoopImage make_disk(const std::filesystem::path& image) {
        test_support::LoopImage disk(image, 512_MiB);
        test_support::format(disk.node(), "btrfs");
        return disk;
    }
};

TEST_F(UnpackFidelity, ASystemPackedByGnuTarComesOutAsGnuTarUnpacksIt) {
    test_support::make_system_tree(card_ / "system", "9.0.1", 1);
    test_support::pack_with_tar(card_ / "system", folder_ / "posix.tar.gz", test_support::TarFormat::posix);
    test_support::pack_with_tar(card_ / "system", folder_ / "gnu.tar.gz", test_support::TarFormat::gnu);
    expect_same_as_gnu_tar(folder_ / "posix.tar.gz", "posix");
    expect_same_as_gnu_tar(folder_ / "gnu.tar.gz", "gnu");
    EXPECT_EQ(describe_tree(card_ / "system"), describe_tree(card_ / "posix"));
}

TEST_F(UnpackFidelity, ALaterEntryReplacesAnEarlierOneOfAnyKind) {
    TarBuilder tar;
    tar.directory("./");
    tar.file("./a", "old").file("./b", "old").symlink("./c", "a").file("./d", "old");
    tar.hard_link("./e", "./d").symlink("./f", "/nowhere");
    tar.file("./a", "new content").symlink("./b", "a").file("./c", "a file now").file("./d", "new");
    tar.directory("./f").file("./f/inside", "x");
    for (int i = 0; i < 300; ++i) tar.file("./same", "version " + std::to_string(i));
    const auto file = archive("twice.tar.gz", tar);
    expect_same_as_gnu_tar(file, "twice");
    EXPECT_EQ(test_support::read_file(card_ / "twice/e"), "old");
    EXPECT_EQ(test_support::read_file(card_ / "twice/same"), "version 299");
}

/// A hole stays one, but not where the boot loader reads.
TEST_F(UnpackFidelity, ASparseFileStaysSparseOutsideOfBoot) {
    TarBuilder tar;
    tar.directory("./").old_gnu_sparse("./sparse", "data", 3'000'000);
    tar.directory("./boot").old_gnu_sparse("./boot/sparse", "data", 3'000'000);
    const auto file = archive("sparse.tar.gz", tar);
    expect_same_as_gnu_tar(file, "sparse");
    ASSERT_EQ(::syncfs(card_.root()), 0);
    const auto content = must(open_file(card_ / "sparse/sparse", O_RDONLY, ErrorKind::card));
    EXPECT_LT(::lseek(content.get(), 0, SEEK_HOLE), 100'000);
    const auto boot_file = must(open_file(card_ / "sparse/boot/sparse", O_RDONLY, ErrorKind::card));
    EXPECT_EQ(::lseek(boot_file.get(), 0, SEEK_HOLE), 3'000'000);
}

TEST_F(UnpackFidelity, OwnersAndModesAreThoseOfTheArchiveWhateverTheUmask) {
    TarBuilder tar;
    tar.directory("./").add({.path = "./su", .content = "x", .mode = 06755, .owner = 1000, .group = 70'000});
    tar.add({.path = "./open", .content = "x", .mode = 0666}).add({.path = "./closed", .mode = 0});
    tar.add({.path = "./sticky/", .type = '5', .mode = 01777, .group = 5});
    const auto file = archive("modes.tar.gz", tar);
    const auto before = ::umask(0077);
    expect_same_as_gnu_tar(file, "modes");
    ::umask(before);
    EXPECT_EQ(std::filesystem::status(card_ / "modes/su").permissions(), std::filesystem::perms{06755});
}

TEST_F(UnpackFidelity, AnExtraArchiveIsUnpackedOverItsBase) {
    TarBuilder base;
    base.directory("./").directory("./etc").file("./etc/banner", "base").file("./etc/kept", "base");
    base.symlink("./lib", "etc").file("./tool", "base").directory("./empty");
    TarBuilder extra;
    extra.directory("./").directory("./etc").file("./etc/banner", "extra").file("./etc/new", "extra");
    extra.directory("./lib").file("./lib/inside", "extra").hard_link("./tool2", "./tool");
    extra.file("./tool", "extra").file("./empty", "a file now");
    const auto base_file = archive("base.tar.gz", base);
    const auto extra_file = archive("base-extra.tar.gz", extra);

    const auto root = target("both");
    const auto summary = unpack(base_file, root);
    unpack(extra_file, root, &summary.contents);
    EXPECT_EQ(test_support::read_file(root / "etc/banner"), "extra");
    EXPECT_EQ(test_support::read_file(root / "etc/kept"), "base");
    EXPECT_EQ(test_support::read_file(root / "etc/new"), "extra");
    EXPECT_EQ(test_support::read_file(root / "etc/inside"), "extra") << "it goes through the link";
    EXPECT_EQ(test_support::read_file(root / "tool2"), "base") << "the link was made before the replacement";
    EXPECT_EQ(test_support::read_file(root / "tool"), "extra");
    EXPECT_EQ(test_support::read_file(root / "empty"), "a file now");
    EXPECT_EQ(std::filesystem::read_symlink(root / "lib"), "etc");
}

TEST_F(UnpackFidelity, DirectoriesThatTheArchiveDoesNotNameAreMade) {
    TarBuilder tar;
    tar.file("deep/in/the/tree", "x");
    const auto root = target("implied");
    unpack(archive("implied.tar.gz", tar), root);
    EXPECT_EQ(test_support::read_file(root / "deep/in/the/tree"), "x");
    EXPECT_EQ(std::filesystem::status(root / "deep").permissions(), std::filesystem::perms{0755});
}

TEST_F(UnpackFidelity, TheTimeOfADirectoryIsThatOfTheArchiveAlthoughFilesCameLater) {
    TarBuilder tar;
    tar.add({.path = "./d/", .type = '5', .mode = 0755, .mtime = nanosecond_free_time});
    tar.file("./other", "x").file("./d/late", "x");
    const auto root = target("times");
    unpack(archive("times.tar.gz", tar), root);
    struct stat status{};
    ASSERT_EQ(::stat((root / "d").c_str(), &status), 0);
    EXPECT_EQ(status.st_mtim.tv_sec, nanosecond_free_time);
}

}  // namespace

}  // namespace mox::medkit
