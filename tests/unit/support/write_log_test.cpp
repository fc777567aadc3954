#include "support/write_log.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace mox::test_support {
namespace {

constexpr std::uint64_t flush = 1, fua = 2, discard = 4, mark = 8;
constexpr std::uint64_t sector = 512;

/// A log put together by hand, entry by entry.
class HandMadeLog {
public:
    HandMadeLog() : bytes_(sector) {
        put(0, std::uint64_t{0x6a736677736872});
        put(8, std::uint64_t{1});
        put(24, static_cast<std::uint32_t>(sector));
    }

    HandMadeLog& entry(std::uint64_t at, std::uint64_t sectors, std::uint64_t flags,
                       const std::string& data = {}, std::uint64_t data_length = 0) {
        const auto start = bytes_.size();
        const auto padded = (data.size() + sector - 1) / sector * sector;
        bytes_.resize(start + sector + padded);
        put(start, at);
        put(start + 8, sectors);
        put(start + 16, flags);
        put(start + 24, data_length);
        std::memcpy(bytes_.data() + start + sector, data.data(), data.size());
        return promising(++entries_);
    }
    HandMadeLog& write(std::uint64_t at, char letter, std::uint64_t flags = 0) {
        return entry(at, 1, flags, std::string(sector, letter));
    }
    HandMadeLog& promising(std::uint64_t entries) {
        put(16, entries);
        return *this;
    }
    template <typename Value>
    HandMadeLog& put(std::size_t at, Value value) {
        std::memcpy(bytes_.data() + at, &value, sizeof value);
        return *this;
    }
    HandMadeLog& shortened_by(std::size_t count) {
        bytes_.resize(bytes_.size() - count);
        return *this;
    }

    [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }
    [[nodiscard]] Expected<std::vector<LoggedWrite>> parsed() const { return parse_write_log(bytes_); }

private:
    std::vector<std::byte> bytes_;
    std::uint64_t entries_ = 0;
};

void expect_refused(const HandMadeLog& log, const std::string& reason) {
    const auto parsed = log.parsed();
    ASSERT_FALSE(parsed);
    EXPECT_NE(parsed.error().describe().find(reason), std::string::npos) << parsed.error().describe();
}

TEST(WriteLog, AnEmptyLogHoldsNothing) {
    const auto parsed = HandMadeLog{}.parsed();
    ASSERT_TRUE(parsed) << parsed.error().describe();
    EXPECT_TRUE(parsed->empty());
}

TEST(WriteLog, WritesFlushesAndDiscardsComeInTheirOrderInBytes) {
    HandMadeLog log;
    log.write(3, 'a').entry(0, 0, flush).write(7, 'b', fua).entry(8, 16, discard);
    const auto parsed = log.parsed();
    ASSERT_TRUE(parsed) << parsed.error().describe();
    ASSERT_EQ(parsed->size(), 4U);

    EXPECT_EQ((*parsed)[0].offset, 3 * sector);
    EXPECT_EQ((*parsed)[0].length, sector);
    ASSERT_EQ((*parsed)[0].data.size(), sector);
    EXPECT_EQ((*parsed)[0].data.front(), std::byte{'a'});
    EXPECT_FALSE((*parsed)[0].flush || (*parsed)[0].durable || (*parsed)[0].discard);

    EXPECT_TRUE((*parsed)[1].flush);
    EXPECT_EQ((*parsed)[1].length, 0U);

    EXPECT_TRUE((*parsed)[2].durable);
    EXPECT_EQ((*parsed)[2].data.back(), std::byte{'b'});

    EXPECT_TRUE((*parsed)[3].discard);
    EXPECT_EQ((*parsed)[3].length, 16 * sector);
    EXPECT_TRUE((*parsed)[3].data.empty());
}

TEST(WriteLog, MarksAreSkippedWithTheirText) {
    HandMadeLog log;
    log.entry(0, 0, mark, "fsync", 5).write(1, 'a');
    const auto parsed = log.parsed();
    ASSERT_TRUE(parsed) << parsed.error().describe();
    ASSERT_EQ(parsed->size(), 1U);
    EXPECT_EQ(parsed->front().data.front(), std::byte{'a'});
}

TEST(WriteLog, WhatTheSuperBlockDoesNotPromiseIsNotRead) {
    HandMadeLog log;
    log.write(1, 'a').write(2, 'b').promising(1);
    const auto parsed = log.parsed();
    ASSERT_TRUE(parsed) << parsed.error().describe();
    EXPECT_EQ(parsed->size(), 1U);
}

TEST(WriteLog, MalformedLogsAreRefused) {
    expect_refused(HandMadeLog{}.shortened_by(500), "shorter than its super block");
    expect_refused(HandMadeLog{}.put(0, 'x'), "magic");
    expect_refused(HandMadeLog{}.put(8, std::uint64_t{2}), "version 2");
    expect_refused(HandMadeLog{}.put(24, std::uint32_t{0}), "sector size 0");
    expect_refused(HandMadeLog{}.put(24, std::uint32_t{700}), "sector size 700");
    expect_refused(HandMadeLog{}.write(1, 'a').promising(2), "entry 1");
    expect_refused(HandMadeLog{}.write(1, 'a').shortened_by(1), "entry 0");
    expect_refused(HandMadeLog{}.write(1, 'a').shortened_by(sector + 1), "entry 0");
    expect_refused(HandMadeLog{}.entry(1, ~std::uint64_t{0}, 0), "entry 0");
    expect_refused(HandMadeLog{}.entry(~std::uint64_t{0}, 1, discard), "entry 0");
    expect_refused(HandMadeLog{}.entry(0, 0, mark, "x", ~std::uint64_t{0}), "entry 0");
}

TEST(Cuts, EachFlushIsOneAndTheUntouchedCardToo) {
    HandMadeLog log;
    log.write(1, 'a').entry(0, 0, flush).write(2, 'b').write(3, 'c').entry(0, 0, flush).write(4, 'd');
    const auto parsed = log.parsed();
    ASSERT_TRUE(parsed) << parsed.error().describe();
    std::vector<std::size_t> ends;
    for (const auto& cut : cuts_at_flushes(*parsed)) {
        EXPECT_EQ(cut.durable, cut.end);
        EXPECT_TRUE(cut.lost.empty());
        ends.push_back(cut.end);
    }
    EXPECT_EQ(ends, (std::vector<std::size_t>{0, 2, 5}));
}

TEST(Cuts, AFlushThatComesWithAWriteIsBeforeIt) {
    HandMadeLog log;
    log.write(1, 'a').write(2, 'b', flush);
    const auto parsed = log.parsed();
    ASSERT_TRUE(parsed) << parsed.error().describe();
    EXPECT_EQ(cuts_at_flushes(*parsed).back().end, 1U);
}

TEST(Cuts, RandomOnesReachEveryEntryAndAreTheSameForTheSameSeed) {
    HandMadeLog log;
    for (int i = 0; i < 5; ++i) log.write(1, 'a');
    const auto parsed = log.parsed();
    ASSERT_TRUE(parsed) << parsed.error().describe();
    std::mt19937_64 random(7), again(7);
    const auto cuts = cuts_at_random(*parsed, 300, random);
    const auto same = cuts_at_random(*parsed, 300, again);
    std::vector<int> hits(6);
    ASSERT_EQ(cuts.size(), 300U);
    for (std::size_t i = 0; i < cuts.size(); ++i) {
        EXPECT_EQ(cuts[i].end, same[i].end);
        ASSERT_LE(cuts[i].end, 5U);
        ++hits[cuts[i].end];
    }
    for (const int count : hits) EXPECT_GT(count, 0);
}

TEST(Cuts, OnlyWhatWasNotFlushedAndNotForcedCanBeLost) {
    HandMadeLog log;
    log.write(1, 'a').entry(0, 0, flush).write(2, 'b').write(3, 'c', fua).write(4, 'd');
    const auto parsed = log.parsed();
    ASSERT_TRUE(parsed) << parsed.error().describe();
    std::mt19937_64 random(1);
    bool was_lost[5] = {};
    bool later_survived = false;
    for (const auto& cut : cuts_with_lost_writes(*parsed, 300, random)) {
        ASSERT_LE(cut.durable, cut.end);
        if (cut.end >= 2) {
            EXPECT_EQ(cut.durable, 2U);
        }
        for (const auto i : cut.lost) {
            ASSERT_LT(i, cut.end);
            was_lost[i] = true;
        }
        later_survived |= cut.end == 5 && cut.lost == std::vector<std::size_t>{2};
    }
    EXPECT_TRUE(was_lost[0]);
    EXPECT_FALSE(was_lost[1]) << "a flush was lost";
    EXPECT_FALSE(was_lost[3]);
    EXPECT_TRUE(was_lost[2] && was_lost[4]);
    EXPECT_TRUE(later_survived) << "no cut lost an earlier write and kept a later one";
}

}  // namespace
}  // namespace mox::test_support
