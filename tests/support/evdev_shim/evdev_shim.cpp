#include "support/evdev_shim/evdev_shim.hpp"

#include <fcntl.h>
#include <linux/input.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdarg>
#include <cstring>
#include <map>
#include <stdexcept>
#include <utility>

namespace mox::test_support {

namespace {

struct State {
    EvdevIdentity identity;
    std::set<unsigned> down;
    int clock = -1;
};

using FileId = std::pair<dev_t, ino_t>;

std::map<FileId, State>& devices() {
    static std::map<FileId, State> all;
    return all;
}

FileId id_of(int fd) {
    struct stat status{};
    if (::fstat(fd, &status) != 0) return {};
    return {status.st_dev, status.st_ino};
}

template <typename Codes>
void fill_bits(unsigned char* bits, std::size_t size, const Codes& codes) {
    for (const unsigned code : codes)
        if (code / 8 < size) bits[code / 8] = static_cast<unsigned char>(bits[code / 8] | (1U << (code % 8)));
}

int answer_name(const State& state, char* text, std::size_t size) {
    const auto length = std::min(size, state.identity.name.size() + 1);
    std::memcpy(text, state.identity.name.c_str(), length);
    return static_cast<int>(length);
}

/// Answers a request of <linux/input.h> as drivers/input/evdev.c does.
int answer(State& state, unsigned long request, void* argument) {
    const auto size = _IOC_SIZE(request);
    auto* bytes = static_cast<unsigned char*>(argument);
    const auto number = _IOC_NR(request);
    if (request == EVIOCGVERSION) {
        *static_cast<int*>(argument) = EV_VERSION;
        return 0;
    }
    if (request == EVIOCGID) {
        *static_cast<input_id*>(argument) = {
            .bustype = state.identity.bus, .vendor = 1, .product = 1, .version = 0x100};
        return 0;
    }
    if (request == EVIOCSCLOCKID) {
        state.clock = *static_cast<int*>(argument);
        return 0;
    }
    if (number == _IOC_NR(EVIOCGNAME(0))) return answer_name(state, static_cast<char*>(argument), size);
    if (number == _IOC_NR(EVIOCGPHYS(0)) || number == _IOC_NR(EVIOCGUNIQ(0))) {
        errno = ENOENT;
        return -1;
    }
    std::memset(bytes, 0, size);
    if (number == _IOC_NR(EVIOCGKEY(0))) fill_bits(bytes, size, state.down);
    if (number == _IOC_NR(EVIOCGBIT(0, 0))) fill_bits(bytes, size, std::set<unsigned>{EV_SYN, EV_KEY});
    if (number == _IOC_NR(EVIOCGBIT(EV_KEY, 0))) fill_bits(bytes, size, state.identity.keys);
    return static_cast<int>(size);
}

}  // namespace

FakeEvdevDevice::FakeEvdevDevice(const std::filesystem::path& folder, unsigned number, EvdevIdentity identity,
                                 std::set<unsigned> keys_down)
    : node_(folder / ("event" + std::to_string(number))), fifo_(-1) {
    const auto hidden = folder / (".event" + std::to_string(number));
    if (::mkfifo(hidden.c_str(), 0600) != 0) throw std::runtime_error("mkfifo " + hidden.native());
    // Both ends, so that nobody has to be there yet and nothing ends when the reader goes.
    fifo_ = ::open(hidden.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fifo_ < 0) throw std::runtime_error("open " + hidden.native());
    devices()[id_of(fifo_)] = {.identity = std::move(identity), .down = std::move(keys_down)};
    std::filesystem::rename(hidden, node_);
}

FakeEvdevDevice::~FakeEvdevDevice() {
    std::filesystem::remove(node_);
    devices().erase(id_of(fifo_));
    ::close(fifo_);
}

void FakeEvdevDevice::change_key(unsigned key, int value, Clock::time_point at) {
    auto& down = devices().at(id_of(fifo_)).down;
    if (value == 0)
        down.erase(key);
    else
        down.insert(key);
    write_event(EV_KEY, key, value, at);
    write_event(EV_SYN, SYN_REPORT, 0, at);
}

void FakeEvdevDevice::lose_events(std::set<unsigned> keys_down) {
    devices().at(id_of(fifo_)).down = std::move(keys_down);
    write_event(EV_SYN, SYN_DROPPED, 0, Clock::now());
    write_event(EV_SYN, SYN_REPORT, 0, Clock::now());
}

int FakeEvdevDevice::clock() const {
    return devices().at(id_of(fifo_)).clock;
}

void FakeEvdevDevice::write_event(std::uint16_t type, unsigned code, int value, Clock::time_point at) {
    const auto since_boot = std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch());
    input_event event{};
    event.input_event_sec = since_boot.count() / 1'000'000;
    event.input_event_usec = since_boot.count() % 1'000'000;
    event.type = type;
    event.code = static_cast<std::uint16_t>(code);
    event.value = value;
    if (::write(fifo_, &event, sizeof event) != static_cast<ssize_t>(sizeof event))
        throw std::runtime_error("writing to " + node_.native());
}

}  // namespace mox::test_support

/// Stands before the C library's: libevdev's calls arrive here.
extern "C" int ioctl(int fd, unsigned long request, ...) noexcept {
    va_list arguments;
    va_start(arguments, request);
    void* argument = va_arg(arguments, void*);
    va_end(arguments);

    using namespace mox::test_support;
    if (_IOC_TYPE(request) == 'E') {
        const auto device = devices().find(id_of(fd));
        if (device != devices().end()) return answer(device->second, request, argument);
    }
    return static_cast<int>(::syscall(SYS_ioctl, fd, request, argument));
}
