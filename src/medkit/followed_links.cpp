#include "medkit/followed_links.hpp"

#include <algorithm>

namespace mox::medkit {

std::string FollowedLinks::real_path(std::string_view path, std::uint64_t entry) const {
    if (links_.empty()) return std::string(path);
    std::string real;
    while (!path.empty()) {
        const auto slash = std::min(path.find('/'), path.size());
        if (!real.empty()) real += '/';
        real += path.substr(0, slash);
        const bool is_last = slash == path.size();
        path.remove_prefix(std::min(slash + 1, path.size()));
        const auto* link = is_last ? nullptr : find(real);
        if (link != nullptr && link->first_entry <= entry) real = link->directory;
    }
    return real;
}

const FollowedLinks::Link* FollowedLinks::find(std::string_view path) const {
    const auto link = links_.find(path);
    return link == links_.end() ? nullptr : &link->second;
}

}  // namespace mox::medkit
