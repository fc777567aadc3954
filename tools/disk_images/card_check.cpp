#include "disk_images/card_check.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <string_view>

#include "base/file.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "storage/mount.hpp"
#include "storage/subvolume.hpp"

namespace mox::disk_images {

namespace {

namespace fs = std::filesystem;

/// Whether the re-flash has made this entry, and not the medkit.
bool is_added(const fs::path& path, const medkit::ArchiveContents& medkit) {
    constexpr std::array<std::string_view, 4> ours{"etc/schnapps", "etc/schnapps/config",
                                                   "etc/schnapps/installed", "var/log/mox-rescue"};
    const bool is_ours = std::ranges::find(ours, path.native()) != ours.end();
    return is_ours && !medkit.find(path.native());
}

Check check_top_level(const fs::path& top) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(top)) names.insert(entry.path().filename());
    const std::set<std::string> wanted{"@", "@factory", "boot.scr"};
    return {"top level", joined(names, ", "), names == wanted};
}

Check check_boot_script_link(const fs::path& top, const board::Description& board) {
    std::error_code failed;
    const auto target = fs::read_symlink(top / "boot.scr", failed);
    if (failed) return {"boot.scr", failed.message(), false};
    return {"boot.scr", "-> " + target.string(), target == fs::path("@") / board.boot_script};
}

Check check_version(const fs::path& root, const ExpectedCard& expected) {
    const auto text = read_small_file(root / "etc/turris-version", ErrorKind::card);
    if (!text) return {"version", text.error().describe(), false};
    const auto version = text->substr(0, text->find('\n'));
    return {"version", version + " (was " + expected.old.version + ")", version == expected.medkit.version};
}

/// Checks that the file exists, is not empty, and has no holes, which U-Boot's btrfs driver cannot read.
Check check_boot_file(const fs::path& root, const std::string& name) {
    struct stat status{};
    if (::lstat((root / name).c_str(), &status) != 0) return {name, "is missing", false};
    const auto size = static_cast<std::uint64_t>(status.st_size);
    const auto stored = static_cast<std::uint64_t>(status.st_blocks) * 512;
    const bool whole = stored >= size || size <= 4096;  // a tiny file lies in the tree itself
    return {name, to_text(Bytes{size}) + (whole ? "" : ", has holes"), size > 0 && whole};
}

Check check_factory_snapshot(int top) {
    const auto factory = storage::subvolume_info(top, "@factory");
    if (!factory) return {"factory snapshot", factory.error().describe(), false};
    const auto root = storage::subvolume_info(top, "@");
    if (!root) return {"factory snapshot", root.error().describe(), false};
    const bool is_of_root = factory->parent_uuid == root->uuid;
    return {
        "factory snapshot",
        std::string(factory->read_only ? "read-only" : "writable") + (is_of_root ? ", of @" : ", not of @"),
        factory->read_only && is_of_root};
}

Check check_root_device(const fs::path& root, const board::Description& board) {
    const auto config = read_small_file(root / "etc/schnapps/config", ErrorKind::card);
    if (!config) return {"/etc/schnapps/config", config.error().describe(), false};
    const auto wanted = "ROOT_DEV='" + board.installed_root_device + "'";
    const bool is_there = config->find(wanted) != std::string::npos;
    return {"/etc/schnapps/config", config->substr(0, config->find('\n')), is_there};
}

Check check_number_of_files(const fs::path& root, const medkit::ArchiveSummary& medkit) {
    std::uint64_t entries = 1;  // the root directory itself is a member of the archive
    std::uint64_t files = 0;
    Bytes size;
    for (auto at = fs::recursive_directory_iterator(root); at != fs::recursive_directory_iterator(); ++at) {
        const auto path = at->path().lexically_relative(root);
        if (is_added(path, medkit.contents)) {
            if (path == "var/log/mox-rescue") at.disable_recursion_pending();
            continue;
        }
        ++entries;
        if (at->is_symlink() || !at->is_regular_file()) continue;
        ++files;
        size += Bytes{at->file_size()};
    }
    auto found = std::to_string(files) + " files, " + to_text(size) +
                 "; with directories, links and devices " + std::to_string(entries);
    if (entries != medkit.entries) found += ", but the medkit has " + std::to_string(medkit.entries);
    return {"content", found, entries == medkit.entries};
}

Check check_old_data_is_gone(const fs::path& top, const OldSystem& old) {
    std::size_t left = 0;
    for (const auto& file : old.user_files) left += fs::exists(top / "@" / file) ? 1 : 0;
    for (const auto& file : old.top_level_files) left += fs::exists(top / file) ? 1 : 0;
    for (const auto& name : old.subvolumes) left += fs::exists(top / name) ? 1 : 0;
    const auto looked_for = old.user_files.size() + old.top_level_files.size() + old.subvolumes.size();
    return {"the user's old data",
            left == 0 ? "gone, as the manual says (" + std::to_string(looked_for) + " files and snapshots)"
                      : std::to_string(left) + " of " + std::to_string(looked_for) + " still there",
            left == 0};
}

Check check_log(const fs::path& root) {
    std::vector<std::string> names;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(root / "var/log/mox-rescue", failed)) {
        if (entry.file_size() > 0) names.push_back(entry.path().filename());
    }
    return {"/var/log/mox-rescue", failed ? failed.message() : joined(names, ", "), !names.empty()};
}

Expected<storage::Volume> btrfs_of(const storage::Drive& card) {
    auto volumes = storage::volumes_of(card);
    if (!volumes) return pass_on(volumes);
    for (const auto& volume : *volumes) {
        if (volume.filesystem == "btrfs") return volume;
    }
    return fail(ErrorKind::card, "there is no btrfs on " + card.describe());
}

}  // namespace

Expected<std::vector<Check>> check_card(const storage::Drive& card, const ExpectedCard& expected) try {
    auto volume = btrfs_of(card);
    if (!volume) return pass_on(volume);
    auto mounted = storage::mount_source(*volume);
    if (!mounted) return pass_on(mounted);
    const auto top = mounted->path();
    const auto root = top / "@";

    std::vector<Check> checks{
        check_top_level(top),
        check_version(root, expected),
        check_number_of_files(expected.booted_since ? top / "@factory" : root, expected.medkit),
    };
    for (const auto& group : expected.board.boot_files) {
        const auto present =
            std::ranges::find_if(group, [&](const std::string& name) { return fs::exists(root / name); });
        checks.push_back(check_boot_file(root, present == group.end() ? group.front() : *present));
    }
    checks.push_back(check_boot_script_link(top, expected.board));
    checks.push_back(check_factory_snapshot(mounted->root()));
    checks.push_back(check_root_device(root, expected.board));
    checks.push_back(check_old_data_is_gone(top, expected.old));
    checks.push_back(check_log(root));
    return checks;
} catch (const fs::filesystem_error& failed) {
    return fail(ErrorKind::card, std::string("reading the card back: ") + failed.what());
}

Expected<std::vector<Check>> check_untouched_card(const storage::Drive& card, const OldSystem& old) try {
    auto volume = btrfs_of(card);
    if (!volume) return pass_on(volume);
    auto mounted = storage::mount_source(*volume);
    if (!mounted) return pass_on(mounted);
    const auto root = mounted->path() / "@";
    const auto version = read_small_file(root / "etc/turris-version", ErrorKind::card);
    if (!version) return std::unexpected(version.error());
    const auto there =
        std::ranges::count_if(old.user_files, [&](const fs::path& file) { return fs::exists(root / file); });
    return std::vector<Check>{
        {"version", "still " + version->substr(0, version->find('\n')), *version == old.version + "\n"},
        {"the user's data",
         std::to_string(there) + " of " + std::to_string(old.user_files.size()) + " files still there",
         static_cast<std::size_t>(there) == old.user_files.size()}};
} catch (const fs::filesystem_error& failed) {
    return fail(ErrorKind::card, std::string("reading the card back: ") + failed.what());
}

std::string to_line(const Check& check) {
    constexpr std::size_t subject_width = 34;
    std::string line = check.ok ? "  ok      " : "  FAILED  ";
    line += check.subject;
    if (check.subject.size() < subject_width) line.append(subject_width - check.subject.size(), ' ');
    return line + "  " + check.found;
}

}  // namespace mox::disk_images
