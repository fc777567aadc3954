#include "update/free_memory.hpp"

#include <cstdlib>
#include <string_view>

#include "base/file.hpp"
#include "medkit/ram_copy.hpp"

namespace mox::update {

namespace {

Expected<Bytes> memory_left() {
    auto meminfo = TRY(read_small_file("/proc/meminfo", ErrorKind::internal));
    const auto available = medkit::available_memory(meminfo);
    if (!available) return fail(ErrorKind::internal, "/proc/meminfo has no valid MemAvailable line");
    return *available;
}

}  // namespace

Expected<Bytes> memory_for_download() {
    auto left = TRY(memory_left());
    return left - medkit::memory_reserve;
}

network::FreeSpaceCheck free_memory() {
    return [](Bytes to_come) -> Expected<void> {
        const auto left = TRY(memory_left());
        if (to_come + medkit::memory_reserve <= left) return {};
        return fail(ErrorKind::medkit,
                    "the medkit is too large for this router's memory: " + to_text(to_come) +
                        " more are needed, " + to_text(left) + " are free, and " +
                        to_text(medkit::memory_reserve) + " must stay free",
                    {"put it on a USB drive and use mode 4"});
    };
}

std::string memory_used() {
    const auto left = memory_left();
    // "VmHWM:      31240 kB", the largest resident set so far (proc_pid_status(5)).
    const auto status = read_small_file("/proc/self/status", ErrorKind::internal).value_or("");
    const auto line = status.find("VmHWM:");
    if (!left || line == std::string::npos) return {};
    const auto kibibytes =
        std::strtoull(status.c_str() + line + std::string_view("VmHWM:").size(), nullptr, 10);
    return "this program took " + to_text(Bytes{kibibytes << 10}) + " of memory at most, " + to_text(*left) +
           " are free";
}

}  // namespace mox::update
