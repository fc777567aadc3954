#include "operation/signal_queue.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

namespace mox::operation {

Expected<SignalQueue> SignalQueue::of(std::initializer_list<int> signals) {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : signals) sigaddset(&set, signal);
    UniqueFd fd(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
    if (!fd) return fail_errno(ErrorKind::internal, "signalfd");
    sigset_t before;
    if (::sigprocmask(SIG_BLOCK, &set, &before) != 0) return fail_errno(ErrorKind::internal, "signals");
    return SignalQueue(std::move(fd), before);
}

SignalQueue::~SignalQueue() {
    if (fd_) ::sigprocmask(SIG_SETMASK, &before_, nullptr);
}

std::optional<int> SignalQueue::take() {
    signalfd_siginfo information{};
    if (::read(fd_.get(), &information, sizeof information) != ssize_t{sizeof information})
        return std::nullopt;
    return static_cast<int>(information.ssi_signo);
}

}  // namespace mox::operation
