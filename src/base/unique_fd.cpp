#include "base/unique_fd.hpp"

#include <unistd.h>

namespace mox {

void UniqueFd::reset(int fd) {
    const int old = std::exchange(fd_, fd);
    // An error of close is ignored: a caller that needs its data on the disk calls fsync and checks that.
    if (old >= 0) ::close(old);
}

}  // namespace mox
