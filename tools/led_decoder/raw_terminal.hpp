#pragma once

#include <termios.h>

#include <optional>
#include <utility>

#include "base/error.hpp"

namespace mox::led_decoder {

/// What keys such as Ctrl-C do.
enum class ControlKeys {
    signals,  ///< they send signals
    typed,    ///< they are read like other keys: for a console that passes on all of them
};

/// Reads the terminal on stdin key by key and without echo, until the end of the scope.
class RawTerminal {
public:
    /// Errors (`internal`): stdin is not a terminal.
    [[nodiscard]] static Expected<RawTerminal> open(ControlKeys control_keys);

    RawTerminal(RawTerminal&& other) noexcept : before_(std::exchange(other.before_, std::nullopt)) {}
    RawTerminal& operator=(RawTerminal&&) = delete;
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;
    ~RawTerminal() { restore(); }

    /// Restores the terminal. May be called more than once.
    void restore();

private:
    explicit RawTerminal(const termios& before) : before_(before) {}

    std::optional<termios> before_;
};

}  // namespace mox::led_decoder
