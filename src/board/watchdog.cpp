#include "board/watchdog.hpp"

#include <fcntl.h>
#include <linux/watchdog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <utility>

#include "base/file.hpp"

namespace mox::board {

namespace {

/// The timeout that the driver uses. nullopt: it supports neither of the two requests.
std::optional<std::chrono::seconds> set_timeout(int device, std::chrono::seconds wanted) {
    int seconds = static_cast<int>(wanted.count());
    if (::ioctl(device, WDIOC_SETTIMEOUT, &seconds) == 0) return std::chrono::seconds(seconds);
    if (::ioctl(device, WDIOC_GETTIMEOUT, &seconds) == 0) return std::chrono::seconds(seconds);
    return std::nullopt;
}

}  // namespace

Expected<Watchdog> Watchdog::open(const std::filesystem::path& node, std::chrono::seconds timeout) {
    auto device = TRY(open_file(node, O_WRONLY, ErrorKind::internal), "watchdog");
    const auto taken = set_timeout(device.get(), timeout);
    return Watchdog(std::move(device), node, taken);
}

Expected<void> Watchdog::feed() {
    // Any byte except 'V', which prepares the magic close.
    return write_all(device_.get(), "f", node_.native(), ErrorKind::internal);
}

}  // namespace mox::board
