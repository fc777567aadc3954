#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "board/description.hpp"
#include "boot/environment.hpp"
#include "boot/kernel_command_line.hpp"
#include "network/download.hpp"
#include "network/url.hpp"

namespace mox::modes {

/// Where mode 6 downloads from, and how much it demands of the server.
struct InternetSource {
    network::Url folder;
    network::TlsPolicy tls = network::TlsPolicy::relaxed;
};

/// Reads it, each value from the kernel command line, else from the boot environment, else from the board, so
/// that other distributions can use the same rescue image. Pure but for reading the two.
///
/// - `rescue_url=https://HOST/FOLDER`: the folder that holds mox-medkit-latest.tar.gz. One that cannot be
/// used is
///   an error (`network`): the board's own would be another distribution's.
/// - `rescue_tls=strict` or `relaxed`; anything else means strict.
[[nodiscard]] Expected<InternetSource> read_internet_source(const board::Description& board,
                                                            const boot::KernelCommandLine& command_line,
                                                            const boot::Environment& environment);

/// The medkit that a router of one contract variant ("" or "-contract-X") takes from that folder.
[[nodiscard]] std::string latest_medkit_name(const std::string& variant);

}  // namespace mox::modes
