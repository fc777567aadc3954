#include "boot/try_log.hpp"

#include <algorithm>
#include <utility>

namespace mox::boot {

namespace {

constexpr char erased = '\xff';
constexpr char try_mark = '\0';
constexpr char fresh_mark = '\x0f';

/// At the start of the block: it is ours.
constexpr std::string_view head = "mox-rescue tries";
static_assert(head.size() == TryLog::entry_size);

bool is_erased(std::string_view bytes) {
    return std::ranges::all_of(bytes, [](char byte) { return byte == erased; });
}

/// Whether `bytes` are the head, or what a power cut has left of writing it.
bool can_become_head(std::string_view bytes) {
    return std::ranges::equal(bytes, head, [](char byte, char wanted) { return (byte & wanted) == wanted; });
}

}  // namespace

Expected<std::optional<TryLog>> TryLog::open(Flash& flash) {
    const auto block = flash.erase_block().count;
    if (block < 4 * entry_size || flash.size().count < 2 * block) return std::nullopt;
    const auto start = (flash.size().count / block - 1) * block;
    std::string content(block, '\0');
    TRY(flash.read(start, content));
    const std::string_view bytes = content;
    const bool ours = bytes.starts_with(head) ||
                      (can_become_head(bytes.substr(0, entry_size)) && is_erased(bytes.substr(entry_size)));
    if (!ours) return std::nullopt;
    return TryLog(flash, start, std::move(content));
}

std::size_t TryLog::end() const {
    const auto last = content_.find_last_not_of(erased);
    if (last == std::string::npos || last < entry_size) return entry_size;
    return (last / entry_size + 1) * entry_size;
}

int TryLog::tries() const {
    int tries = 0;
    for (auto at = entry_size; at < end(); at += entry_size) {
        // What a power cut has left of an entry counts as a try: too few of them do no harm.
        const auto entry = std::string_view(content_).substr(at, entry_size);
        tries = entry == std::string(entry_size, fresh_mark) ? 0 : tries + 1;
    }
    return tries;
}

Expected<void> TryLog::write(std::size_t at, std::string_view bytes) {
    TRY(flash_->write(start_ + at, bytes));
    std::ranges::copy(bytes, content_.begin() + static_cast<std::ptrdiff_t>(at));
    return {};
}

Expected<void> TryLog::append(char mark) {
    if (!content_.starts_with(head)) TRY(write(0, head));
    return write(end(), std::string(entry_size, mark));
}

Expected<void> TryLog::add_try() {
    const int before = tries();
    if (end() + entry_size <= content_.size()) return append(try_mark);
    // Full after thousands of tries. A power cut from here on forgets some of them.
    TRY(flash_->erase(start_));
    std::ranges::fill(content_, erased);
    for (int i = 0; i <= std::min(before, 3); ++i) TRY(append(try_mark));
    return {};
}

Expected<void> TryLog::start_afresh() {
    if (tries() == 0) return {};
    if (end() + entry_size <= content_.size()) return append(fresh_mark);
    TRY(flash_->erase(start_));
    std::ranges::fill(content_, erased);
    return {};
}

}  // namespace mox::boot
