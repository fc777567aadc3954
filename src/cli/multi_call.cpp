// All programs in one executable, for the rescue image: its name or its first argument selects the program.
// One executable is much smaller than several, because the programs share their libraries.

#include <algorithm>
#include <array>
#include <iostream>
#include <string_view>
#include <vector>

#include "cli/command_table.hpp"
#include "cli/main_functions.hpp"
#include "cli/version.hpp"

namespace {

using namespace mox::cli;

struct Program {
    std::string_view name;
    int (*main)(int argc, char** argv);
    std::string_view what;
};

constexpr std::array all_programs{
    Program{"init", &init_main, "the first process of the rescue system"},
    Program{"mox-rescue", &mox_rescue_main, "the rescue with LED and button, or one mode from a shell"},
    Program{"schnapps", &schnapps_main, "snapshots of the system"},
    Program{"medkit", &medkit_main, "inspect, verify and make medkits"},
    Program{"lease-hook", &lease_hook_main, "run by udhcpc, passes a DHCP lease to mox-rescue"},
};

/// The program that a path such as "/sbin/mox-rescue" names; null when there is none.
const Program* program_called(std::string_view path) {
    const auto name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0: no slash
    const auto* const found = std::ranges::find(all_programs, name, &Program::name);
    return found == all_programs.end() ? nullptr : found;
}

void list_programs(std::ostream& out) {
    out << "mox " << version << ", all programs of mox-rescue in one file. `mox NAME ...` runs one:\n";
    for (const auto& program : all_programs) out << "  " << program.name << ": " << program.what << "\n";
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 1) return exit_usage;  // no program name: the caller is broken
    if (const auto* program = program_called(argv[0])) return program->main(argc, argv);
    if (argc == 1) {
        list_programs(std::cout);
        return 0;
    }
    if (const auto* program = program_called(argv[1])) return program->main(argc - 1, argv + 1);
    std::vector<std::string_view> names;
    for (const auto& program : all_programs) names.push_back(program.name);
    std::cerr << "mox: there is no program " << argv[1] << mox::cli::did_you_mean(argv[1], names) << "\n";
    list_programs(std::cerr);
    return exit_usage;
}
