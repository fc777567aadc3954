#include "boot/rescue_image.hpp"

#include <gtest/gtest.h>

#include <string>

#include "support/memory_flash.hpp"

namespace mox::boot {
namespace {

using test_support::MemoryFlash;

constexpr std::uint64_t block = 1024;
constexpr std::uint64_t partition = 10 * block;
const ByteProgress unheard = [](Bytes, Bytes) {};

/// As `xz -F lzma` begins a file: properties, a dictionary of 8 MiB, unknown size; the range coder's first
/// byte.
std::string image_of(std::size_t size, unsigned seed) {
    std::string image("\x5d\x00\x00\x80\x00\xff\xff\xff\xff\xff\xff\xff\xff\x00", 14);
    for (std::uint32_t state = seed; image.size() < size;) {
        state = state * 1664525U + 1013904223U;
        image.push_back(static_cast<char>(state >> 24U));
    }
    image.resize(size);
    return image;
}

bool begins_with(const MemoryFlash& flash, const std::string& image) {
    return flash.content.starts_with(image);
}

TEST(RescueImage, IsAnLzmaFileThatFits) {
    EXPECT_TRUE(check_rescue_image(image_of(5000, 1), Bytes{5000}));
    auto known_size = image_of(5000, 1);
    known_size.replace(5, 8, std::string("\x00\x00\xa0\x01\x00\x00\x00\x00", 8));  // 27 MB
    EXPECT_TRUE(check_rescue_image(known_size, Bytes{5000}));
}

TEST(RescueImage, IsNothingThatIsTooLargeOrNoLzma) {
    const auto refused = [](const std::string& image) {
        const auto checked = check_rescue_image(image, Bytes{5000});
        return !checked && checked.error().kind() == ErrorKind::medkit;
    };
    const auto changed = [](std::size_t at, char byte) {
        auto image = image_of(5000, 1);
        image[at] = byte;
        return image;
    };
    EXPECT_TRUE(refused(image_of(5001, 1)));
    EXPECT_TRUE(refused(""));
    EXPECT_TRUE(refused(image_of(13, 1)));
    EXPECT_TRUE(refused(changed(0, '\x1f'))) << "gzip";
    EXPECT_TRUE(refused(changed(1, '\x01'))) << "no dictionary size";
    EXPECT_TRUE(refused(changed(12, '\x00'))) << "unpacks to a petabyte";
    EXPECT_TRUE(refused(changed(13, '\x01'))) << "no range coder begins so";
    EXPECT_TRUE(refused("\xd0\x0d\xfe\xed" + std::string(4000, '\0'))) << "a FIT that was not packed";
}

TEST(FlashUpdate, WritesTheImageAndNothingBehindItsLastBlock) {
    MemoryFlash flash(partition, block);
    flash.content.assign(partition, 'o');
    const auto image = image_of(3 * block + 100, 1);
    ASSERT_EQ(update_flash(flash, image, unheard), FlashUpdate::written);
    EXPECT_TRUE(begins_with(flash, image));
    EXPECT_EQ(flash.content.substr(4 * block), std::string(partition - 4 * block, 'o'));
}

TEST(FlashUpdate, WritesNothingWhenTheImageIsThereAlready) {
    MemoryFlash flash(partition, block);
    const auto image = image_of(3 * block + 100, 1);
    ASSERT_EQ(update_flash(flash, image, unheard), FlashUpdate::written);
    const int before = flash.erasures;
    flash.changes_left = 0;
    EXPECT_EQ(update_flash(flash, image, unheard), FlashUpdate::not_needed);
    EXPECT_EQ(flash.erasures, before);
}

TEST(FlashUpdate, TouchesOnlyTheHeadAndWhatDiffers) {
    MemoryFlash flash(partition, block);
    auto image = image_of(8 * block, 1);
    ASSERT_TRUE(update_flash(flash, image, unheard));
    flash.erasures = 0;
    image[5 * block + 7] = static_cast<char>(image[5 * block + 7] ^ 1);
    ASSERT_EQ(update_flash(flash, image, unheard), FlashUpdate::written);
    EXPECT_EQ(flash.erasures, 2);
    EXPECT_TRUE(begins_with(flash, image));
}

TEST(FlashUpdate, CutOffAnywhereLeavesTheOldImageTheNewOneOrNothingThatLooksLikeOne) {
    const auto old_image = image_of(6 * block + 5, 1);
    const auto new_image = image_of(7 * block + 9, 2);
    int cuts = 0;
    for (int changes = 0;; ++changes) {
        MemoryFlash flash(partition, block);
        ASSERT_TRUE(update_flash(flash, old_image, unheard));
        flash.changes_left = changes;
        const auto updated = update_flash(flash, new_image, unheard);
        if (updated) break;
        ++cuts;
        EXPECT_EQ(updated.error().kind(), ErrorKind::internal);
        EXPECT_NE(updated.error().describe().find("still boots from its card"), std::string::npos);
        const bool whole = begins_with(flash, old_image) || begins_with(flash, new_image);
        const bool headless = !check_rescue_image(flash.content, Bytes{partition}).has_value();
        // The last write is of 64 bytes; half of them may look like an image already.
        EXPECT_TRUE(whole || headless || changes == 16) << changes;

        flash.changes_left = 1'000'000;
        ASSERT_EQ(update_flash(flash, new_image, unheard), FlashUpdate::written) << changes;
        EXPECT_TRUE(begins_with(flash, new_image));
    }
    EXPECT_EQ(cuts, 17) << "8 blocks, each erased and written, the head in two";
}

TEST(FlashUpdate, NoticesThatTheFlashIsWornOut) {
    MemoryFlash flash(partition, block);
    flash.stuck_bits = 1;
    const auto updated = update_flash(flash, image_of(3 * block, 1), unheard);
    ASSERT_FALSE(updated);
    EXPECT_NE(updated.error().describe().find("is not what was written"), std::string::npos);
}

TEST(FlashUpdate, RefusesWhatDoesNotFitWithoutTouchingAnything) {
    MemoryFlash flash(partition, block);
    EXPECT_FALSE(update_flash(flash, image_of(partition + 1, 1), unheard));
    EXPECT_FALSE(update_flash(flash, "", unheard));
    EXPECT_EQ(flash.erasures, 0);
}

TEST(FlashUpdate, TellsItsProgress) {
    MemoryFlash flash(partition, block);
    Bytes last;
    Bytes all;
    const auto listen = [&](Bytes done, Bytes total) {
        EXPECT_GT(done, last);
        last = done;
        all = total;
    };
    ASSERT_TRUE(update_flash(flash, image_of(4 * block, 1), listen));
    EXPECT_EQ(all, Bytes{4 * block});
    EXPECT_EQ(last, Bytes{4 * block});
}

}  // namespace
}  // namespace mox::boot
