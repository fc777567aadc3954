#include <gtest/gtest.h>

#include <fstream>

#include "boot/flash_partitions.hpp"
#include "support/temporary_directory.hpp"

namespace mox::boot {
namespace {

constexpr auto mox = R"(dev:    size   erasesize  name
mtd0: 00020000 00010000 "secure-firmware"
mtd1: 00160000 00010000 "a53-firmware"
mtd2: 00010000 00010000 "u-boot-env"
mtd3: 00660000 00010000 "Rescue system"
mtd4: 00010000 00010000 "dtb"
)";

TEST(FlashPartitions, AreReadFromTheKernelsTable) {
    const auto partitions = parse_flash_partitions(mox);
    ASSERT_EQ(partitions.size(), 5U);
    EXPECT_EQ(partitions[2], (FlashPartition{"/dev/mtd2", "u-boot-env", Bytes{0x10000}, Bytes{0x10000}}));
    EXPECT_EQ(partitions[3], (FlashPartition{"/dev/mtd3", "Rescue system", Bytes{6684672}, Bytes{0x10000}}));
}

TEST(FlashPartitions, LinesOfAnotherFormArePassedOver) {
    EXPECT_TRUE(parse_flash_partitions("").empty());
    for (const auto* line :
         {"mtd: 00010000 00010000 \"x\"", "mtd2 00010000 00010000 \"x\"", "mtd2: 0001000g 00010000 \"x\"",
          "mtd2: 00010000 00010000 x", "mtd2: 00010000 \"x\"", "ubi0: 00010000 00010000 \"x\"",
          "mtd2: 00010000 00010000 \""})
        EXPECT_TRUE(parse_flash_partitions(line).empty()) << line;
    // The kernel does not escape labels.
    const auto odd = parse_flash_partitions("mtd12: 00010000 00001000 \"a \"b\" c\"");
    ASSERT_EQ(odd.size(), 1U);
    EXPECT_EQ(odd[0].label, "a \"b\" c");
    EXPECT_EQ(odd[0].node, "/dev/mtd12");
}

struct FindFlashPartition : testing::Test {
    Expected<FlashPartition> find(const std::string& table, std::string_view label) const {
        std::ofstream(folder.path() / "mtd") << table;
        return find_flash_partition(label, folder.path() / "mtd");
    }
    test_support::TemporaryDirectory folder;
};

TEST_F(FindFlashPartition, GoesByTheLabel) {
    const auto partition = find(mox, "Rescue system");
    ASSERT_TRUE(partition.has_value());
    EXPECT_EQ(partition->node, "/dev/mtd3");
}

TEST_F(FindFlashPartition, SaysWhichLabelsThereAreInstead) {
    const auto missing = find(mox, "environment");
    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().describe(),
              "the flash has no partition \"environment\"; there are: secure-firmware, a53-firmware, "
              "u-boot-env, Rescue system, dtb");
    EXPECT_NE(find("dev:    size   erasesize  name\n", "x").error().describe().find("there are none"),
              std::string::npos);
}

TEST_F(FindFlashPartition, DoesNotGuessBetweenTwoOfOneName) {
    const auto two = find("mtd0: 00010000 00010000 \"e\"\nmtd1: 00010000 00010000 \"e\"\n", "e");
    ASSERT_FALSE(two.has_value());
    EXPECT_NE(two.error().describe().find("more than one"), std::string::npos);
}

}  // namespace
}  // namespace mox::boot
