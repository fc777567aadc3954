#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "medkit/archive.hpp"
#include "support/tar_builder.hpp"

namespace mox::medkit {

namespace {

using namespace mox::unit_literals;
using test_support::gzip;
using test_support::minimal_medkit;
using test_support::noise;
using test_support::TarBuilder;

const ArchiveRules rules{
    .capacity = 64_MiB,
    .required_files = {{"boot/Image"}, {"boot/armada-3720-turris-mox.dtb"}, {"boot/boot.scr"}}};

/// A file in memory.
UniqueFd file_with(std::string_view content) {
    UniqueFd fd(::memfd_create("medkit", MFD_CLOEXEC));
    EXPECT_TRUE(write_all(fd.get(), content, "memfd", ErrorKind::internal).has_value());
    return fd;
}

Expected<ArchiveSummary> inspect(std::string_view packed, const ArchiveRules& with = rules) {
    return inspect_archive(file_with(packed).get(), "mox-medkit-latest.tar.gz", with, {}, {});
}

void expect_rejected(std::string_view packed, std::string_view reason) {
    const auto summary = inspect(packed);
    ASSERT_FALSE(summary.has_value());
    EXPECT_EQ(summary.error().kind(), ErrorKind::medkit);
    EXPECT_TRUE(summary.error().describe().starts_with("mox-medkit-latest.tar.gz: "));
    EXPECT_NE(summary.error().describe().find(reason), std::string::npos) << summary.error().describe();
}

TEST(Inspect, TellsWhatAMedkitIs) {
    auto tar = minimal_medkit("9.0.1");
    tar.add({.path = "./newest", .content = "x", .mtime = 1'800'000'000});
    const auto packed = gzip(tar.finished());
    const auto summary = inspect(packed);
    ASSERT_TRUE(summary.has_value()) << summary.error().describe();
    EXPECT_EQ(summary->version, "9.0.1");
    EXPECT_EQ(summary->packed.count, packed.size());
    EXPECT_EQ(summary->unpacked.count, 300'000U + 20'000U + 13U + 6U + 1U);
    EXPECT_EQ(summary->entries, 8U);
    EXPECT_EQ(summary->newest_mtime, 1'800'000'000);
    EXPECT_TRUE(summary->contents.holds_filled_file("boot/Image"));
    Sha256 hash;
    hash.update(std::as_bytes(std::span(packed)));
    EXPECT_EQ(summary->sha256, hash.finish());
}

TEST(Inspect, ShowsEveryListenerAllPackedBytesInOrder) {
    auto tar = minimal_medkit();
    tar.file("./large", noise(9'000'000));
    const auto packed = gzip(tar.finished(), 1);
    std::string first, second;
    const auto append_to = [](std::string& text) {
        return [&text](std::span<const std::byte> bytes) {
            text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        };
    };
    const std::vector<PackedListener> listeners{append_to(first), append_to(second)};
    const auto summary = inspect_archive(file_with(packed).get(), "name", rules, listeners, {});
    ASSERT_TRUE(summary.has_value()) << summary.error().describe();
    EXPECT_TRUE(first == packed);
    EXPECT_TRUE(second == packed);
}

TEST(Inspect, ReportsProgressUpToTheEnd) {
    auto tar = minimal_medkit();
    const auto packed = gzip(tar.file("./large", noise(3'000'000)).finished());
    std::vector<Bytes> done;
    Bytes total;
    const auto summary = inspect_archive(file_with(packed).get(), "name", rules, {}, [&](Bytes at, Bytes of) {
        done.push_back(at);
        total = of;
    });
    ASSERT_TRUE(summary.has_value());
    ASSERT_GT(done.size(), 3U);
    EXPECT_TRUE(std::ranges::is_sorted(done));
    EXPECT_EQ(done.back().count, packed.size());
    EXPECT_EQ(total.count, packed.size());
}

TEST(Inspect, EndsWhenAListenerFails) {
    auto tar = minimal_medkit();
    const auto packed = gzip(tar.file("./large", noise(9'000'000)).finished(), 1);
    const std::vector<PackedListener> listeners{
        [](std::span<const std::byte>) { throw std::runtime_error("out of order"); }};
    const auto summary = inspect_archive(file_with(packed).get(), "name", rules, listeners, {});
    ASSERT_FALSE(summary.has_value());
    EXPECT_EQ(summary.error().kind(), ErrorKind::internal);
}

TEST(Inspect, TakesTheFirstLineOfTheVersionAndNothingThatATerminalObeys) {
    TarBuilder tar;
    tar.file("./boot/Image", "x").file("./boot/armada-3720-turris-mox.dtb", "x").file("./boot/boot.scr", "x");
    tar.file("./etc/turris-version", "7.1\x1b[31m\r\nsecond line\n");
    const auto summary = inspect(gzip(tar.finished()));
    ASSERT_TRUE(summary.has_value());
    EXPECT_EQ(summary->version, "7.1[31m");
}

TEST(Inspect, RejectsAMedkitThatIsCutOff) {
    const auto packed = gzip(minimal_medkit().finished());
    expect_rejected(std::string_view(packed).substr(0, packed.size() / 2), "is cut off");
    expect_rejected(std::string_view(packed).substr(0, packed.size() - 1), "is cut off");
}

TEST(Inspect, RejectsGarbageBehindTheMedkit) {
    expect_rejected(gzip(minimal_medkit().finished()) + "garbage", "after its end");
}

TEST(Inspect, RejectsWhatIsNoMedkitAtAll) {
    expect_rejected("", "is empty");
    expect_rejected("<html>", "is not a gzip file");
    expect_rejected(gzip("hello"), "tar archive is damaged");
    expect_rejected(gzip(std::string(10240, '\0')), "does not hold boot/Image");
}

TEST(Inspect, RejectsHostileMembers) {
    const auto with = [](const auto& add) {
        auto tar = minimal_medkit();
        add(tar);
        return gzip(tar.finished());
    };
    expect_rejected(with([](auto& tar) { tar.file("/etc/passwd", "x"); }), "absolute");
    expect_rejected(with([](auto& tar) { tar.file("./../x", "x"); }), "upwards");
    expect_rejected(with([](auto& tar) { tar.symlink("./l", "/").file("./l/x", "x"); }), "symbolic link");
    expect_rejected(with([](auto& tar) { tar.hard_link("./x", "/etc/shadow"); }), "hard link");
    expect_rejected(with([](auto& tar) { tar.old_gnu_sparse("./x", "d", 1ULL << 40); }), "does not fit");
    expect_rejected(with([](auto& tar) { tar.add({.path = "./x", .content = "x", .wrong_checksum = true}); }),
                    "tar archive is damaged");
}

TEST(Inspect, RejectsAZipBombWithoutReadingAllOfIt) {
    TarBuilder tar = minimal_medkit();
    tar.file("./bomb", std::string(200 << 20, '\0'));
    const auto packed = gzip(tar.finished(), 1);
    Bytes read;
    const auto summary =
        inspect_archive(file_with(packed).get(), "name", rules, {}, [&](Bytes done, Bytes) { read = done; });
    ASSERT_FALSE(summary.has_value());
    EXPECT_NE(summary.error().describe().find("does not fit"), std::string::npos);
    EXPECT_LT(read.count, packed.size() / 2);
}

TEST(Inspect, RejectsADirectory) {
    const UniqueFd directory(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const auto summary = inspect_archive(directory.get(), "name", rules, {}, {});
    ASSERT_FALSE(summary.has_value());
    EXPECT_EQ(summary.error().kind(), ErrorKind::medkit);
    EXPECT_NE(summary.error().describe().find("cannot be read"), std::string::npos);
}

}  // namespace

}  // namespace mox::medkit
