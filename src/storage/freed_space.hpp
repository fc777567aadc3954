#pragma once

#include <cstddef>
#include <functional>

#include "base/error.hpp"

namespace mox::storage {

/// How many deleted subvolumes of a mounted btrfs still hold space: the kernel frees it after the deletion,
/// in the background. `directory` is an open directory of the file system. Errors: `card`.
[[nodiscard]] Expected<std::size_t> subvolumes_being_freed(int directory);

/// Called about every ten seconds of waiting, with the number of subvolumes that still hold space.
using FreeingProgress = std::function<void(std::size_t left)>;

/// Waits until the space of every deleted subvolume can be used again. There is no limit as long as the
/// kernel gets on; a minute without any progress (somebody holds a file open, or the card hangs) ends the
/// waiting, which is no error. `directory` is an open directory of the file system. Errors: `card`.
[[nodiscard]] Expected<void> wait_for_freed_space(int directory, const FreeingProgress& progress = {});

}  // namespace mox::storage
