#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/progress.hpp"
#include "board/description.hpp"
#include "medkit/keys.hpp"
#include "medkit/signature.hpp"
#include "update/context.hpp"

namespace mox::update {

// Updates of the rescue system in the flash (NOR). They always need a valid signature of a trusted key.

/// Whether `nor_update` of the kernel command line, else of the boot environment, requests an update together
/// with a re-flash: it exists and is not "0".
[[nodiscard]] bool is_nor_update_requested(const Context& context);

/// "mox-medkit-latest-rescue.fit.lzma" for "mox-medkit-latest.tar.gz": the published name of the rescue image
/// of a medkit (medkit::find_beside also finds altered names). Pure.
[[nodiscard]] std::string companion_name(std::string_view archive);

/// Reads and verifies the file `name` of an open directory as a rescue image for `board`. Errors (`medkit`):
/// it does not exist, has no valid signature, is too large, or is not a rescue image.
[[nodiscard]] Expected<medkit::SignedFile> read_rescue_image(int directory, const std::string& name,
                                                             const board::Description& board,
                                                             const medkit::TrustedKeys& trusted);

/// Writes the image into the board's flash, unless the flash already holds it. Precondition: the card has a
/// system, and no restart marker is set; see boot/rescue_image.cpp. Errors (`internal`).
[[nodiscard]] Expected<void> write_rescue_image(const medkit::SignedFile& image,
                                                const board::Description& board, Log& log,
                                                const ByteProgress& progress);

}  // namespace mox::update
