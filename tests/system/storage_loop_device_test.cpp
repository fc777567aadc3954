#include "storage/loop_device.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "base/file.hpp"
#include "support/loop_image.hpp"
#include "support/temporary_directory.hpp"

namespace mox::storage {
namespace {

using namespace unit_literals;
using test_support::LoopImage;
using test_support::must;
using test_support::PartitionTable;
using test_support::TemporaryDirectory;

std::filesystem::path sparse_file(const TemporaryDirectory& folder, Bytes size) {
    const auto path = folder / "disk.img";
    const auto file = must(open_file(path, O_RDWR | O_CREAT, ErrorKind::internal));
    EXPECT_EQ(::ftruncate(file.get(), static_cast<off_t>(size.count)), 0);
    return path;
}

/// The image that the kernel says is behind a loop device; empty: none.
std::string image_behind(const std::filesystem::path& node) {
    const auto file = std::filesystem::path("/sys/block") / node.filename() / "loop/backing_file";
    auto text = read_small_file(file, ErrorKind::internal);
    if (!text) return {};
    return text->substr(0, text->find('\n'));
}

/// The kernel detaches when the last process closes the device, and another may look at it just now.
bool is_detached(const std::filesystem::path& node, const std::filesystem::path& image) {
    using namespace std::chrono_literals;
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (image_behind(node) == image.native() && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(20ms);
    return image_behind(node) != image.native();
}

Bytes size_of(const std::filesystem::path& node) {
    const auto fd = must(open_file(node, O_RDONLY, ErrorKind::internal));
    return Bytes{static_cast<std::uint64_t>(::lseek(fd.get(), 0, SEEK_END))};
}

TEST(LoopDevice, WhatIsWrittenToItIsInTheImageAfterwards) {
    const TemporaryDirectory folder;
    const auto image = sparse_file(folder, 1_MiB);
    auto loop = must(LoopDevice::attach(image));
    EXPECT_EQ(size_of(loop.node()), 1_MiB);
    {
        const auto fd = must(open_file(loop.node(), O_WRONLY, ErrorKind::internal));
        ASSERT_EQ(::pwrite(fd.get(), "medkit", 6, 512), 6);
    }
    must(loop.detach());
    EXPECT_EQ(test_support::read_file(image).substr(512, 6), "medkit");
}

TEST(LoopDevice, AReadOnlyOneRefusesToBeWritten) {
    const TemporaryDirectory folder;
    const auto loop = must(LoopDevice::attach(sparse_file(folder, 1_MiB), LoopAccess::read_only));
    const auto fd = open_file(loop.node(), O_RDWR, ErrorKind::internal);
    const bool refused = !fd || ::pwrite(fd->get(), "x", 1, 0) < 0;
    EXPECT_TRUE(refused);
}

TEST(LoopDevice, WithDirectAccessTheImageIsNotCachedTwice) {
    const TemporaryDirectory folder;
    const auto loop =
        must(LoopDevice::attach(sparse_file(folder, 1_MiB), LoopAccess::writable, LoopCache::direct));
    const auto flag = std::filesystem::path("/sys/block") / loop.node().filename() / "loop/dio";
    EXPECT_EQ(must(read_small_file(flag, ErrorKind::internal)), "1\n");
}

TEST(LoopDevice, IsDetachedAtTheEndOfTheScopeAndWhenMovedOver) {
    const TemporaryDirectory folder;
    const auto image = sparse_file(folder, 1_MiB);
    std::filesystem::path node;
    {
        const auto loop = must(LoopDevice::attach(image));
        node = loop.node();
        EXPECT_EQ(image_behind(node), image.native());
    }
    EXPECT_TRUE(is_detached(node, image));

    auto first = must(LoopDevice::attach(image));
    node = first.node();
    first = must(LoopDevice::attach(image));
    EXPECT_TRUE(is_detached(node, image));
    EXPECT_EQ(image_behind(first.node()), image.native());
}

TEST(LoopDevice, TakesTheNewSizeOfAGrownImage) {
    const TemporaryDirectory folder;
    const auto image = sparse_file(folder, 1_MiB);
    auto loop = must(LoopDevice::attach(image));
    ASSERT_EQ(::truncate(image.c_str(), 3 << 20), 0);
    must(loop.refresh_size());
    EXPECT_EQ(size_of(loop.node()), 3_MiB);
}

TEST(LoopDevice, DoesNotDetachWhileSomebodyUsesIt) {
    const TemporaryDirectory folder;
    LoopImage disk(folder / "disk.img", 128_MiB, PartitionTable::one_primary);
    test_support::format(disk.partition(), "ext4");
    {
        const test_support::WritableMount mounted(disk.partition(), "ext4");
        EXPECT_THROW(disk.detach(), std::runtime_error);
    }
    disk.detach();
}

TEST(LoopDevice, ItsPartitionsGoWithIt) {
    const TemporaryDirectory folder;
    std::filesystem::path node;
    {
        const LoopImage disk(folder / "disk.img", 8_MiB, PartitionTable::one_primary);
        node = disk.partition();
        EXPECT_TRUE(std::filesystem::is_block_file(node));
    }
    EXPECT_FALSE(std::filesystem::exists(node));
}

TEST(LoopDevice, AKilledProcessLeavesNothingAttached) {
    const TemporaryDirectory folder;
    const auto image = folder / "disk.img";
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const LoopImage disk(image, 8_MiB, PartitionTable::one_primary);
        const auto name = disk.node().native();
        if (::write(ends[1], name.data(), name.size()) < 0) ::_exit(1);
        for (;;) ::pause();
    }
    std::array<char, 64> name{};
    const ssize_t length = ::read(ends[0], name.data(), name.size());
    ASSERT_GT(length, 0);
    const std::filesystem::path node(std::string(name.data(), static_cast<std::size_t>(length)));
    EXPECT_EQ(image_behind(node), image.native());
    EXPECT_TRUE(std::filesystem::exists(node.native() + "p1"));

    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(is_detached(node, image));
    EXPECT_FALSE(std::filesystem::exists(node.native() + "p1"));
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST(LoopDevice, ManyWhoAttachAtTheSameTimeGetOneEach) {
    const TemporaryDirectory folder;
    const auto image = sparse_file(folder, 1_MiB);
    constexpr int processes = 8;
    constexpr int rounds = 20;
    std::vector<pid_t> children;
    for (int i = 0; i < processes; ++i) {
        const pid_t child = ::fork();
        if (child == 0) {
            bool fine = true;
            for (int round = 0; round < rounds; ++round) {
                const auto loop = LoopDevice::attach(image);
                fine = fine && loop.has_value() && image_behind(loop->node()) == image.native();
            }
            ::_exit(fine ? 0 : 1);
        }
        children.push_back(child);
    }
    for (const auto child : children) {
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_EQ(status, 0);
    }
}

TEST(LoopDevice, AMissingImageIsNamed) {
    const auto loop = LoopDevice::attach("/nowhere/disk.img");
    ASSERT_FALSE(loop);
    EXPECT_EQ(loop.error().describe(), "/nowhere/disk.img: No such file or directory");
}

}  // namespace
}  // namespace mox::storage
