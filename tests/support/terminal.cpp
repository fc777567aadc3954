#include "support/terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>

#include "base/units.hpp"

namespace mox::test_support {

using namespace std::chrono_literals;

Terminal::Terminal() : keyboard_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    if (!keyboard_ || ::grantpt(keyboard_.get()) != 0 || ::unlockpt(keyboard_.get()) != 0)
        throw std::runtime_error("no pseudo terminal");
    open_ = UniqueFd(::open(name().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!open_) throw std::runtime_error(name() + " cannot be opened");
}

std::string Terminal::name() const {
    return ::ptsname(keyboard_.get());
}

void Terminal::type(std::string_view text) const {
    if (::write(keyboard_.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        throw std::runtime_error("typing");
}

std::string Terminal::screen_until(std::string_view last) const {
    std::string screen;
    const auto deadline = Clock::now() + 10s;
    while (!screen.contains(last) && Clock::now() < deadline) {
        pollfd waiting{.fd = keyboard_.get(), .events = POLLIN, .revents = 0};
        if (::poll(&waiting, 1, 100) != 1) continue;
        std::array<char, 256> block{};
        const auto got = ::read(keyboard_.get(), block.data(), block.size());
        if (got <= 0) break;
        screen.append(block.data(), static_cast<std::size_t>(got));
    }
    return screen;
}

}  // namespace mox::test_support
