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
struct RescueChosen {};  ///< the boot loader starts the rescue system
struct ModeStarts {
    int mode = 0;
};
struct ErrorShown {
    int code = 0;
};
struct TriesAgain {};   ///< after error 2, with the drive that was plugged in
struct LoginPrompt {};  ///< of the installed system

using ConsoleEvent =
    std::variant<ProgressSeen, RescueChosen, ModeStarts, ErrorShown, TriesAgain, LoginPrompt>;

/// Parses a line with the progress of a step; nullopt: another line.
[[nodiscard]] std::optional<ProgressSeen> progress_in(std::string_view line);

/// Reads the console's bytes in pieces of any size. Pure.
class ConsoleReader {
public:
    [[nodiscard]] std::vector<ConsoleEvent> read(std::string_view bytes);

private:
    void take(char c);
    void take_visible(char c);
    void end_sequence(char last);
    void line_is_whole();
    void look_for_progress();

    enum class Within { text, escape, sequence };
    Within within_ = Within::text;
    std::string sequence_;             ///< parameters of the control sequence
    std::string line_;                 ///< visible text of the line so far
    bool returned_ = false;            ///< the cursor is at its start
    bool prompt_is_reported_ = false;  ///< of this line
    std::vector<ConsoleEvent> news_;
};

}  // namespace mox::virtual_mox::panel
