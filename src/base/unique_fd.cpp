#include "base/unique_fd.hpp"

#include <unistd.h>

namespace mox {

void UniqueFd::reset(int fd) {
    const int old = std::exchange(fd_, fd);
    // Nothing can be done about a failing close here: whoever needs data on the disk calls fsync and looks.
    if (old >= 0) ::close(old);
}

}  // namespace mox
