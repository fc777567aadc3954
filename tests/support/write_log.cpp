#include "support/write_log.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

namespace mox::test_support {

namespace {

// The numbers of drivers/md/dm-log-writes.c.
constexpr std::uint64_t log_magic = 0x6a736677736872;
constexpr std::uint64_t log_version = 1;
constexpr std::uint64_t flush_flag = 1;
constexpr std::uint64_t fua_flag = 2;
constexpr std::uint64_t discard_flag = 4;
constexpr std::uint64_t mark_flag = 8;

static_assert(std::endian::native == std::endian::little,
              "the log is little-endian, and so are our machines");

struct SuperBlock {
    std::uint64_t magic = 0;
    std::uint64_t version = 0;
    std::uint64_t entries = 0;
    std::uint32_t sector_size = 0;
};

struct EntryHeader {
    std::uint64_t sector = 0;
    std::uint64_t sectors = 0;
    std::uint64_t flags = 0;
    std::uint64_t data_length = 0;  ///< of a mark's text; 0 for a write
};

template <typename Record>
Record record_at(std::span<const std::byte> log, std::uint64_t offset) {
    Record record;
    std::memcpy(&record, log.data() + offset, sizeof record);
    return record;
}

Expected<SuperBlock> parse_super_block(std::span<const std::byte> log) {
    if (log.size() < sizeof(SuperBlock))
        return fail(ErrorKind::internal, "write log: shorter than its super block");
    const auto super = record_at<SuperBlock>(log, 0);
    if (super.magic != log_magic) return fail(ErrorKind::internal, "write log: wrong magic number");
    if (super.version != log_version)
        return fail(ErrorKind::internal,
                    "write log: version " + std::to_string(super.version) + " is not known");
    if (!std::has_single_bit(super.sector_size) || super.sector_size < 512 || super.sector_size > 65536)
        return fail(ErrorKind::internal, "write log: sector size " + std::to_string(super.sector_size));
    return super;
}

std::unexpected<Error> cut_off(std::uint64_t entry) {
    return fail(ErrorKind::internal, "write log: ends within entry " + std::to_string(entry));
}

/// How many entries are durable for certain once `flush` has been answered. A flush that comes with a write
/// goes before it.
std::size_t durable_after(std::span<const LoggedWrite> log, std::size_t flush) {
    return log[flush].length == 0 ? flush + 1 : flush;
}

std::size_t durable_before(std::span<const LoggedWrite> log, std::size_t end) {
    for (std::size_t i = end; i > 0; --i)
        if (log[i - 1].flush) return durable_after(log, i - 1);
    return 0;
}

}  // namespace

Expected<std::vector<LoggedWrite>> parse_write_log(std::span<const std::byte> log) {
    const auto super = parse_super_block(log);
    if (!super) return std::unexpected(super.error());

    const std::uint64_t sector = super->sector_size;
    const std::uint64_t sectors_at_most = std::numeric_limits<std::uint64_t>::max() / sector / 2;
    std::vector<LoggedWrite> writes;
    std::uint64_t at = sector;
    for (std::uint64_t number = 0; number < super->entries; ++number) {
        if (at > log.size() || log.size() - at < sector) return cut_off(number);
        const auto entry = record_at<EntryHeader>(log, at);
        at += sector;
        if (entry.sector > sectors_at_most || entry.sectors > sectors_at_most)
            return fail(ErrorKind::internal,
                        "write log: entry " + std::to_string(number) + " is out of range");

        const bool is_mark = (entry.flags & mark_flag) != 0;
        const bool is_discard = (entry.flags & discard_flag) != 0;
        const std::uint64_t length = entry.sectors * sector;
        std::uint64_t stored = is_discard ? 0 : length;
        if (is_mark) stored = entry.data_length;
        if (stored > log.size() - at) return cut_off(number);
        if (!is_mark)
            writes.push_back({.offset = entry.sector * sector,
                              .length = length,
                              .data = log.subspan(at, stored),
                              .flush = (entry.flags & flush_flag) != 0,
                              .durable = (entry.flags & fua_flag) != 0,
                              .discard = is_discard});
        at += (stored + sector - 1) / sector * sector;
    }
    return writes;
}

std::vector<Cut> cuts_at_flushes(std::span<const LoggedWrite> log) {
    std::vector<Cut> cuts{{}};
    for (std::size_t i = 0; i < log.size(); ++i)
        if (log[i].flush) {
            const auto end = durable_after(log, i);
            cuts.push_back({.durable = end, .end = end, .lost = {}});
        }
    return cuts;
}

std::vector<Cut> cuts_at_random(std::span<const LoggedWrite> log, std::size_t count,
                                std::mt19937_64& random) {
    std::uniform_int_distribution<std::size_t> any(0, log.size());
    std::vector<Cut> cuts;
    for (std::size_t i = 0; i < count; ++i) {
        const auto end = any(random);
        cuts.push_back({.durable = end, .end = end, .lost = {}});
    }
    return cuts;
}

std::vector<Cut> cuts_with_lost_writes(std::span<const LoggedWrite> log, std::size_t count,
                                       std::mt19937_64& random) {
    auto cuts = cuts_at_random(log, count, random);
    std::bernoulli_distribution is_lost;
    for (auto& cut : cuts) {
        cut.durable = durable_before(log, cut.end);
        for (std::size_t i = cut.durable; i < cut.end; ++i)
            if (!log[i].durable && is_lost(random)) cut.lost.push_back(i);
    }
    return cuts;
}

std::string to_text(const Cut& cut, std::size_t entries) {
    auto text = "entry " + std::to_string(cut.end) + " of " + std::to_string(entries);
    if (!cut.lost.empty()) text += ", " + std::to_string(cut.lost.size()) + " lost";
    return text;
}

}  // namespace mox::test_support
