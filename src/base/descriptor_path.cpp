#include "base/descriptor_path.hpp"

namespace mox {

std::string descriptor_path(int fd) {
    return "/proc/self/fd/" + std::to_string(fd);
}

std::string descriptor_path(int directory, std::string_view entry) {
    return descriptor_path(directory) + "/" + std::string(entry);
}

}  // namespace mox
