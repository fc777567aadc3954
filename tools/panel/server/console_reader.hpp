#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mox::virtual_mox::panel {

// Reads events and progress from the output of the serial console.

/// A step of a running mode, as `console/console_progress` writes it.
struct ProgressSeen {
    std::string step;
    int number = 0;
    int count = 0;
    std::optional<double> fraction;  ///< of the step; nullopt: not measured
    std::string detail;              ///< "78.1 MB of 215.3 MB  85.0 MB/s  1.6 s left"

    bool operator==(const ProgressSeen&) const = default;
};
struct RescueChosen {};   ///< the boot loader starts the rescue system
struct KernelStarts {};   ///< the boot loader has loaded a kernel and starts it
struct BootPrompt {};     ///< the boot loader waits for a command
struct KernelCrashed {};  ///< "Kernel panic"
struct SelectionStarts {  ///< the rescue system has started, for the first time or again
    int first = 0;        ///< mode that is announced first
};
struct NextMode {  ///< a press in the selection
    int mode = 0;
};
struct ModeStarts {
    int mode = 0;
};
struct ModeEnds {  ///< with success
    int mode = 0;
    bool stays = false;  ///< the rescue system stays up; false: it reboots
};
struct ErrorShown {
    int code = 0;
    std::string reason;  ///< what has failed and why, in the rescue system's words; may be empty
    std::string advice;  ///< what to do, in the rescue system's words; may be empty
};
struct TriesAgain {};      ///< after error 2, with the drive that was plugged in
struct RebootsByPress {};  ///< the button ends the rescue system
struct RescueDied {};      ///< the rescue program has crashed; it is started again
struct LoginPrompt {};     ///< of the installed system

using ConsoleEvent = std::variant<ProgressSeen, RescueChosen, KernelStarts, BootPrompt, KernelCrashed,
                                  SelectionStarts, NextMode, ModeStarts, ModeEnds, ErrorShown, TriesAgain,
                                  RebootsByPress, RescueDied, LoginPrompt>;

/// Parses a line with the progress of a step; nullopt: another line.
[[nodiscard]] std::optional<ProgressSeen> progress_in(std::string_view line);

/// Reads the console's bytes in pieces of any size. Pure. One reader is for one start of the board: bytes of
/// the start before must not complete its lines.
class ConsoleReader {
public:
    [[nodiscard]] std::vector<ConsoleEvent> read(std::string_view bytes);

private:
    void take(char c);
    void take_visible(char c);
    void end_sequence(char last);
    void line_is_whole();
    void look_for_progress();
    void look_for_prompt();
    [[nodiscard]] std::optional<ConsoleEvent> event_in(std::string_view line);
    [[nodiscard]] std::optional<ConsoleEvent> rescue_event_in(std::string_view text);
    [[nodiscard]] std::optional<ConsoleEvent> error_event_in(std::string_view text);

    enum class Within { text, escape, sequence };
    Within within_ = Within::text;
    std::string sequence_;             ///< parameters of the control sequence
    std::string line_;                 ///< visible text of the line so far
    bool returned_ = false;            ///< the cursor is at its start
    bool prompt_is_reported_ = false;  ///< of this line
    std::string error_;                ///< the newest error of the rescue system
    std::string hint_;                 ///< the advice that belongs to it
    bool hint_may_follow_ = false;     ///< the line before was the error
    std::vector<ConsoleEvent> news_;
};

}  // namespace mox::virtual_mox::panel
