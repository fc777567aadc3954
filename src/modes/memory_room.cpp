#include "modes/memory_room.hpp"

#include "base/file.hpp"
#include "medkit/ram_copy.hpp"

namespace mox::modes {

namespace {

Expected<Bytes> memory_left() {
    auto meminfo = read_small_file("/proc/meminfo", ErrorKind::internal);
    if (!meminfo) return pass_on(meminfo);
    const auto available = medkit::available_memory(*meminfo);
    if (!available) return fail(ErrorKind::internal, "/proc/meminfo does not tell the available memory");
    return *available;
}

}  // namespace

Expected<Bytes> memory_for_download() {
    auto left = memory_left();
    if (!left) return left;
    return *left - medkit::memory_reserve;
}

network::RoomCheck memory_room() {
    return [](Bytes to_come) -> Expected<void> {
        const auto left = memory_left();
        if (!left) return std::unexpected(left.error());
        if (to_come + medkit::memory_reserve <= *left) return {};
        return fail(ErrorKind::medkit, "the medkit is too large for this router's memory: " +
                                           to_text(to_come) + " are still to come, " + to_text(*left) +
                                           " are free, and " + to_text(medkit::memory_reserve) +
                                           " must stay so. Put it on a USB drive and use mode 4");
    };
}

}  // namespace mox::modes
