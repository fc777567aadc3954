#include "medkit/link_resolution.hpp"

#include <algorithm>
#include <utility>

namespace mox::medkit {

namespace {

constexpr int most_links = 40;  // Linux: MAXSYMLINKS

std::string_view take_component(std::string_view& path) {
    const auto slash = std::min(path.find('/'), path.size());
    const auto component = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    return component;
}

void remove_last_component(std::string& path) {
    const auto slash = path.rfind('/');
    path.resize(slash == std::string::npos ? 0 : slash);
}

std::string below(const std::string& directory, std::string_view name) {
    std::string path = directory;
    if (!path.empty()) path += '/';
    return path += name;
}

}  // namespace

Resolution resolve_directory(const ArchiveContents& contents, std::string_view path) {
    std::string pending(path);
    std::string reached;
    for (int links = 0; !pending.empty();) {
        std::string_view rest(pending);
        const auto component = take_component(rest);
        const auto place = component == ".." ? std::string() : below(reached, component);
        const std::string following(rest);
        if (component == "..") {
            if (reached.empty()) return {ResolutionResult::outside, {}};
            remove_last_component(reached);
        } else if (!component.empty() && component != ".") {
            const auto kind = contents.find(place);
            if (!kind) return {ResolutionResult::missing, {}};
            if (*kind == NodeKind::symlink) {
                if (++links > most_links) return {ResolutionResult::too_many_links, {}};
                const auto target = contents.symlink_target(place);
                if (target.starts_with('/')) reached.clear();
                pending = std::string(target) + "/" + following;
                continue;
            }
            if (*kind != NodeKind::directory) return {ResolutionResult::not_a_directory, {}};
            reached = place;
        }
        pending = following;
    }
    return {ResolutionResult::directory, std::move(reached)};
}

std::string_view describe(ResolutionResult result) {
    switch (result) {
        case ResolutionResult::directory:
            return "leads to a directory";
        case ResolutionResult::missing:
            return "leads to nothing";
        case ResolutionResult::not_a_directory:
            return "does not lead to a directory";
        case ResolutionResult::outside:
            return "leads out of the system";
        case ResolutionResult::too_many_links:
            return "leads in a circle";
    }
    std::unreachable();
}

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
