#include "led_decoder/raw_terminal.hpp"

#include <unistd.h>

namespace mox::led_decoder {

Expected<RawTerminal> RawTerminal::open(ControlKeys control_keys) {
    termios before{};
    if (::tcgetattr(STDIN_FILENO, &before) != 0)
        return fail_errno(ErrorKind::internal, "the keyboard can only be read from a terminal");
    auto raw = before;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    raw.c_cc[VSUSP] = _POSIX_VDISABLE;  // Ctrl-Z must not stop this program
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    if (control_keys == ControlKeys::typed) {
        raw.c_lflag &= ~static_cast<tcflag_t>(ISIG | IEXTEN);
        raw.c_iflag &= ~static_cast<tcflag_t>(ICRNL | IXON);
    }
    if (::tcsetattr(STDIN_FILENO, TCSANOW, &raw) != 0)
        return fail_errno(ErrorKind::internal, "setting up the terminal");
    return RawTerminal(before);
}

void RawTerminal::restore() {
    if (!before_) return;
    // An error is ignored: a terminal that is gone cannot be restored.
    static_cast<void>(::tcsetattr(STDIN_FILENO, TCSANOW, &*before_));
    before_.reset();
}

}  // namespace mox::led_decoder
