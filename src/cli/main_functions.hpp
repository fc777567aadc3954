#pragma once

namespace mox::cli {

// The main functions of the programs. Each program is an executable of its own (single_program.cpp), or all
// are in one (multi_call.cpp, for the rescue image). Return value: the exit status.

/// `init`: process 1 of the rescue system. Fails in any other process.
[[nodiscard]] int init_main(int argc, char** argv);

/// `mox-rescue`: the rescue on the device, and single modes from a shell.
[[nodiscard]] int mox_rescue_main(int argc, char** argv);

/// `schnapps`: snapshots of the system, as routers in the field know it.
[[nodiscard]] int schnapps_main(int argc, char** argv);

/// `medkit`: inspects, verifies and makes medkits.
[[nodiscard]] int medkit_main(int argc, char** argv);

/// `lease-hook`: udhcpc runs it; it passes a DHCP lease to mox-rescue.
[[nodiscard]] int lease_hook_main(int argc, char** argv);

}  // namespace mox::cli
