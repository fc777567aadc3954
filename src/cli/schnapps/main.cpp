// The schnapps program: snapshots of the system, compatible with routers in the field.

#include <unistd.h>

#include <exception>
#include <iostream>
#include <variant>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/interruption.hpp"
#include "cli/main_functions.hpp"
#include "cli/schnapps/command_line.hpp"
#include "cli/schnapps/commands.hpp"
#include "cli/schnapps/session.hpp"
#include "console/print_error.hpp"

namespace mox::cli::schnapps {

Expected<std::string> run(const ShowText& command, Session&) {
    return command.text;
}

Expected<std::string> run(const RemoteCommand& command, Session& session) {
    return command.work(session);
}

}  // namespace mox::cli::schnapps

namespace mox::cli {

namespace {

int show(const Error& error) {
    console::print_error("schnapps", error);
    return led_code(error.kind());
}

int run_program(int argc, const char* const* argv) {
    auto read = schnapps::read_command_line(argc, argv);
    if (const auto* status = std::get_if<int>(&read)) return *status;
    auto& request = std::get<schnapps::Request>(read);
    schnapps::Session session(std::move(request.options));
    const StopSignals signals({.stop = {}, .say = [&](std::string_view line) { session.print(line); }});
    const auto result =
        std::visit([&](const auto& command) { return run(command, session); }, request.command);
    if (!result) {
        const int kind = show(session.with_space_hint(result.error()));
        const int status = session.exit_status().value_or(kind);
        const auto signal = stopped_by();
        return signal ? exit_status_of(*signal) : status;
    }
    const auto printed = write_all(STDOUT_FILENO, *result, "standard output", ErrorKind::internal);
    return printed ? session.exit_status().value_or(0) : show(printed.error());
}

}  // namespace

int schnapps_main(int argc, char** argv) {
    try {
        return run_program(argc, argv);
    } catch (const std::exception& error) {
        return show(Error(ErrorKind::internal, error.what()));
    }
}

}  // namespace mox::cli
