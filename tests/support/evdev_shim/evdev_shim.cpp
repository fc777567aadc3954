#include "support/evdev_shim/evdev_shim.hpp"

#include <fcntl.h>
#include <linux/input.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>

namespace mox::test_support {

namespace {

using KeyBits = std::array<unsigned char, KEY_MAX / 8 + 1>;

enum class Grab : std::uint8_t { nobody, program, another };

/// The content of the state file.
struct State {
    std::array<char, 64> name{};
    std::uint16_t bus = 0;
    KeyBits keys{};
    KeyBits down{};
    int clock = -1;
    Grab grab = Grab::nobody;
};

template <typename Codes>
KeyBits bits_of(const Codes& codes) {
    KeyBits bits{};
    for (const unsigned code : codes)
        bits.at(code / 8) = static_cast<unsigned char>(bits.at(code / 8) | (1U << (code % 8)));
    return bits;
}

std::filesystem::path state_beside(const std::filesystem::path& node) {
    return node.parent_path() / ("." + node.filename().native() + ".state");
}

/// An open state file. What was changed is written back at the end of the scope.
class StoredState {
public:
    explicit StoredState(const std::filesystem::path& path, int more_flags = 0)
        : fd_(::open(path.c_str(), O_RDWR | O_CLOEXEC | more_flags, 0600)) {
        exists_ = fd_ >= 0 && ::pread(fd_, &state_, sizeof state_, 0) >= 0;
    }
    StoredState(const StoredState&) = delete;
    StoredState& operator=(const StoredState&) = delete;
    ~StoredState() {
        if (changed_ && ::pwrite(fd_, &state_, sizeof state_, 0) != ssize_t{sizeof state_}) std::abort();
        if (fd_ >= 0) ::close(fd_);
    }

    [[nodiscard]] bool exists() const { return exists_; }
    [[nodiscard]] const State& look() const { return state_; }
    [[nodiscard]] State& change() {
        changed_ = true;
        return state_;
    }

private:
    int fd_;
    bool exists_ = false;
    bool changed_ = false;
    State state_;
};

/// The fake device that `fd` is open on.
std::optional<std::filesystem::path> node_of(int fd) {
    struct stat status{};
    if (::fstat(fd, &status) != 0 || !S_ISFIFO(status.st_mode)) return std::nullopt;
    std::array<char, 4096> path{};
    const auto link = "/proc/self/fd/" + std::to_string(fd);
    const ssize_t length = ::readlink(link.c_str(), path.data(), path.size());
    if (length < 0) return std::nullopt;
    return std::filesystem::path(std::string(path.data(), static_cast<std::size_t>(length)));
}

template <typename Bytes>
int answer_with(const Bytes& bytes, void* argument, std::size_t size) {
    std::memset(argument, 0, size);
    std::memcpy(argument, bytes.data(), std::min(size, bytes.size()));
    return static_cast<int>(size);
}

int refuse(int reason) {
    errno = reason;
    return -1;
}

int grab(StoredState& state, bool wanted) {
    if (state.look().grab == Grab::another) return refuse(wanted ? EBUSY : EINVAL);
    state.change().grab = wanted ? Grab::program : Grab::nobody;
    return 0;
}

input_event event_of(std::uint16_t type, unsigned code, int value, Clock::time_point at) {
    const auto since_boot = std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch());
    input_event event{};
    event.input_event_sec = since_boot.count() / 1'000'000;
    event.input_event_usec = since_boot.count() % 1'000'000;
    event.type = type;
    event.code = static_cast<std::uint16_t>(code);
    event.value = value;
    return event;
}

/// Answers a request of <linux/input.h> as drivers/input/evdev.c does.
int answer(StoredState& stored, unsigned long request, void* argument) {
    const auto size = _IOC_SIZE(request);
    const auto& state = stored.look();
    if (request == EVIOCGVERSION) {
        *static_cast<int*>(argument) = EV_VERSION;
        return 0;
    }
    if (request == EVIOCGID) {
        *static_cast<input_id*>(argument) = {
            .bustype = state.bus, .vendor = 1, .product = 1, .version = 0x100};
        return 0;
    }
    if (request == EVIOCSCLOCKID) {
        stored.change().clock = *static_cast<int*>(argument);
        return 0;
    }
    if (request == EVIOCGRAB) return grab(stored, argument != nullptr);
    switch (_IOC_NR(request)) {
        case _IOC_NR(EVIOCGNAME(0)):
            answer_with(state.name, argument, size);
            return static_cast<int>(std::strlen(state.name.data()) + 1);
        case _IOC_NR(EVIOCGPHYS(0)):
        case _IOC_NR(EVIOCGUNIQ(0)):
            return refuse(ENOENT);
        case _IOC_NR(EVIOCGKEY(0)):
            return answer_with(state.down, argument, size);
        case _IOC_NR(EVIOCGBIT(0, 0)):
            return answer_with(bits_of(std::array{unsigned{EV_SYN}, unsigned{EV_KEY}}), argument, size);
        case _IOC_NR(EVIOCGBIT(EV_KEY, 0)):
            return answer_with(state.keys, argument, size);
        default:
            return answer_with(KeyBits{}, argument, size);
    }
}

}  // namespace

FakeEvdevDevice::FakeEvdevDevice(const std::filesystem::path& folder, unsigned number,
                                 const EvdevIdentity& identity, const std::set<unsigned>& keys_down)
    : node_(folder / ("event" + std::to_string(number))), state_(state_beside(node_)), fifo_(-1) {
    const auto hidden = folder / (".event" + std::to_string(number));
    if (::mkfifo(hidden.c_str(), 0600) != 0) throw std::runtime_error("mkfifo " + hidden.native());
    // Both ends, so that nobody has to be there yet and nothing ends when the reader goes.
    fifo_ = ::open(hidden.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fifo_ < 0) throw std::runtime_error("open " + hidden.native());
    {
        StoredState state(state_, O_CREAT);
        if (!state.exists()) throw std::runtime_error("create " + state_.native());
        auto& fresh = state.change();
        identity.name.copy(fresh.name.data(), fresh.name.size() - 1);
        fresh.bus = identity.bus;
        fresh.keys = bits_of(identity.keys);
        fresh.down = bits_of(keys_down);
    }
    std::filesystem::rename(hidden, node_);
}

FakeEvdevDevice::~FakeEvdevDevice() {
    std::filesystem::remove(node_);
    std::filesystem::remove(state_);
    ::close(fifo_);
}

void FakeEvdevDevice::note(unsigned key, bool down) {
    StoredState state(state_);
    const auto bit = static_cast<unsigned char>(1U << (key % 8));
    auto& byte = state.change().down.at(key / 8);
    byte = static_cast<unsigned char>(down ? byte | bit : byte & ~bit);
}

void FakeEvdevDevice::change_key(unsigned key, int value, Clock::time_point at) {
    note(key, value != 0);
    write_events({event_of(EV_KEY, key, value, at), event_of(EV_SYN, SYN_REPORT, 0, at)});
}

void FakeEvdevDevice::play(unsigned key, const std::vector<KeyEdge>& edges) {
    if (edges.empty()) return;
    std::vector<input_event> events;
    for (const auto& [at, down] : edges) {
        events.push_back(event_of(EV_KEY, key, down ? 1 : 0, at));
        events.push_back(event_of(EV_SYN, SYN_REPORT, 0, at));
    }
    note(key, edges.back().down);
    write_events(events);
}

void FakeEvdevDevice::lose_events(const std::set<unsigned>& keys_down) {
    StoredState(state_).change().down = bits_of(keys_down);
    const auto now = Clock::now();
    write_events({event_of(EV_SYN, SYN_DROPPED, 0, now), event_of(EV_SYN, SYN_REPORT, 0, now)});
}

int FakeEvdevDevice::clock() const {
    return StoredState(state_).look().clock;
}

bool FakeEvdevDevice::is_grabbed() const {
    return StoredState(state_).look().grab == Grab::program;
}

void FakeEvdevDevice::be_grabbed_by_another() {
    StoredState(state_).change().grab = Grab::another;
}

void FakeEvdevDevice::write_events(const std::vector<input_event>& events) {
    const auto size = events.size() * sizeof(input_event);
    if (size > PIPE_BUF || ::write(fifo_, events.data(), size) != static_cast<ssize_t>(size))
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
    if (_IOC_TYPE(request) == 'E')
        if (const auto node = node_of(fd)) {
            StoredState state(state_beside(*node));
            if (state.exists()) return answer(state, request, argument);
        }
    return static_cast<int>(::syscall(SYS_ioctl, fd, request, argument));
}
