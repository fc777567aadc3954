#pragma once

#include <string_view>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/units.hpp"
#include "boot/flash.hpp"

namespace mox::boot {

// The rescue image: the boot loader reads it from the flash, unpacks it (LZMA) and boots it (FIT).

/// Checks that `image` can be a rescue image: an LZMA file as `xz -F lzma` writes it, at most `largest`.
/// Pure. Its signature proves the content. Errors (`medkit`).
[[nodiscard]] Expected<void> check_rescue_image(std::string_view image, Bytes largest);

enum class FlashUpdate { not_needed, written };

/// Writes `image` to the start of the flash partition. Blocks with the right content are not written;
/// everything is read back. The restart contract is at the top of rescue_image.cpp. Errors (`internal`): it
/// does not fit; the flash cannot be read or written; what is read back differs.
[[nodiscard]] Expected<FlashUpdate> update_flash(Flash& flash, std::string_view image,
                                                 const ByteProgress& progress);

}  // namespace mox::boot
