// A web server that says anything: a download must end, within its limits, and know how much it has.
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/unique_fd.hpp"
#include "network/transfer.hpp"

namespace {

using mox::Bytes;
using mox::UniqueFd;
using namespace mox::network;

constexpr Bytes largest{64 << 10};

void require(bool truth) {
    if (!truth) std::abort();
}

/// A network of our own, so that no redirection leads out of here. False where that is not allowed.
bool leave_the_network() {
    if (::unshare(CLONE_NEWNET) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
    const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP;
    return ::ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0;
}

/// Answers each question with the same bytes.
class Liar {
public:
    Liar()
        : redirections_(leave_the_network() ? 3 : 0),
          listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in place{};
        place.sin_family = AF_INET;
        place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof place;
        require(::bind(listening_.get(), reinterpret_cast<const sockaddr*>(&place), size) == 0);
        require(::listen(listening_.get(), 16) == 0);
        require(::getsockname(listening_.get(), reinterpret_cast<sockaddr*>(&place), &size) == 0);
        port_ = ntohs(place.sin_port);
        std::thread([this] { answer_for_ever(); }).detach();
    }

    void say(std::string_view answer) {
        const std::lock_guard lock(mutex_);
        answer_ = answer;
    }

    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] int redirections() const { return redirections_; }

private:
    [[noreturn]] void answer_for_ever() {
        for (;;) {
            const UniqueFd client(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            std::array<char, 4096> question{};
            (void)!::recv(client.get(), question.data(), question.size(), 0);
            std::string answer;
            {
                const std::lock_guard lock(mutex_);
                answer = answer_;
            }
            (void)!::send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
        }
    }

    int redirections_;
    UniqueFd listening_;
    int port_ = 0;
    std::mutex mutex_;
    std::string answer_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Liar liar;
    if (size < 1) return 0;
    const bool goes_on = (data[0] & 1) != 0;
    liar.say({reinterpret_cast<const char*>(data) + 1, size - 1});

    const UniqueFd file(::memfd_create("download", MFD_CLOEXEC));
    PartialDownload before;
    if (goes_on) before = {.have = 5, .whole = 10, .validator = "\"1\""};
    require(::ftruncate(file.get(), static_cast<off_t>(before.have)) == 0);
    const TransferOrder order{
        .url = "http://127.0.0.1:" + std::to_string(liar.port()) + "/x",
        .partial = before,
        .family = AddressFamily::ipv4,
        .limits = {.connecting = std::chrono::seconds(1),
                   .slow_for = std::chrono::seconds(1),
                   .redirections = liar.redirections(),
                   .largest = largest},
        .protocols = "http",
    };
    const auto report = transfer(order, {.file = file.get(), .check_free_space = {}}, {});

    struct stat status{};
    require(::fstat(file.get(), &status) == 0);
    require(static_cast<std::uint64_t>(status.st_size) <= largest.count);
    require(report.partial.have <= static_cast<std::uint64_t>(status.st_size));
    require(report.error.has_value() == (report.end != TransferEnd::complete));
    if (report.end == TransferEnd::complete)
        require(!report.partial.whole || *report.partial.whole == report.partial.have);
    if (report.error)
        for (const char letter : report.error->describe()) require(letter >= ' ' && letter <= '~');
    return 0;
}
