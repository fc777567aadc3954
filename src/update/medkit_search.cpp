#include "update/medkit_search.hpp"

#include <fcntl.h>

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>

#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "boot/contract.hpp"
#include "medkit/medkit_files.hpp"
#include "snapshots/snapshot.hpp"

namespace mox::update {

namespace {

using medkit::Candidate;
using medkit::VerifiedMedkit;

/// One medkit, its location, and the result of its verification.
struct Found {
    std::size_t source = 0;  ///< index of the mount
    int directory = -1;
    medkit::MedkitFiles files;
    Candidate candidate;
    std::optional<VerifiedMedkit> verified;
};

/// Mounts and directories that are open during a search.
struct Sources {
    std::vector<storage::Mount> mounts;
    std::vector<UniqueFd> directories;  ///< `@` of a card; closed before the mounts are unmounted
    std::vector<Found> found;
};

void list_directory(int directory, const storage::Volume& volume, const medkit::NamePattern& names,
                    Sources& sources, SearchResult& result) {
    auto listing = medkit::find_medkits(directory, names);
    if (!listing) {
        result.unreadable.push_back(volume.describe() + ": " + listing.error().describe());
        return;
    }
    for (const auto& message : listing->not_used)
        result.not_used.push_back(volume.describe() + ": " + message);
    for (auto& files : listing->medkits) {
        auto candidate = candidate_before_verification(files, volume.drive.role, volume.describe());
        sources.found.push_back(
            {sources.mounts.size() - 1, directory, std::move(files), std::move(candidate), {}});
    }
}

void list_volume(const storage::Volume& volume, const medkit::NamePattern& names, Sources& sources,
                 SearchResult& result) {
    auto mount = storage::mount_source(volume);
    if (!mount) {
        result.unreadable.push_back(mount.error().describe());
        return;
    }
    const int root = mount->root();
    sources.mounts.push_back(std::move(*mount));
    list_directory(root, volume, names, sources, result);
    if (volume.drive.role != storage::DriveRole::card) return;
    constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    UniqueFd system(::openat(root, snapshots::root_name.data(), flags));
    if (!system) return;
    list_directory(system.get(), volume, names, sources, result);
    sources.directories.push_back(std::move(system));
}

void list_drives(Context& context, const std::vector<storage::Drive>& drives, storage::DriveRole role,
                 Sources& sources, SearchResult& result) {
    const auto names = medkit_names(context);
    for (const auto& drive : drives) {
        if (drive.role != role) continue;
        ++result.drives;
        context.log.info("looking for medkits on " + drive.describe());
        auto volumes = storage::volumes_of(drive);
        if (!volumes) {
            result.unreadable.push_back(volumes.error().describe());
            continue;
        }
        for (const auto& volume : *volumes) list_volume(volume, names, sources, result);
    }
    for (const auto& message : result.unreadable) context.log.warning(message);
    for (const auto& message : result.not_used) context.log.warning(message);
}

/// All candidates of one class are verified; a lower class only if the higher one has no valid medkit.
auto class_of(const Found& found) {
    return std::tuple(found.candidate.for_other_contract ? 1 : 0, -static_cast<int>(found.candidate.trust));
}

void verify_one(Found& found, const medkit::VerifyRules& rules, Log& log, const ByteProgress& progress) {
    log.info("checking " + found.candidate.place + ": " + medkit::printable_name(found.files.archive));
    auto verified = medkit::verify_medkit(found.directory, found.files, rules, progress);
    if (!verified) {
        found.candidate = after_rejection(std::move(found.candidate), verified.error());
        return;
    }
    found.candidate = after_verification(std::move(found.candidate), *verified);
    found.verified = std::move(*verified);
}

/// Verifies class by class until one has a valid medkit. Returns the number of verified ones, which come
/// first in `found`.
std::size_t verify_best_class(std::span<Found> found, const medkit::VerifyRules& rules, Log& log,
                              const ByteProgress& progress) {
    std::ranges::stable_sort(found, {}, class_of);
    Bytes before;
    const auto shifted = [&](Bytes done, Bytes total) { progress(before + done, before + total); };
    bool have_valid = false;
    std::size_t verified_count = 0;
    for (auto current = std::optional<decltype(class_of(found.front()))>{}; auto& each : found) {
        if (have_valid && current != class_of(each)) break;
        current = class_of(each);
        verify_one(each, rules, log, shifted);
        have_valid = have_valid || each.candidate.valid;
        if (each.verified) before += each.verified->base.summary.packed;
        ++verified_count;
    }
    return verified_count;
}

}  // namespace

medkit::NamePattern medkit_names(const Context& context) {
    return {.variant = context.variant.value_or(boot::medkit_variant(context.environment.get("contract"))),
            .board = context.board.medkit_prefix};
}

Expected<SearchResult> search_medkits(Context& context, storage::DriveRole role,
                                      const medkit::VerifyRules& rules, const ByteProgress& progress) {
    auto drives = TRY(context.drives.plugged_in());
    SearchResult result;
    Sources sources;
    list_drives(context, drives, role, sources, result);

    TRY(fail_if_stopped());
    const auto verified_count = verify_best_class(sources.found, rules, context.log, progress);
    for (const auto& found : std::span(sources.found).first(verified_count))
        result.candidates.push_back(found.candidate);
    TRY(fail_if_stopped());
    for (const auto& line : medkit::explain_choice(result.candidates)) context.log.info(line);

    if (const auto best = medkit::choose(result.candidates)) {
        auto& found = sources.found[*best];
        UniqueFd directory(::fcntl(found.directory, F_DUPFD_CLOEXEC, 0));
        if (!directory) return fail_errno(ErrorKind::internal, found.candidate.place);
        result.chosen.emplace(ChosenMedkit{std::move(sources.mounts[found.source]), std::move(directory),
                                           std::move(*found.verified), std::move(found.candidate)});
    }
    return result;
}

Error no_medkit_error(const std::vector<SearchResult>& searches, const medkit::NamePattern& names) {
    std::vector<std::string> rejections;
    std::vector<std::string> unreadable;
    std::vector<std::string> not_used;
    std::size_t drives = 0;
    for (const auto& search : searches) {
        drives += search.drives;
        for (const auto& candidate : search.candidates)
            rejections.push_back(candidate.place + ": " + candidate.rejection);
        unreadable.insert(unreadable.end(), search.unreadable.begin(), search.unreadable.end());
        not_used.insert(not_used.end(), search.not_used.begin(), search.not_used.end());
    }
    const auto unused_files = not_used.empty() ? std::string() : ". " + joined(not_used, "; ");
    if (rejections.size() == 1) return {ErrorKind::medkit, rejections.front() + unused_files};
    if (!rejections.empty())
        return {ErrorKind::medkit, "none of " + std::to_string(rejections.size()) +
                                       " medkits can be used: " + joined(rejections, "; ") + unused_files};
    std::string text = drives == 0 ? "no USB drive and no card found" : "no medkit found";
    if (!unreadable.empty()) text += " (" + joined(unreadable, "; ") + ")";
    return {ErrorKind::medkit, text + unused_files,
            Hint{"put " + latest_name(names) + " into the root directory of a USB drive"}};
}

}  // namespace mox::update
