#include "cli/schnapps/export_source.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <system_error>
#include <utility>

#include "backup/exclude_list.hpp"
#include "board/this_board.hpp"
#include "cli/schnapps/archive_input.hpp"
#include "medkit/pack.hpp"
#include "snapshots/deletion.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/stored_info.hpp"

namespace mox::cli::schnapps {

namespace {

namespace fs = std::filesystem;
using snapshots::TopLevel;

std::string hostname() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

/// "20261122-182405": exports of the same day have different names.
std::string date_now() {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    auto text = snapshots::created_text(now, std::chrono::minutes(0)).substr(0, 19);
    std::erase(text, '-');
    std::erase(text, ':');
    text.replace(text.find(' '), 1, "-");
    return text;
}

/// Whether at least one file of each group exists.
bool holds_all(int tree, const std::vector<std::vector<std::string>>& groups) {
    return std::ranges::all_of(groups, [tree](const auto& group) {
        return std::ranges::any_of(group, [tree](const std::string& file) {
            return ::faccessat(tree, file.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
        });
    });
}

/// The prefix of the name: for the running system the board of this machine; otherwise, as on a PC with a
/// card reader, the board that can boot the system.
Expected<std::string> board_of(int tree, const Session& session) {
    if (!session.options().place) {
        if (const auto board = TRY(board::this_board("/"))) return board->medkit_prefix;
        const auto compatible = text_below(AT_FDCWD, "/proc/device-tree/compatible");
        if (compatible) return backup::board_prefix(*compatible);
    }
    const auto mox = board::turris_mox();
    return holds_all(tree, mox.boot_files) ? mox.medkit_prefix : backup::board_prefix("");
}

}  // namespace

Expected<backup::ExportRules> export_rules(const fs::path& root, const std::string& password) {
    const std::string lists = "etc/schnapps/export-exclude.d";
    auto left_out = TRY(backup::load_exclude_lists(root / lists, lists));
    const auto overlay = root / "etc/schnapps/export-overlay";
    std::error_code missing;
    return backup::ExportRules{.left_out = std::move(left_out),
                               .overlay = fs::is_directory(overlay, missing) ? overlay : fs::path(),
                               .password = password};
}

Expected<ExportSource> find_export_source(std::optional<snapshots::Number> number, const TopLevel& top,
                                          const Session& session, std::optional<Interruption>& interruption) {
    auto writer = TRY(session.begin(top));
    interruption.emplace(DuringCommit::deferred);
    if (number)
        TRY(snapshots::require_usable(top, *number));
    else
        TRY(session.require_current(top));
    const auto source = number ? subvolume_of(*number) : std::string(snapshots::root_name);
    auto nested = TRY(snapshots::nested_names(top, source));
    auto copy = TRY(backup::WorkSubvolume::copy_of(writer, source));
    snapshots::SnapshotInfo info;
    if (number) {
        info = snapshots::read_info(top.directory(), *number);
    } else {
        info.description = "Exported state of the system";
        info.created = snapshots::created_now();
    }
    const auto board = TRY(board_of(copy.root(), session));
    auto name = backup::export_name(board, hostname(), number ? to_text(*number) : date_now());
    return ExportSource{std::move(copy), std::move(info), std::move(name), std::move(nested)};
}

void print_left_out(const ExportSource& source, const backup::Exported& exported, const Session& session) {
    for (const auto& name : source.nested)
        session.print("/" + name + " is a subvolume of its own and was left out");
    for (const auto& socket : exported.left_out) session.print(socket + " is a socket and was left out");
    if (const auto attributes = exported.left_out_attributes.describe(); !attributes.empty())
        session.print("warning: " + attributes);
    for (const auto& refusal : medkit::describe_refusals(exported.missing))
        session.print("warning: " + refusal);
    if (!exported.missing.empty())
        session.print(
            "hint: schnapps import takes it; for mode 4 export a system that holds these files, and leave "
            "none "
            "of them out in /etc/schnapps/export-exclude.d");
}

}  // namespace mox::cli::schnapps
