// The medkit program: inspects, verifies and makes medkits.

#include <unistd.h>

#include <exception>
#include <iostream>
#include <string>
#include <variant>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/interruption.hpp"
#include "base/progress.hpp"
#include "cli/command_table.hpp"
#include "cli/main_functions.hpp"
#include "cli/medkit/command_line.hpp"
#include "cli/medkit/commands.hpp"
#include "cli/question.hpp"
#include "console/console_progress.hpp"
#include "console/print_error.hpp"
#include "console/reporter.hpp"

namespace mox::cli {

namespace {

template <typename Command>
Expected<std::string> run_with_bar(const Command& command, const char* step) {
    console::TerminalBar bar(step);
    return run(command, bar.bytes());
}

template <typename Command>
Expected<std::string> run_with_steps(const Command& command) {
    console::Reporter reporter;
    auto result = run(command, reporter);
    reporter.console.unpin();
    return result;
}

/// Runs the command, a slow one with a bar on a terminal.
struct Runner {
    Expected<std::string> operator()(const InspectMedkit& command) const {
        return run_with_bar(command, "read the medkit");
    }
    Expected<std::string> operator()(const VerifyMedkit& command) const {
        return run_with_bar(command, "verify the medkit");
    }
    Expected<std::string> operator()(const PackMedkit& command) const {
        return run_with_bar(command, "pack the medkit");
    }
    Expected<std::string> operator()(const GetMedkit& command) const { return run_with_steps(command); }
    Expected<std::string> operator()(const StickMedkit& command) const { return run_with_steps(command); }
    Expected<std::string> operator()(const GenerateKey& command) const { return run(command); }
    Expected<std::string> operator()(const SignFile& command) const { return run(command); }
};

int show(const Error& error) {
    console::print_error("medkit", error);
    return is_not_confirmed(error) ? exit_not_confirmed : led_code(error.kind());
}

int run_program(int argc, const char* const* argv) {
    const auto command = read_medkit_command_line(argc, argv);
    if (const int* status = std::get_if<int>(&command)) return *status;
    const StopSignals signals({});
    const auto result = std::visit(Runner(), std::get<MedkitCommand>(command));
    if (!result) {
        const int status = show(result.error());
        const auto signal = stopped_by();
        return signal ? exit_status_of(*signal) : status;
    }
    const auto printed = write_all(STDOUT_FILENO, *result, "standard output", ErrorKind::internal);
    return printed ? 0 : show(printed.error());
}

}  // namespace

int medkit_main(int argc, char** argv) {
    try {
        return run_program(argc, argv);
    } catch (const std::exception& error) {
        return show(Error(ErrorKind::internal, error.what()));
    }
}

}  // namespace mox::cli
