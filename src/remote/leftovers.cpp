#include "remote/leftovers.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "remote/backup.hpp"

namespace mox::remote {

namespace {

constexpr std::array archive_endings{plain_ending, encrypted_ending};

std::string ending_of(const std::string& file_system) {
    return "." + file_system + ".incomplete";
}

}  // namespace

std::string name_while_incomplete(const std::string& name, const std::string& file_system) {
    return name + ending_of(file_system);
}

std::vector<std::string> leftovers(const std::vector<RemoteFile>& files, const std::string& file_system) {
    std::set<std::string> there;
    for (const auto& file : files) there.insert(file.name);
    const auto ending = ending_of(file_system);
    std::vector<std::string> names;
    // Info files first: without one, the archive beside it is only a leftover with an ending.
    for (const auto& info : there) {
        const auto info_and_ending = std::string(info_ending) + ending;
        if (!info.ends_with(info_and_ending)) continue;
        const auto name = info.substr(0, info.size() - info_and_ending.size());
        const bool archive_has_its_name = std::ranges::none_of(archive_endings, [&](std::string_view one) {
            return there.contains(name_while_incomplete(name + std::string(one), file_system));
        });
        // With an info file it is a backup again, of another program.
        if (archive_has_its_name && !there.contains(name + std::string(info_ending)))
            for (const auto archive_ending : archive_endings)
                for (const auto& file : {name + std::string(archive_ending),
                                         name + std::string(archive_ending) + std::string(sum_ending)})
                    if (there.contains(file)) names.push_back(file);
        names.push_back(info);
    }
    for (const auto& file : there)
        if (file.ends_with(ending) && std::ranges::find(names, file) == names.end()) names.push_back(file);
    return names;
}

}  // namespace mox::remote
