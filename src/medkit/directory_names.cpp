#include "medkit/directory_names.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <string_view>
#include <tuple>

namespace mox::medkit {

namespace {

constexpr std::string_view extra_suffix = "-extra";
constexpr std::string_view rescue_suffix = "-rescue";
constexpr std::string_view archive_ending = ".tar.gz";

/// As it is published.
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

/// "X" of "X-1", which Safari makes of a second X; nothing when there is no such end.
std::string without_counter(const std::string& stem) {
    const bool counted =
        stem.size() > 2 && stem[stem.size() - 2] == '-' && stem.back() >= '1' && stem.back() <= '9';
    return counted ? stem.substr(0, stem.size() - 2) : std::string();
}

/// A signature named after the archive as it was before a browser unpacked or shortened its name.
bool endings_fit(const FileName& name, Ending wanted) {
    if (name.ending == wanted) return true;
    if (name.companion == Companion::none) return false;
    return name.ending == Ending::none || (wanted == Ending::archive && name.ending == Ending::unpacked);
}

/// The stem of a name without ending, in the letters in which it is written.
std::string stem_in_its_letters(const std::string& archive, std::string_view ending) {
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
    // Names of other kinds are not known well enough to guess.
    if (name.ending == Ending::none) return std::nullopt;
    return find_altered(
        {.stem = name.stem, .ending = name.ending, .companion = companion, .mark = name.mark});
}

std::optional<std::string> DirectoryNames::find_extra(const std::string& archive) const {
    const auto stem = stem_in_its_letters(archive, archive_ending);
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
    const auto stem = stem_in_its_letters(archive, archive_ending);
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

}  // namespace mox::medkit
