#include "medkit/ram_copy.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <utility>

#include "base/file.hpp"
#include "medkit/digest.hpp"
#include "support/tar_builder.hpp"
#include "support/temporary_directory.hpp"

namespace mox::medkit {
namespace {

using namespace mox::unit_literals;

TEST(AvailableMemory, IsReadFromMeminfo) {
    EXPECT_EQ(available_memory("MemTotal:         505532 kB\nMemFree:          401372 kB\n"
                               "MemAvailable:     412204 kB\nBuffers:            2076 kB\n"),
              Bytes{412204ULL << 10});
    EXPECT_EQ(available_memory("MemAvailable: 0 kB"), Bytes{});
}

TEST(AvailableMemory, IsUnknownWhenTheKernelDoesNotTell) {
    EXPECT_EQ(available_memory(""), std::nullopt);
    EXPECT_EQ(available_memory("MemTotal: 505532 kB\n"), std::nullopt);
    EXPECT_EQ(available_memory("MemAvailable:\nBuffers: 1 kB\n"), std::nullopt);
    EXPECT_EQ(available_memory("MemAvailable: 12 MB\n"), std::nullopt);
    EXPECT_EQ(available_memory("MemAvailable: -12 kB\n"), std::nullopt);
    EXPECT_EQ(available_memory("MemAvailable: 99999999999999999999 kB\n"), std::nullopt);
}

TEST(MemoryCheck, LeavesTheReserveFree) {
    EXPECT_TRUE(check_memory(100_MiB, 164_MiB));
    const auto short_by_one = check_memory(100_MiB, 164_MiB - 1_B);
    ASSERT_FALSE(short_by_one);
    EXPECT_EQ(short_by_one.error().kind(), ErrorKind::medkit);
}

TEST(MemoryCheck, SaysHowMuchIsMissingAndWhatToDo) {
    const auto checked = check_memory(Bytes{80'000'000}, Bytes{100'000'000});
    ASSERT_FALSE(checked);
    EXPECT_EQ(
        checked.error().describe(),
        "a medkit on the card that will be written must be copied to memory first, and memory is short by "
        "47.1 MB (80.0 MB and a reserve of 67.1 MB needed, 100.0 MB available); put the medkit on a USB "
        "drive");
}

class RamCopy : public testing::Test {
protected:
    VerifiedArchive verified(const std::string& name, const std::string& content) {
        std::ofstream(folder_ / name, std::ios::binary) << content;
        VerifiedArchive archive;
        archive.name = name;
        archive.file = *open_file(folder_ / name, O_RDONLY, ErrorKind::internal);
        archive.summary.packed = Bytes{content.size()};
        Sha256 hash;
        hash.update(std::as_bytes(std::span(content)));
        archive.summary.sha256 = hash.finish();
        return archive;
    }

    static std::string content_of(int file) {
        std::string content(static_cast<std::size_t>(::lseek(file, 0, SEEK_END)), '\0');
        EXPECT_EQ(::pread(file, content.data(), content.size(), 0), static_cast<ssize_t>(content.size()));
        return content;
    }

    test_support::TemporaryDirectory folder_;
};

TEST_F(RamCopy, HoldsBaseAndExtraAfterTheCardIsGone) {
    const auto base = test_support::noise(700'000);
    const auto extra = test_support::noise(1000, 2);
    VerifiedMedkit medkit;
    medkit.base = verified("a.tar.gz", base);
    medkit.extra = verified("a-extra.tar.gz", extra);
    Bytes last;
    auto copy = copy_to_ram(std::move(medkit), [&](Bytes done, Bytes total) {
        EXPECT_EQ(total, Bytes{701'000});
        EXPECT_GE(done, last);
        last = done;
    });
    ASSERT_TRUE(copy) << copy.error().describe();
    EXPECT_EQ(last, Bytes{701'000});
    for (const auto* name : {"a.tar.gz", "a-extra.tar.gz"})
        std::ofstream(folder_ / name, std::ios::binary | std::ios::trunc) << "overwritten";
    EXPECT_EQ(content_of(copy->base.file.get()), base);
    EXPECT_EQ(content_of(copy->extra->file.get()), extra);
}

TEST_F(RamCopy, CannotBeChangedAnyMore) {
    VerifiedMedkit medkit;
    medkit.base = verified("a.tar.gz", "content");
    auto copy = copy_to_ram(std::move(medkit), {});
    ASSERT_TRUE(copy) << copy.error().describe();
    EXPECT_EQ(::pwrite(copy->base.file.get(), "x", 1, 0), -1);
    EXPECT_EQ(errno, EPERM);
    EXPECT_EQ(::ftruncate(copy->base.file.get(), 0), -1);
}

TEST_F(RamCopy, OfAFileThatHasChangedSinceItWasVerifiedIsRefused) {
    VerifiedMedkit medkit;
    medkit.base = verified("a.tar.gz", "content");
    std::ofstream(folder_ / "a.tar.gz", std::ios::binary) << "CONTENT";
    auto changed = copy_to_ram(std::move(medkit), {});
    ASSERT_FALSE(changed);
    EXPECT_TRUE(changed.error().describe().starts_with("a.tar.gz: is not what was verified a moment ago"));

    VerifiedMedkit shortened;
    shortened.base = verified("a.tar.gz", "content");
    std::filesystem::resize_file(folder_ / "a.tar.gz", 3);
    EXPECT_FALSE(copy_to_ram(std::move(shortened), {}));
}

TEST_F(RamCopy, ThatDoesNotFitIsRefusedBeforeItIsMade) {
    VerifiedMedkit medkit;
    medkit.base = verified("a.tar.gz", "content");
    medkit.base.summary.packed = 1_GiB * (1 << 20);  // a PB
    const auto copy = copy_to_ram(std::move(medkit), [](Bytes, Bytes) { FAIL() << "copied something"; });
    ASSERT_FALSE(copy);
    EXPECT_TRUE(copy.error().describe().contains("put the medkit on a USB drive")) << copy.error().describe();
}

}  // namespace
}  // namespace mox::medkit
