#pragma once

#include <filesystem>

namespace mox::virtual_mox {

/// Where QEMU, boot loader, rescue image and medkit are, unless the command line says so: `build/board` in a
/// checkout, otherwise where the Debian package has them (packaging/debian/add-artefacts). Boards are run in
/// there, too.
[[nodiscard]] std::filesystem::path default_built();

/// The panel's page: `build/panel` in a checkout, otherwise that of the Debian package.
[[nodiscard]] std::filesystem::path default_page();

}  // namespace mox::virtual_mox
