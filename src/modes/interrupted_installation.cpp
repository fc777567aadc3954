#include "modes/interrupted_installation.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>

#include "storage/subvolume.hpp"

namespace mox::modes {

namespace {

using storage::is_subvolume;

Expected<void> rename_in(int top, std::string_view from, std::string_view to) {
    if (::renameat(top, std::string(from).c_str(), top, std::string(to).c_str()) != 0)
        return fail_errno(ErrorKind::card, std::string(from) + " -> " + std::string(to));
    return {};
}

Expected<bool> is_snapshot_of_root(int top, std::string_view name) {
    if (!is_subvolume(top, name) || !is_subvolume(top, root_name)) return false;
    auto snapshot = storage::subvolume_info(top, name);
    if (!snapshot) return pass_on(snapshot);
    auto root = storage::subvolume_info(top, root_name);
    if (!root) return pass_on(root);
    return snapshot->parent_uuid == root->uuid;
}

/// "@12" -> "12.info"
std::string info_file_of(std::string_view snapshot) {
    return std::string(snapshot.substr(1)) + ".info";
}

Expected<void> delete_with_info(int top, const std::string& name) {
    if (::unlinkat(top, info_file_of(name).c_str(), 0) != 0 && errno != ENOENT)
        return fail_errno(ErrorKind::card, info_file_of(name));
    return storage::delete_subvolume(top, name);
}

Expected<void> delete_if_there(int top, std::string_view name) {
    if (!is_subvolume(top, name)) return {};
    return storage::delete_subvolume(top, name);
}

Expected<void> undo(int top) {
    if (auto deleted = delete_if_there(top, new_factory_name); !deleted) return deleted;
    return delete_if_there(top, new_root_name);
}

}  // namespace

Expected<void> publish_factory(int top) {
    if (is_subvolume(top, factory_name)) return storage::exchange(top, factory_name, new_factory_name);
    return rename_in(top, new_factory_name, factory_name);
}

Expected<void> erase_old_systems(int top) {
    auto root = storage::subvolume_info(top, root_name);
    if (!root) return pass_on(root);
    auto names = storage::subvolumes_in(top);
    if (!names) return pass_on(names);
    for (const auto& name : *names) {
        if (name == root_name || name == factory_name || name == new_root_name) continue;
        auto info = storage::subvolume_info(top, name);
        if (!info) return pass_on(info, name);
        if (info->id > root->id) continue;
        if (auto deleted = delete_with_info(top, name); !deleted) return deleted;
    }
    return delete_if_there(top, new_root_name);
}

Expected<Interruption> finish_or_undo_interrupted_installation(int top) {
    if (!is_subvolume(top, new_root_name) && !is_subvolume(top, new_factory_name)) return Interruption::none;
    auto switched = is_snapshot_of_root(top, new_factory_name);
    if (!switched) return pass_on(switched);
    auto published = is_snapshot_of_root(top, factory_name);
    if (!published) return pass_on(published);
    if (!*switched && !*published) {
        if (auto undone = undo(top); !undone) return pass_on(undone);
        return Interruption::undone;
    }
    if (*switched)
        if (auto done = publish_factory(top); !done) return pass_on(done);
    if (auto erased = erase_old_systems(top); !erased) return pass_on(erased);
    return Interruption::finished;
}

}  // namespace mox::modes
