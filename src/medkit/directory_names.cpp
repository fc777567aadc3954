#include "medkit/directory_names.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>

#include "medkit/file_name.hpp"

namespace mox::medkit {

namespace {

constexpr std::string_view extra_suffix = "-extra";
constexpr std::string_view rescue_suffix = "-rescue";
constexpr std::string_view archive_ending = ".tar.gz";

/// The ending of a published file.
std::string_view ending_of(Companion companion) {
    switch (companion) {
        case Companion::none:
            return "";
        case Companion::signature:
            return ".sig";
        case Companion::sha256:
            return ".sha256";
        case Companion::md5:
            return ".md5";
    }
    return "";
}

/// "X" for "X-1", the name that Safari gives to a second X; empty when there is no such end.
std::string without_counter(const std::string& stem) {
    const bool counted =
        stem.size() > 2 && stem[stem.size() - 2] == '-' && stem.back() >= '1' && stem.back() <= '9';
    return counted ? stem.substr(0, stem.size() - 2) : std::string();
}

/// Also accepts a signature whose name was made before a browser unpacked the archive or shortened its name.
bool endings_fit(const FileName& name, Ending wanted) {
    if (name.ending == wanted) return true;
    if (name.companion == Companion::none) return false;
    return name.ending == Ending::none || (wanted == Ending::archive && name.ending == Ending::unpacked);
}

/// The name without `ending`, in its original case; empty if it has another ending.
std::string stem_in_original_case(const std::string& archive, std::string_view ending) {
    return lower_case(archive).ends_with(ending) ? archive.substr(0, archive.size() - ending.size())
                                                 : std::string();
}

}  // namespace

DirectoryNames::DirectoryNames(std::vector<std::string> names) : exact_(names.begin(), names.end()) {
    for (const auto& name : exact_) {
        by_lower_.emplace(lower_case(name), name);
        read_.emplace(name, read_file_name(name));
    }
}

std::optional<std::string> DirectoryNames::find_same_letters(const std::string& name) const {
    if (exact_.contains(name)) return name;
    const auto small = lower_case(name);
    const auto found = by_lower_.lower_bound({small, {}});
    if (found == by_lower_.end() || found->first != small) return std::nullopt;
    return found->second;
}

std::optional<std::string> DirectoryNames::find_altered(const Wanted& wanted) const {
    const auto shorter = without_counter(wanted.stem);
    const auto rank = [&](const std::pair<const std::string, FileName>& entry) {
        const auto& [name, file] = entry;
        return std::tuple(file.state == NameState::unfinished, file.stem != wanted.stem,
                          file.ending != wanted.ending, file.mark != wanted.mark, !file.mark.empty());
    };
    const auto fits = [&](const FileName& file) {
        const bool is_complete = file.state == NameState::usable;
        const bool may_be_unfinished =
            file.state == NameState::unfinished && file.companion != Companion::none;
        return (is_complete || may_be_unfinished) && file.companion == wanted.companion &&
               endings_fit(file, wanted.ending) &&
               (file.stem == wanted.stem || (!shorter.empty() && file.stem == shorter));
    };
    const auto* best = static_cast<const std::pair<const std::string, FileName>*>(nullptr);
    for (const auto& entry : read_)
        if (fits(entry.second) && (best == nullptr || rank(entry) < rank(*best))) best = &entry;
    if (best == nullptr) return std::nullopt;
    return best->first;
}

std::optional<std::string> DirectoryNames::find_companion(const std::string& file,
                                                          Companion companion) const {
    if (auto same = find_same_letters(file + std::string(ending_of(companion)))) return same;
    const auto name = read_file_name(file);
    // Altered names of other kinds of files are not known.
    if (name.ending == Ending::none) return std::nullopt;
    return find_altered(
        {.stem = name.stem, .ending = name.ending, .companion = companion, .mark = name.mark});
}

std::optional<std::string> DirectoryNames::find_extra(const std::string& archive) const {
    const auto stem = stem_in_original_case(archive, archive_ending);
    if (!stem.empty())
        if (auto same = find_same_letters(stem + std::string(extra_suffix) + std::string(archive_ending)))
            return same;
    const auto name = read_file_name(archive);
    if (name.ending != Ending::archive) return std::nullopt;
    return find_altered({.stem = name.stem + std::string(extra_suffix),
                         .ending = Ending::archive,
                         .companion = Companion::none,
                         .mark = name.mark});
}

std::optional<std::string> DirectoryNames::find_rescue_image(const std::string& archive) const {
    const auto stem = stem_in_original_case(archive, archive_ending);
    if (!stem.empty())
        if (auto same = find_same_letters(stem + std::string(rescue_suffix) + ".fit.lzma")) return same;
    const auto name = read_file_name(archive);
    return find_altered({.stem = name.stem + std::string(rescue_suffix),
                         .ending = Ending::rescue_image,
                         .companion = Companion::none,
                         .mark = name.mark});
}

bool DirectoryNames::has_base(const std::string& stem) const {
    return std::ranges::any_of(read_, [&](const auto& entry) {
        const auto& [name, file] = entry;
        return file.stem == stem && file.ending == Ending::archive && file.companion == Companion::none &&
               file.state == NameState::usable && !belongs_to_a_base(name);
    });
}

bool DirectoryNames::belongs_to_a_base(const std::string& archive) const {
    const auto name = read_file_name(archive);
    if (name.ending != Ending::archive || !name.stem.ends_with(extra_suffix)) return false;
    return has_base(name.stem.substr(0, name.stem.size() - extra_suffix.size()));
}

MedkitFiles files_beside(const DirectoryNames& names, const std::string& archive) {
    MedkitFiles files;
    files.archive = archive;
    files.altered_name = read_file_name(archive).altered;
    files.signature = names.find_companion(archive, Companion::signature);
    files.sha256 = names.find_companion(archive, Companion::sha256);
    files.md5 = names.find_companion(archive, Companion::md5);
    files.rescue_image = names.find_rescue_image(archive);
    if (files.rescue_image)
        files.rescue_image_signature = names.find_companion(*files.rescue_image, Companion::signature);
    files.extra = names.find_extra(archive);
    if (!files.extra) return files;
    files.extra_signature = names.find_companion(*files.extra, Companion::signature);
    files.extra_sha256 = names.find_companion(*files.extra, Companion::sha256);
    files.extra_md5 = names.find_companion(*files.extra, Companion::md5);
    return files;
}

namespace {

std::set<std::string> used_names(const std::vector<MedkitFiles>& medkits) {
    std::set<std::string> used;
    for (const auto& files : medkits) {
        used.insert(files.archive);
        for (const auto& name :
             {files.signature, files.sha256, files.md5, files.extra, files.extra_signature,
              files.extra_sha256, files.extra_md5, files.rescue_image, files.rescue_image_signature})
            if (name) used.insert(*name);
    }
    return used;
}

/// "mox-me~1.gz" is the short name that FAT stores beside "mox-medkit-latest.tar.gz": six characters, and a
/// number (Microsoft's FAT specification, "Basis-Name Generation").
bool looks_like_a_part(std::string_view small, const NamePattern& pattern) {
    const auto short_name = (pattern.board + "-medkit").substr(0, 6) + "~";
    return small.contains("medkit") || small.contains(short_name) || small.contains("med-kit");
}

bool has_name_for_this_router(std::string_view stem, const NamePattern& pattern) {
    return stem.starts_with(pattern.board + "-medkit") || stem.starts_with("medkit-" + pattern.board);
}

/// An archive that may be a medkit under a name of the user's own: "turris.tar.gz".
bool is_archive(const FileName& file) {
    return file.ending == Ending::archive && file.companion == Companion::none &&
           file.state != NameState::hidden;
}

/// "._X" beside X holds metadata that macOS stores on every drive. X itself is there, so no message is
/// needed.
bool is_macos_metadata(const DirectoryNames& names, const std::string& name) {
    return name.starts_with("._") && names.all().contains(name.substr(2));
}

std::string_view word_for(Companion companion) {
    return companion == Companion::signature ? "signature" : "checksum";
}

std::string explain_hidden(const std::string& name) {
    if (name.starts_with("._"))
        return "looks like a medkit, but holds only metadata of macOS about the file of that name, which is "
               "not here: copy the file itself";
    return "looks like a medkit, but its name begins with a dot: rename it";
}

std::string explain_companion(const FileName& file, bool medkit_is_here) {
    const std::string what(word_for(file.companion));
    if (medkit_is_here) return "is a " + what + " that is not used, because another one takes precedence";
    return "is the " + what + " of a medkit that is not here: copy " + file.stem +
           (file.ending == Ending::rescue_image ? ".fit.lzma" : ".tar.gz") + " as well";
}

std::string explain_archive(const FileName& file, bool medkit_is_here, const NamePattern& pattern) {
    if (!has_name_for_this_router(file.stem, pattern))
        return "looks like a medkit, but its name does not begin with " + pattern.board +
               "-medkit, as those for this router do";
    if (medkit_is_here) return "is not used, because another file takes precedence";
    return "looks like a medkit, but for a router under another contract";
}

std::string explain(const FileName& file, const std::string& name, bool medkit_is_here,
                    const NamePattern& pattern) {
    if (file.state == NameState::hidden) return explain_hidden(name);
    if (file.state == NameState::unfinished)
        return "looks like a medkit, but is an unfinished download: download it again";
    if (file.companion != Companion::none) return explain_companion(file, medkit_is_here);
    switch (file.ending) {
        case Ending::archive:
            return explain_archive(file, medkit_is_here, pattern);
        case Ending::unpacked:
            return "looks like a medkit, but is unpacked (some browsers do that with a .tar.gz): download "
                   "the .tar.gz again, with another browser or as \"save link as\"";
        case Ending::rescue_image:
            return medkit_is_here ? "is not used, because another file takes precedence"
                                  : "is a rescue system without the medkit that it belongs to";
        case Ending::none:
            break;
    }
    return "looks like a medkit, but its name does not end with .tar.gz";
}

/// Whether `file` belongs to one of `medkits` by its stem, also as its extra archive or rescue image.
bool has_medkit(const DirectoryNames& names, const std::vector<MedkitFiles>& medkits, const FileName& file) {
    return std::ranges::any_of(medkits, [&](const MedkitFiles& files) {
        const auto& stem = names.read(files.archive).stem;
        return file.stem == stem || file.stem == stem + "-extra" || file.stem == stem + "-rescue";
    });
}

}  // namespace

std::vector<std::string> explain_unused_names(const DirectoryNames& names,
                                              const std::vector<MedkitFiles>& medkits,
                                              const NamePattern& pattern,
                                              const std::function<bool(const std::string&)>& is_directory) {
    const auto used = used_names(medkits);
    std::vector<std::string> messages;
    for (const auto& name : names.all()) {
        if (used.contains(name) || is_macos_metadata(names, name)) continue;
        const auto& file = names.read(name);
        if (!looks_like_a_part(lower_case(name), pattern)) {
            if (medkits.empty() && is_archive(file) && !is_directory(name))
                messages.push_back(printable_name(name) +
                                   " is not used, because its name does not begin with " + pattern.board +
                                   "-medkit: if it is a medkit, give it back the name that it "
                                   "had on the server");
            continue;
        }
        const bool unfinished = file.state == NameState::unfinished;  // Safari's .download is a directory
        messages.push_back(printable_name(name) + " " +
                           (!unfinished && is_directory(name)
                                ? std::string("looks like a medkit, but is a directory: the file as it was "
                                              "downloaded is needed")
                                : explain(file, name, has_medkit(names, medkits, file), pattern)));
    }
    return messages;
}

}  // namespace mox::medkit
