#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <string>

#include "base/file.hpp"
#include "medkit/archive.hpp"
#include "support/loop_image.hpp"
#include "support/tar_builder.hpp"
#include "support/temporary_directory.hpp"
#include "support/tree_digest.hpp"

namespace mox::medkit {

namespace {

using namespace mox::unit_literals;
using test_support::gzip;
using test_support::minimal_medkit;
using test_support::must;
using test_support::noise;
using test_support::TarBuilder;

const ArchiveRules rules{.capacity = 1_GiB, .required_files = {{"boot/Image"}}};

/// A card of a given size and file system, a file on another disk, and what comes of unpacking it.
class Unpacking {
public:
    explicit Unpacking(const std::string& filesystem = "ext4", Bytes size = 64_MiB)
        : disk_(folder_ / "card.img", size) {
        test_support::format(disk_.node(), filesystem);
        card_.emplace(disk_.node(), filesystem);
        std::filesystem::create_directory(root());
    }

    void write(std::string_view packed) { test_support::write_file(file(), packed); }

    ArchiveSummary inspect() {
        const auto source = must(open_file(file(), O_RDONLY, ErrorKind::medkit));
        return must(inspect_archive(source.get(), "mox-medkit.tar.gz", rules, {}, {}));
    }

    Expected<void> unpack(const ArchiveSummary& accepted) {
        const auto source = must(open_file(file(), O_RDONLY, ErrorKind::medkit));
        const auto directory = must(open_file(root(), O_RDONLY | O_DIRECTORY, ErrorKind::card));
        return unpack_archive(source.get(), "mox-medkit.tar.gz", directory.get(), accepted, {});
    }

    void expect_failure(const ArchiveSummary& accepted, ErrorKind kind, std::string_view reason) {
        const auto result = unpack(accepted);
        ASSERT_FALSE(result.has_value());
        EXPECT_EQ(result.error().kind(), kind);
        EXPECT_NE(result.error().describe().find(reason), std::string::npos) << result.error().describe();
    }

    [[nodiscard]] std::filesystem::path root() const { return *card_ / "root"; }
    [[nodiscard]] std::filesystem::path outside() const { return *card_ / "outside"; }
    [[nodiscard]] std::filesystem::path file() const { return folder_ / "mox-medkit.tar.gz"; }

private:
    test_support::TemporaryDirectory folder_;
    test_support::LoopImage disk_;
    std::optional<test_support::WritableMount> card_;
};

std::string medkit_with(std::string_view content) {
    auto tar = minimal_medkit();
    return gzip(tar.file("./file", std::string(content)).finished(), 1);
}

void expect_full_card(const std::string& filesystem, Bytes size) {
    Unpacking unpacking(filesystem, size);
    TarBuilder tar = minimal_medkit();
    for (unsigned i = 0; i < 150; ++i) tar.file("./file" + std::to_string(i), noise(1'000'000, i));
    unpacking.write(gzip(tar.finished(), 0));
    unpacking.expect_failure(unpacking.inspect(), ErrorKind::card, "the card is full");
}

TEST(UnpackFailure, SaysThatAnExt4CardIsFull) {
    expect_full_card("ext4", 64_MiB);
}

TEST(UnpackFailure, SaysThatABtrfsCardIsFull) {
    expect_full_card("btrfs", 128_MiB);
}

TEST(UnpackFailure, NoticesASourceWithOtherContentOfTheSameShape) {
    Unpacking unpacking;
    unpacking.write(medkit_with("good"));
    const auto accepted = unpacking.inspect();
    unpacking.write(medkit_with("evil"));
    unpacking.expect_failure(accepted, ErrorKind::medkit, "has changed since it was verified");
}

TEST(UnpackFailure, NeverWritesMoreThanWasAccepted) {
    Unpacking unpacking;
    unpacking.write(medkit_with("small"));
    const auto accepted = unpacking.inspect();
    std::string large;
    large.resize(30'000'000, 'x');
    unpacking.write(medkit_with(large));
    unpacking.expect_failure(accepted, ErrorKind::medkit, "has changed since it was verified");
    EXPECT_FALSE(std::filesystem::exists(unpacking.root() / "file"));
}

TEST(UnpackFailure, NoticesASourceThatWasCutOff) {
    Unpacking unpacking;
    unpacking.write(medkit_with(noise(5'000'000)));
    const auto accepted = unpacking.inspect();
    std::filesystem::resize_file(unpacking.file(), 3'000'000);
    unpacking.expect_failure(accepted, ErrorKind::medkit, "is cut off");
}

TEST(UnpackFailure, NoticesASourceThatGrew) {
    Unpacking unpacking;
    const auto packed = medkit_with("x");
    unpacking.write(packed);
    const auto accepted = unpacking.inspect();
    unpacking.write(packed + std::string(4096, '\0'));
    unpacking.expect_failure(accepted, ErrorKind::medkit, "has changed since it was verified");
}

/// Something that inspection would never let through, with a summary that admits its size.
void expect_nothing_outside(const TarBuilder& hostile) {
    Unpacking unpacking;
    std::filesystem::create_directory(unpacking.outside());
    test_support::write_file(unpacking.outside() / "victim", "untouched");
    const auto before = test_support::describe_tree(unpacking.outside());
    unpacking.write(gzip(hostile.finished()));
    ArchiveSummary accepted;
    accepted.entries = 1000;
    accepted.unpacked = 1_MiB;
    EXPECT_FALSE(unpacking.unpack(accepted).has_value());
    EXPECT_EQ(test_support::describe_tree(unpacking.outside()), before);
}

TEST(UnpackFailure, WritesNothingThroughASymlinkEvenIfInspectionWereFooled) {
    TarBuilder relative;
    expect_nothing_outside(relative.symlink("./l", "../outside").file("./l/victim", "evil"));
    TarBuilder deep;
    expect_nothing_outside(deep.directory("./a")
                               .symlink("./a/l", "../../outside")
                               .directory("./a/l/new")
                               .file("./a/l/x", "evil"));
    TarBuilder final;
    expect_nothing_outside(final.symlink("./victim", "../outside/victim").file("./victim", "evil"));
}

TEST(UnpackFailure, LinksNothingFromOutsideEvenIfInspectionWereFooled) {
    TarBuilder through_symlink;
    expect_nothing_outside(through_symlink.symlink("./l", "../outside").hard_link("./x", "./l/victim"));
    TarBuilder upwards;
    expect_nothing_outside(upwards.hard_link("./x", "../outside/victim"));
}

TEST(UnpackFailure, WritesNothingUpwardsOrAbsoluteEvenIfInspectionWereFooled) {
    TarBuilder upwards;
    expect_nothing_outside(upwards.file("./../outside/victim", "evil"));
    TarBuilder absolute;
    expect_nothing_outside(absolute.file("/outside/victim", "evil"));
}

/// A tmpfs that is mounted for a while.
class Tmpfs {
public:
    explicit Tmpfs(std::filesystem::path where) : where_(std::move(where)) {
        std::filesystem::create_directory(where_);
        test_support::run({"mount", "-t", "tmpfs", "tmpfs", where_.native()});
    }
    Tmpfs(const Tmpfs&) = delete;
    Tmpfs& operator=(const Tmpfs&) = delete;
    ~Tmpfs() { ::umount2(where_.c_str(), MNT_DETACH); }

private:
    std::filesystem::path where_;
};

TEST(UnpackFailure, DoesNotLeaveTheFileSystemOfTheRoot) {
    const test_support::TemporaryDirectory folder;
    auto tar = minimal_medkit();
    test_support::write_file(folder / "medkit", gzip(tar.directory("./mnt").file("./mnt/x", "x").finished()));
    const auto root = folder / "root";
    std::filesystem::create_directory(root);
    const Tmpfs other(root / "mnt");

    const auto source = must(open_file(folder / "medkit", O_RDONLY, ErrorKind::medkit));
    const auto directory = must(open_file(root, O_RDONLY | O_DIRECTORY, ErrorKind::card));
    const auto accepted = must(inspect_archive(source.get(), "medkit", rules, {}, {}));
    const auto result = unpack_archive(source.get(), "medkit", directory.get(), accepted, {});
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().kind(), ErrorKind::card);
    EXPECT_TRUE(std::filesystem::is_empty(root / "mnt"));
}

std::string large_medkit() {
    TarBuilder tar = minimal_medkit();
    tar.file("./large", std::string(250 << 20, 'x'));
    for (int i = 0; i < 12'000; ++i)
        tar.file("./d" + std::to_string(i / 100) + "/some-file-with-a-name-" + std::to_string(i), "content");
    return gzip(tar.finished(), 1);
}

/// Peak memory of a child process that reads and unpacks `archive`, in KiB; -1 if that fails.
long peak_memory_of_unpacking(Unpacking& unpacking) {
    const pid_t child = ::fork();
    if (child == 0) {
        const bool good = unpacking.unpack(unpacking.inspect()).has_value();
        ::_exit(good ? 0 : 1);
    }
    int status = 0;
    struct rusage usage{};
    if (child < 0 || ::wait4(child, &status, 0, &usage) != child || status != 0) return -1;
    return usage.ru_maxrss;
}

TEST(UnpackFailure, ManyFilesAndLargeOnesStayWithinTheMemoryOfARouter) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "sanitizers need memory of their own";
#endif
    constexpr long limit = 64L << 10;
    Unpacking unpacking("btrfs", 1_GiB);
    unpacking.write(large_medkit());
    const auto peak = peak_memory_of_unpacking(unpacking);
    EXPECT_GT(peak, 0);
    EXPECT_LE(peak, limit);
}

}  // namespace

}  // namespace mox::medkit
