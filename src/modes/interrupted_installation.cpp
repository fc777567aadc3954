#include "modes/interrupted_installation.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <optional>

#include "base/file.hpp"
#include "modes/installed_file.hpp"
#include "storage/subvolume.hpp"

namespace mox::modes {

namespace {

using namespace unit_literals;
using storage::is_subvolume;

constexpr Bytes largest_erase_list = 1_MiB;

Expected<void> rename_in(int top, std::string_view from, std::string_view to) {
    if (::renameat(top, std::string(from).c_str(), top, std::string(to).c_str()) != 0)
        return fail_errno(ErrorKind::card, std::string(from) + " -> " + std::string(to));
    return {};
}

Expected<void> remove_file(int top, const std::string& name) {
    if (::unlinkat(top, name.c_str(), 0) != 0 && errno != ENOENT) return fail_errno(ErrorKind::card, name);
    return {};
}

/// Nothing when there is none.
Expected<std::optional<EraseList>> read_erase_list(int top) {
    const UniqueFd file(::openat(top, erase_list_name.data(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file && errno == ENOENT) return std::nullopt;
    if (!file) return fail_errno(ErrorKind::card, erase_list_name);
    auto text = read_to_end(file.get(), erase_list_name, ErrorKind::card, largest_erase_list);
    if (!text) return pass_on(text);
    return parse_erase_list(*text);
}

/// Whether `name` is one of the subvolumes that were there before the installation.
Expected<bool> is_old(int top, std::string_view name, const EraseList& old) {
    auto info = storage::subvolume_info(top, name);
    if (!info) return pass_on(info, name);
    return old.contains(info->id);
}

/// "@12" -> "12.info"
std::string info_file_of(std::string_view snapshot) {
    return std::string(snapshot.substr(1)) + ".info";
}

Expected<void> delete_with_info(int top, const std::string& name) {
    if (auto removed = remove_file(top, info_file_of(name)); !removed) return removed;
    return storage::delete_subvolume(top, name);
}

Expected<void> delete_if_there(int top, std::string_view name) {
    if (!is_subvolume(top, name)) return {};
    return storage::delete_subvolume(top, name);
}

Expected<void> remove_erase_list(int top) {
    // The list must not go before what it lists: first everything else is on the disk.
    if (auto synced = storage::sync_filesystem(top); !synced) return synced;
    return remove_file(top, std::string(erase_list_name));
}

Expected<void> undo(int top) {
    if (auto deleted = delete_if_there(top, new_factory_name); !deleted) return deleted;
    if (auto deleted = delete_if_there(top, new_root_name); !deleted) return deleted;
    return remove_erase_list(top);
}

Expected<void> finish(int top, const EraseList& old) {
    if (is_subvolume(top, new_factory_name)) {
        auto already_published = is_old(top, new_factory_name, old);
        if (!already_published) return pass_on(already_published);
        if (!*already_published)
            if (auto published = publish_factory(top); !published) return published;
    }
    return erase_old_systems(top);
}

}  // namespace

std::string format_erase_list(const EraseList& list) {
    std::string text;
    for (const auto id : list) text += std::to_string(id) + "\n";
    return text;
}

EraseList parse_erase_list(std::string_view text) {
    EraseList list;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        std::uint64_t id = 0;
        const auto [stop, error] = std::from_chars(text.data(), text.data() + end, id);
        if (error == std::errc() && stop == text.data() + end) list.insert(id);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return list;
}

Expected<void> write_erase_list(int top) {
    auto names = storage::subvolumes_in(top);
    if (!names) return pass_on(names);
    EraseList list;
    for (const auto& name : *names) {
        if (name == new_root_name || name == new_factory_name) continue;
        auto info = storage::subvolume_info(top, name);
        if (!info) return pass_on(info, name);
        list.insert(info->id);
    }
    return write_installed_file(top, erase_list_name, format_erase_list(list));
}

Expected<void> publish_factory(int top) {
    if (is_subvolume(top, factory_name)) return storage::exchange(top, factory_name, new_factory_name);
    return rename_in(top, new_factory_name, factory_name);
}

Expected<void> erase_old_systems(int top) {
    auto list = read_erase_list(top);
    if (!list) return pass_on(list);
    if (!*list) return {};
    auto names = storage::subvolumes_in(top);
    if (!names) return pass_on(names);
    for (const auto& name : *names) {
        if (name == new_root_name) continue;
        auto old = is_old(top, name, **list);
        if (!old) return pass_on(old);
        if (!*old) continue;
        if (auto deleted = delete_with_info(top, name); !deleted) return deleted;
    }
    if (auto deleted = delete_if_there(top, new_root_name); !deleted) return deleted;
    return remove_erase_list(top);
}

Expected<Interruption> finish_or_undo_interrupted_installation(int top) {
    auto list = read_erase_list(top);
    if (!list) return pass_on(list);
    if (!*list && !is_subvolume(top, new_root_name) && !is_subvolume(top, new_factory_name))
        return Interruption::none;

    bool switched = false;
    if (*list && is_subvolume(top, root_name)) {
        auto old = is_old(top, root_name, **list);
        if (!old) return pass_on(old);
        switched = !*old;
    }
    auto put_right = switched ? finish(top, **list) : undo(top);
    if (!put_right) return pass_on(put_right);
    return switched ? Interruption::finished : Interruption::undone;
}

}  // namespace mox::modes
