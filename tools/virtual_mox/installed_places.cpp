#include "virtual_mox/installed_places.hpp"

#include <system_error>

namespace mox::virtual_mox {

namespace {

namespace fs = std::filesystem;

/// The place in a checkout also when neither is there: messages name it, and what to build.
fs::path in_checkout_or(const fs::path& in_checkout, const fs::path& installed) {
    std::error_code unknown;  // what cannot be looked at is not taken
    const bool is_checkout = fs::is_directory(in_checkout, unknown);
    return !is_checkout && fs::is_directory(installed, unknown) ? installed : in_checkout;
}

}  // namespace

fs::path default_built() {
    return in_checkout_or("build/board", "/var/lib/virtual-mox");
}

fs::path default_page() {
    return in_checkout_or("build/panel", "/usr/share/virtual-mox/panel");
}

}  // namespace mox::virtual_mox
