// U-Boot's environment in a plain file, looked at through the library and byte by byte.
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "base/file.hpp"
#include "boot/environment.hpp"
#include "boot/uboot_environment.hpp"
#include "support/temporary_directory.hpp"

namespace mox::boot {
namespace {

namespace fs = std::filesystem;
using Variables = std::map<std::string, std::string>;

constexpr std::size_t environment_size = 0x10000;  // the MOX's `u-boot-env`
constexpr std::size_t crc_size = sizeof(std::uint32_t);

std::uint32_t crc_of(const std::string& image) {
    const auto* data = reinterpret_cast<const Bytef*>(image.data()) + crc_size;
    return static_cast<std::uint32_t>(crc32(0, data, static_cast<uInt>(image.size() - crc_size)));
}

std::string image_of(const Variables& variables) {
    std::string image(crc_size, '\0');
    for (const auto& [name, value] : variables) image.append(name).append("=").append(value).push_back('\0');
    image.resize(environment_size, '\0');
    const auto crc = crc_of(image);
    std::memcpy(image.data(), &crc, crc_size);
    return image;
}

/// What U-Boot will read; fails the test if it would not accept the image.
Variables parsed(const std::string& image) {
    std::uint32_t crc = 0;
    std::memcpy(&crc, image.data(), crc_size);
    EXPECT_EQ(image.size(), environment_size);
    EXPECT_EQ(crc, crc_of(image));
    Variables variables;
    for (std::size_t at = crc_size; image.at(at) != '\0';) {
        const std::string entry = image.c_str() + at;
        const auto equals = entry.find('=');
        variables[entry.substr(0, equals)] = entry.substr(equals + 1);
        at += entry.size() + 1;
    }
    return variables;
}

struct UbootEnvironmentTest : testing::Test {
    UbootEnvironmentTest() {
        std::ofstream(config) << "# device offset size sector\n"
                              << image.native() << " 0x0 0x10000 0x10000\n";
        store(image_of(mox));
    }

    void store(const std::string& bytes) const { std::ofstream(image, std::ios::binary) << bytes; }
    std::string stored() const { return read_small_file(image, ErrorKind::internal, Bytes{1 << 20}).value(); }

    const Variables mox{{"boot_targets", "mmc0 usb0 pxe dhcp"},
                        {"bootcmd", "run distro_bootcmd"},
                        {"contract", ""},
                        {"rescue_mode", "2"},
                        {"script", "if test a = b; then echo \"c=d\"; fi"}};
    test_support::TemporaryDirectory folder;
    fs::path config = folder.path() / "fw_env.config";
    fs::path image = folder.path() / "environment.bin";
};

TEST_F(UbootEnvironmentTest, ReadsWhatTheBootLoaderStored) {
    const auto environment = UbootEnvironment::open(config);
    ASSERT_TRUE(environment.has_value()) << environment.error().describe();
    EXPECT_EQ(environment->get("rescue_mode"), "2");
    EXPECT_EQ(environment->get("script"), "if test a = b; then echo \"c=d\"; fi");
    EXPECT_EQ(environment->get("force_mode"), std::nullopt);
}

TEST_F(UbootEnvironmentTest, SetsAndRemovesVariablesForTheBootLoaderAndForTheNextReader) {
    auto environment = UbootEnvironment::open(config);
    ASSERT_TRUE(environment.has_value()) << environment.error().describe();
    const auto changed =
        environment->change({{"force_mode", "4"}, {"boot_targets", "rescue"}, {"rescue_mode", ""}});
    ASSERT_TRUE(changed.has_value()) << changed.error().describe();
    EXPECT_EQ(environment->get("force_mode"), "4");
    EXPECT_EQ(environment->get("rescue_mode"), std::nullopt);

    const auto bytes = parsed(stored());
    EXPECT_EQ(bytes.at("force_mode"), "4");
    EXPECT_EQ(bytes.at("boot_targets"), "rescue");
    EXPECT_EQ(bytes.at("bootcmd"), mox.at("bootcmd"));
    EXPECT_EQ(bytes.at("script"), mox.at("script"));
    EXPECT_FALSE(bytes.contains("rescue_mode"));

    const auto again = UbootEnvironment::open(config);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->get("boot_targets"), "rescue");
}

TEST_F(UbootEnvironmentTest, FillsAWholeFlashPartition) {
    const FlashPartition partition{
        .node = image, .label = "u-boot-env", .size = Bytes{0x10000}, .erase_block = Bytes{0x10000}};
    auto environment = UbootEnvironment::open(partition);
    ASSERT_TRUE(environment.has_value()) << environment.error().describe();
    EXPECT_EQ(environment->get("rescue_mode"), "2");
    auto moved = std::move(*environment);
    ASSERT_TRUE(moved.change({{"force_mode", "4"}}).has_value());
    EXPECT_EQ(parsed(stored()).at("force_mode"), "4");
    EXPECT_EQ(parsed(stored()).at("script"), mox.at("script"));
}

TEST_F(UbootEnvironmentTest, OnFlashIsNamedByItsLabelWhenItIsBroken) {
    const auto environment = UbootEnvironment::open({.node = folder.path() / "missing",
                                                     .label = "u-boot-env",
                                                     .size = Bytes{0x10000},
                                                     .erase_block = Bytes{0x1000}});
    ASSERT_FALSE(environment.has_value());
    EXPECT_NE(environment.error().describe().find("flash partition u-boot-env"), std::string::npos);
}

/// What a flash holds whose environment was never saved, or was damaged by a power cut.
class NoStoredEnvironment : public UbootEnvironmentTest, public testing::WithParamInterface<const char*> {
protected:
    [[nodiscard]] std::string content() const {
        const std::string kind = GetParam();
        if (kind == "erased") return std::string(environment_size, '\xff');
        if (kind == "zero") return std::string(environment_size, '\0');
        auto bytes = image_of(mox);
        if (kind == "wrong checksum") bytes[100] = static_cast<char>(bytes[100] ^ 1);
        if (kind == "half written") std::fill(bytes.begin() + environment_size / 2, bytes.end(), '\xff');
        return bytes;
    }
    [[nodiscard]] Expected<UbootEnvironment> opened() const {
        store(content());
        return UbootEnvironment::open({.node = image,
                                       .label = "u-boot-env",
                                       .size = Bytes{environment_size},
                                       .erase_block = Bytes{environment_size}});
    }
};

TEST_P(NoStoredEnvironment, HasNoVariablesAndIsLeftAlone) {
    const auto environment = opened();
    ASSERT_TRUE(environment.has_value()) << environment.error().describe();
    EXPECT_TRUE(environment->variables().empty());
    EXPECT_EQ(stored(), content());
}

TEST_P(NoStoredEnvironment, IsNotWrittenToTakeSomethingAway) {
    auto environment = opened();
    ASSERT_TRUE(environment.has_value());
    ASSERT_TRUE(environment->change({{"force_mode", ""}}).has_value());
    EXPECT_EQ(stored(), content());
}

TEST_P(NoStoredEnvironment, BecomesAWholeOneAndNoneAgain) {
    for (const bool by_config : {false, true}) {
        auto environment = opened();
        if (by_config) environment = UbootEnvironment::open(config);
        ASSERT_TRUE(environment.has_value()) << environment.error().describe();
        ASSERT_TRUE(environment->change({{"bootcmd", "run x; reset"}, {"force_mode", "4"}}).has_value());
        EXPECT_EQ(parsed(stored()), (Variables{{"bootcmd", "run x; reset"}, {"force_mode", "4"}}));

        const auto gone = environment->change({{"bootcmd", ""}, {"force_mode", ""}});
        ASSERT_TRUE(gone.has_value()) << gone.error().describe();
        EXPECT_TRUE(environment->variables().empty());
        EXPECT_EQ(stored(), std::string(environment_size, '\xff'));
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, NoStoredEnvironment,
                         testing::Values("erased", "zero", "wrong checksum", "half written"),
                         [](const auto& kind) {
                             std::string name = kind.param;
                             std::erase(name, ' ');
                             return name;
                         });

TEST_F(UbootEnvironmentTest, ThatIsDiscardedLeavesItsNeighboursAlone) {
    store(std::string(0x1000, 'a') + image_of(mox) + std::string(0x1000, 'z'));
    std::ofstream(config) << "# device offset size\n\n" << image.native() << " 0x1000 0x10000 0x10000\n";
    auto environment = UbootEnvironment::open(config);
    ASSERT_TRUE(environment.has_value()) << environment.error().describe();
    EnvironmentChanges nothing_left;
    for (const auto& [name, value] : environment->variables()) nothing_left[name] = "";
    ASSERT_TRUE(environment->change(nothing_left).has_value());
    EXPECT_EQ(stored(),
              std::string(0x1000, 'a') + std::string(environment_size, '\xff') + std::string(0x1000, 'z'));
}

TEST_F(UbootEnvironmentTest, KeepsWhatAnotherProgramHasSetMeanwhile) {
    auto environment = UbootEnvironment::open(config);
    auto other = UbootEnvironment::open(config);
    ASSERT_TRUE(environment.has_value() && other.has_value());
    ASSERT_TRUE(other->change({{"theirs", "1"}}).has_value());
    ASSERT_TRUE(environment->change({{"ours", "2"}}).has_value());
    const auto bytes = parsed(stored());
    EXPECT_EQ(bytes.at("theirs"), "1");
    EXPECT_EQ(bytes.at("ours"), "2");
    EXPECT_EQ(environment->get("theirs"), "1");
}

TEST_F(UbootEnvironmentTest, WritesNothingWhenNothingChanges) {
    // Flash wears out; an untouched file keeps its time.
    auto environment = UbootEnvironment::open(config);
    ASSERT_TRUE(environment.has_value());
    const auto long_ago = fs::file_time_type::clock::now() - std::chrono::hours(100);
    fs::last_write_time(image, long_ago);
    ASSERT_TRUE(environment->change({{"rescue_mode", "2"}, {"never_there", ""}}).has_value());
    EXPECT_EQ(fs::last_write_time(image), long_ago);
}

TEST_F(UbootEnvironmentTest, NamesTheConfigurationWhenItOrTheDeviceIsMissing) {
    fs::remove(image);
    const auto no_device = UbootEnvironment::open(config);
    ASSERT_FALSE(no_device.has_value());
    EXPECT_NE(no_device.error().describe().find(config.native()), std::string::npos);
    fs::remove(config);
    const auto no_config = UbootEnvironment::open(config);
    ASSERT_FALSE(no_config.has_value());
    EXPECT_NE(no_config.error().describe().find(config.native()), std::string::npos);
}

TEST(NoEnvironmentTest, IsEmptyAndSaysThatAChangeIsForgotten) {
    Log log;
    NoEnvironment environment(log);
    EXPECT_EQ(environment.get("rescue_mode"), std::nullopt);
    EXPECT_TRUE(environment.change({{"a", ""}}).has_value());
    EXPECT_EQ(log.text(), "");
    EXPECT_TRUE(environment.change({{"boot_targets", "rescue"}, {"force_mode", "4"}}).has_value());
    EXPECT_NE(log.text().find("boot_targets, force_mode not stored"), std::string::npos);
    EXPECT_EQ(environment.get("force_mode"), std::nullopt);
}

TEST(NoEnvironmentTest, OfAPcDropsChangesSilently) {
    NoEnvironment environment;
    EXPECT_TRUE(environment.change({{"boot_targets", "rescue"}}).has_value());
    EXPECT_EQ(environment.get("boot_targets"), std::nullopt);
}

}  // namespace
}  // namespace mox::boot
