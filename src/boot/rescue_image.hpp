#pragma once

#include <string_view>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/units.hpp"
#include "boot/flash.hpp"

namespace mox::boot {

// The rescue image: what the boot loader reads out of the flash, unpacks (LZMA) and boots (FIT).

/// Whether `image` can be one: an LZMA file as `xz -F lzma` writes it, at most `largest`. Pure. What is in it
/// is vouched for by its signature. Errors (`medkit`).
[[nodiscard]] Expected<void> check_rescue_image(std::string_view image, Bytes largest);

enum class FlashUpdate { not_needed, written };

/// Puts `image` at the start of the flash partition. Blocks that are right already are not touched;
/// everything is read back. The restart contract is on top of rescue_image.cpp. Errors (`internal`): it does
/// not fit; the flash cannot be read or written; what is read back differs.
[[nodiscard]] Expected<FlashUpdate> update_flash(Flash& flash, std::string_view image,
                                                 const ByteProgress& progress);

}  // namespace mox::boot
