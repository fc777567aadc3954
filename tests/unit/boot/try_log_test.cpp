#include "boot/restart_marker.hpp"

#include <gtest/gtest.h>

#include "support/memory_flash.hpp"

namespace mox::boot {
namespace {

using test_support::MemoryFlash;

constexpr std::uint64_t block = 0x1000;
constexpr std::uint64_t partition = 4 * block;

/// Tries as a run after a power cut finds them; -1: no log.
int tries_in(MemoryFlash& flash) {
    const auto log = TryLog::open(flash);
    EXPECT_TRUE(log.has_value());
    return log && *log ? (*log)->tries() : -1;
}

void add_try(MemoryFlash& flash) {
    auto log = TryLog::open(flash);
    ASSERT_TRUE(log.has_value() && log->has_value());
    ASSERT_TRUE((*log)->add_try());
}

void reset(MemoryFlash& flash) {
    auto log = TryLog::open(flash);
    ASSERT_TRUE(log.has_value() && log->has_value());
    ASSERT_TRUE((*log)->reset());
}

TEST(TryLog, CountsInTheLastBlockWithoutErasing) {
    MemoryFlash flash(partition, block);
    flash.content.replace(0, 9, "the image");
    EXPECT_EQ(tries_in(flash), 0);
    for (int tries = 1; tries <= 5; ++tries) {
        add_try(flash);
        EXPECT_EQ(tries_in(flash), tries);
    }
    reset(flash);
    EXPECT_EQ(tries_in(flash), 0);
    add_try(flash);
    EXPECT_EQ(tries_in(flash), 1);
    EXPECT_EQ(flash.erasures, 0);
    EXPECT_EQ(flash.content.substr(0, 9), "the image");
    EXPECT_EQ(flash.content.find_first_not_of('\xff', 9), 3 * block);
}

TEST(TryLog, WritesNothingToForgetNothing) {
    MemoryFlash flash(partition, block);
    const auto before = flash.content;
    reset(flash);
    EXPECT_EQ(flash.content, before);
    add_try(flash);
    reset(flash);
    const auto forgotten = flash.content;
    reset(flash);
    EXPECT_EQ(flash.content, forgotten);
}

TEST(TryLog, LeavesABlockAloneThatHoldsSomethingElse) {
    MemoryFlash flash(partition, block);
    for (const auto at : {3 * block, 3 * block + 7, partition - 1}) {
        flash.content.assign(partition, '\xff');
        flash.content[at] = 'x';
        EXPECT_EQ(tries_in(flash), -1) << at;
    }
    MemoryFlash one_block(block, block);
    EXPECT_EQ(tries_in(one_block), -1) << "the image needs it";
}

TEST(TryLog, GoesOnWhenTheBlockIsFull) {
    MemoryFlash flash(partition, block);
    for (unsigned i = 0; i < 2 * block / TryLog::entry_size; ++i) {
        add_try(flash);
        EXPECT_GE(tries_in(flash), std::min(i % 50 + 1, 3U));
        if (i % 50 == 49) reset(flash);
    }
    EXPECT_GT(flash.erasures, 0);
    EXPECT_EQ(flash.content.find_first_not_of('\xff'), 3 * block);
}

TEST(TryLog, APowerCutLosesAtMostTheLastEntry) {
    for (int power = 0; power < 5; ++power) {
        MemoryFlash flash(partition, block);
        flash.changes_left = power;
        int added = 0;
        for (int i = 0; i < 3; ++i) {
            auto log = TryLog::open(flash);
            ASSERT_TRUE(log.has_value() && log->has_value()) << power;
            if (!(*log)->add_try()) break;
            ++added;
        }
        flash.changes_left = 100;
        const int found = tries_in(flash);
        EXPECT_TRUE(found == added || found == added + 1) << found << " of " << added;
        add_try(flash);
        EXPECT_EQ(tries_in(flash), found + 1) << power;
    }
}

}  // namespace
}  // namespace mox::boot
