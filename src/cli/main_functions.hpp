#pragma once

namespace mox::cli {

// The programs, each a main function: they are alone in a file of their own (single_program.cpp) or together
// in one (multi_call.cpp, for the rescue image). Return value: the exit status.

/// `init`: process 1 of the rescue system. Refuses to be any other process.
[[nodiscard]] int init_main(int argc, char** argv);

/// `mox-rescue`: the rescue on the device, and single modes from a shell.
[[nodiscard]] int mox_rescue_main(int argc, char** argv);

/// `schnapps`: snapshots of the system, as routers in the field know it.
[[nodiscard]] int schnapps_main(int argc, char** argv);

/// `medkit`: look at medkits, check them, make them.
[[nodiscard]] int medkit_main(int argc, char** argv);

/// `lease-hook`: run by udhcpc, tells mox-rescue of a DHCP lease.
[[nodiscard]] int lease_hook_main(int argc, char** argv);

}  // namespace mox::cli
