// The script of udhcpc: udhcpc runs it at each event, and it passes the lease on (network/lease.hpp).

#include <unistd.h>

#include <cstdlib>

#include "cli/command_table.hpp"
#include "cli/main_functions.hpp"
#include "network/lease.hpp"

namespace mox::cli {

int lease_hook_main(int argc, char** argv) {
    if (argc != 2) return exit_usage;
    const auto message = network::lease_message(argv[1], [](const char* name) { return std::getenv(name); });
    if (message.empty()) return exit_usage;
    // One write is one packet: the process that started udhcpc reads them.
    const ssize_t written = ::write(STDOUT_FILENO, message.data(), message.size());
    return written == static_cast<ssize_t>(message.size()) ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace mox::cli
