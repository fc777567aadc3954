#include "medkit/medkit_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/directory.hpp"
#include "base/unique_fd.hpp"
#include "medkit/directory_names.hpp"
#include "medkit/file_name.hpp"

namespace mox::medkit {

namespace {

constexpr std::string_view contract_prefix = "-contract-";

constexpr bool is_word_character(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_';
}

bool remove_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

/// Reads the text after `BOARD-medkit` and the variant; the variant must end there, else it is another
/// contract.
MedkitName read_rest(std::string_view rest, std::string_view variant) {
    if (variant.empty())
        return rest.starts_with(contract_prefix) ? MedkitName::for_other_contract : MedkitName::medkit;
    const bool goes_on = !rest.empty() && is_word_character(rest.front());
    return goes_on ? MedkitName::for_other_contract : MedkitName::medkit;
}

/// Length of the UTF-8 character at the start of `text`; 0 if it is not a printable one.
std::size_t printable_length(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    if (first < 0x20 || first == 0x7f) return 0;
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
    for (const char next : text.substr(1, length - 1))
        if ((static_cast<unsigned char>(next) & 0xc0) != 0x80) return 0;
    const auto second = static_cast<unsigned char>(text[1]);
    const bool control = first == 0xc2 && second < 0xa0;  // C1: some terminals execute them
    const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
    const bool surrogate = first == 0xed && second >= 0xa0;
    const bool too_large = first == 0xf4 && second >= 0x90;
    return control || overlong || surrogate || too_large ? 0 : length;
}

std::vector<MedkitFiles> group(const DirectoryNames& names, const NamePattern& pattern) {
    std::vector<MedkitFiles> medkits;
    for (const auto& name : names.all()) {
        const auto reading = read_name(name, pattern);
        if (reading == MedkitName::none || names.belongs_to_a_base(name)) continue;
        medkits.push_back(files_beside(names, name));
        medkits.back().for_other_contract = reading == MedkitName::for_other_contract;
    }
    std::ranges::stable_partition(medkits, [](const auto& medkit) { return !medkit.altered_name; });
    return medkits;
}

Expected<std::vector<std::string>> names_in(int directory) {
    auto own = open_again(directory);
    if (!own) return fail_errno(ErrorKind::medkit, "cannot open the root directory");
    auto names = names_in_directory(std::move(own));
    if (!names) return fail_errno(ErrorKind::medkit, "cannot list the root directory", names.error());
    return std::move(*names);
}

}  // namespace

std::string latest_name(const NamePattern& pattern) {
    return pattern.board + "-medkit" + pattern.variant + "-latest.tar.gz";
}

MedkitName read_name(std::string_view name, const NamePattern& pattern) {
    const auto file = read_file_name(name);
    const bool is_archive = file.ending == Ending::archive && file.companion == Companion::none;
    if (!is_archive || file.state != NameState::usable) return MedkitName::none;
    const auto small_variant = lower_case(pattern.variant);
    std::string_view rest = file.stem;
    if (remove_prefix(rest, pattern.board + "-medkit") && remove_prefix(rest, small_variant))
        return read_rest(rest, small_variant);

    rest = file.stem;
    if (!remove_prefix(rest, "medkit-" + pattern.board) || !remove_prefix(rest, small_variant))
        return MedkitName::none;
    if (!rest.empty() && rest.front() != '-') return MedkitName::none;
    return read_rest(rest, small_variant);
}

std::vector<MedkitFiles> group_medkits(std::vector<std::string> names, const NamePattern& pattern) {
    return group(DirectoryNames(std::move(names)), pattern);
}

MedkitListing list_medkits(std::vector<std::string> names, const NamePattern& pattern,
                           const std::function<bool(const std::string&)>& is_directory) {
    const DirectoryNames directory(std::move(names));
    MedkitListing listing{.medkits = group(directory, pattern), .not_used = {}};
    listing.not_used = explain_unused_names(directory, listing.medkits, pattern, is_directory);
    return listing;
}

Expected<MedkitListing> find_medkits(int directory, const NamePattern& pattern) {
    auto names = TRY(names_in(directory));
    return list_medkits(std::move(names), pattern, [directory](const std::string& name) {
        struct stat status{};
        return ::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
               S_ISDIR(status.st_mode);
    });
}

Expected<MedkitFiles> find_beside(int directory, const std::string& archive) {
    auto names = TRY(names_in(directory));
    return files_beside(DirectoryNames(std::move(names)), archive);
}

std::string printable_name(std::string_view name) {
    std::string text;
    while (!name.empty()) {
        const auto length = printable_length(name);
        if (length == 0) {
            text += '?';
            name.remove_prefix(1);
        } else {
            text += name.substr(0, length);
            name.remove_prefix(length);
        }
    }
    return text;
}

}  // namespace mox::medkit
