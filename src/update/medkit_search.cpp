#include "update/medkit_search.hpp"

#include <fcntl.h>

#include <algorithm>
#include <filesystem>
#include <span>
#include <system_error>
#include <tuple>
#include <utility>

#include "base/file.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "boot/contract.hpp"
#include "medkit/medkit_files.hpp"
#include "snapshots/snapshot.hpp"
#include "update/medkit_installation.hpp"

namespace mox::update {

namespace {

using medkit::Candidate;
using medkit::VerifiedMedkit;

/// One medkit, its location, and the result of its verification.
struct Found {
    std::optional<std::size_t> source;  ///< index of the mount; nullopt: the user has named it
    int directory = -1;
    medkit::MedkitFiles files;
    Candidate candidate;
    std::optional<VerifiedMedkit> verified;
};

/// Mounts and directories that are open during a search.
struct Sources {
    std::vector<storage::Mount> mounts;
    std::vector<UniqueFd> directories;  ///< `@` of a card, and named ones; closed before the mounts go
    std::vector<Found> found;
};

/// A directory that is searched.
struct Place {
    int directory = -1;
    std::optional<std::size_t> source;  ///< as in Found
    storage::DriveRole role = storage::DriveRole::usb;
    std::string description;  ///< for messages: "USB drive SanDisk (sda1, FAT32)", "/home/me/medkits"
};

void add_found(const Place& place, medkit::MedkitFiles files, Sources& sources) {
    auto candidate = candidate_before_verification(files, place.role, place.description);
    sources.found.push_back({place.source, place.directory, std::move(files), std::move(candidate), {}});
}

void list_directory(const Place& place, const medkit::NamePattern& names, Sources& sources,
                    SearchResult& result) {
    auto listing = medkit::find_medkits(place.directory, names);
    if (!listing) {
        result.unreadable.push_back(place.description + ": " + listing.error().describe());
        return;
    }
    for (const auto& message : listing->not_used)
        result.not_used.push_back(place.description + ": " + message);
    for (auto& files : listing->medkits) add_found(place, std::move(files), sources);
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
    Place place{.directory = root,
                .source = sources.mounts.size() - 1,
                .role = volume.drive.role,
                .description = volume.describe()};
    list_directory(place, names, sources, result);
    if (volume.drive.role != storage::DriveRole::card) return;
    constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    UniqueFd system(::openat(root, snapshots::root_name.data(), flags));
    if (!system) return;
    place.directory = system.get();
    list_directory(place, names, sources, result);
    sources.directories.push_back(std::move(system));
}

/// The file, or the medkits in the directory, that the user has named. A link at its end is followed: the
/// files that belong to the medkit are beside the file itself.
Expected<void> list_named(Context& context, const std::filesystem::path& named, Sources& sources,
                          SearchResult& result) {
    namespace fs = std::filesystem;
    std::error_code failure;
    const auto real = fs::canonical(named, failure);
    if (failure) return fail(ErrorKind::medkit, named.native() + ": " + failure.message());
    const bool is_directory = fs::is_directory(real, failure);
    if (!is_directory && !fs::is_regular_file(real, failure))
        return fail(ErrorKind::medkit, named.native() + " is neither a file nor a directory",
                    {fs::is_block_file(real, failure) ? "search a drive with --drive " + named.native()
                                                      : "name a medkit, or a directory that holds medkits"});
    const auto directory = is_directory ? real : real.parent_path();
    auto open = TRY(open_file(directory, O_RDONLY | O_DIRECTORY, ErrorKind::medkit));
    const Place place{.directory = open.get(), .source = {}, .description = directory.native()};
    sources.directories.push_back(std::move(open));
    ++result.drives;
    if (is_directory) {
        context.log.info("looking for medkits in " + place.description);
        list_directory(place, medkit_names(context), sources, result);
        return {};
    }
    auto files = TRY(medkit::find_beside(place.directory, real.filename().native()), place.description);
    add_found(place, std::move(files), sources);
    return {};
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
}

/// Lists all medkits in the places of `role`.
Expected<void> list_places(Context& context, storage::DriveRole role, Sources& sources,
                           SearchResult& result) {
    const bool is_card = role == storage::DriveRole::card;
    if (!is_card)
        for (const auto& named : context.medkits.paths) TRY(list_named(context, named, sources, result));
    if (is_card || context.medkits.usb_drives) {
        auto drives = TRY(context.drives.plugged_in());
        list_drives(context, drives, role, sources, result);
    }
    for (const auto& message : result.unreadable) context.log.warning(message);
    for (const auto& message : result.not_used) context.log.warning(message);
    return {};
}

/// All candidates of one class are verified; a lower class only if the higher one has no valid medkit.
auto class_of(const Found& found) {
    return std::tuple(found.candidate.for_other_contract ? 1 : 0, -static_cast<int>(found.candidate.trust));
}

void verify_one(Found& found, const medkit::VerifyRules& rules, Log& log, const ByteProgress& progress) {
    log.info("checking " + found.candidate.place + ": " + medkit::printable_name(found.files.archive));
    auto verified = verify_for_card(found.directory, found.files, rules, progress);
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
    SearchResult result;
    Sources sources;
    TRY(list_places(context, role, sources, result));

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
        std::optional<storage::Mount> source;
        if (found.source) source.emplace(std::move(sources.mounts[*found.source]));
        result.chosen.emplace(ChosenMedkit{std::move(source), std::move(directory),
                                           std::move(*found.verified), std::move(found.candidate)});
    }
    return result;
}

namespace {

/// What the searches have found, for the error.
struct Findings {
    std::vector<std::string> rejections;
    std::vector<std::string> unreadable;
    std::vector<std::string> not_used;
    std::size_t drives = 0;
    /// `card`: at least one medkit could be used with a larger card.
    ErrorKind kind = ErrorKind::medkit;
    bool without_keys = false;  ///< a signature could not be checked
};

Findings findings_of(const std::vector<SearchResult>& searches) {
    Findings all;
    for (const auto& search : searches) {
        all.drives += search.drives;
        for (const auto& candidate : search.candidates) {
            all.rejections.push_back(candidate.place + ": " + candidate.rejection);
            if (candidate.rejected_as == ErrorKind::card) all.kind = ErrorKind::card;
            if (candidate.rejected_as == ErrorKind::internal) all.without_keys = true;
        }
        all.unreadable.insert(all.unreadable.end(), search.unreadable.begin(), search.unreadable.end());
        all.not_used.insert(all.not_used.end(), search.not_used.begin(), search.not_used.end());
    }
    return all;
}

}  // namespace

Error no_medkit_error(const Context& context, const std::vector<SearchResult>& searches) {
    const auto [rejections, unreadable, not_used, drives, kind, without_keys] = findings_of(searches);
    const Hint keys_hint{without_keys ? context.medkits.keys_hint : std::string()};
    const auto unused_files = not_used.empty() ? std::string() : ". " + joined(not_used, "; ");
    if (rejections.size() == 1) return {kind, rejections.front() + unused_files, keys_hint};
    if (!rejections.empty())
        return {kind,
                "none of " + std::to_string(rejections.size()) +
                    " medkits can be used: " + joined(rejections, "; ") + unused_files,
                keys_hint};
    std::string text = drives == 0 ? "no USB drive and no card found" : "no medkit found";
    const auto& named = context.medkits.paths;
    if (!named.empty()) text += " in " + joined(named, ", ", [](const auto& path) { return path.native(); });
    if (!unreadable.empty()) text += " (" + joined(unreadable, "; ") + ")";
    const auto& hint = context.medkits.hint;
    return {ErrorKind::medkit, text + unused_files,
            Hint{hint.empty()
                     ? "put " + latest_name(medkit_names(context)) + " into the root directory of a USB drive"
                     : hint}};
}

}  // namespace mox::update
