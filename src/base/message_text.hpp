#pragma once

#include <string>

namespace mox {

/// `text` as a user can read it, for every message (Error applies it): paths of descriptors
/// ("/proc/self/fd/5/etc") become the names of their files, and names that exist only during an operation
/// ("@create.new", "3.info.new") say what they are ("the new snapshot", "3.info"). A file that is reached
/// through a mount of the program's own gets its path in that file system, without a slash at the beginning.
///
/// `reason` is the error number that the text is about. If something else has the name already (EEXIST and
/// the like), the name stays as it is: the user must find what is in the way.
[[nodiscard]] std::string readable_text(std::string text, int reason = 0);

}  // namespace mox
