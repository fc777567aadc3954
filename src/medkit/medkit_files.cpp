#include "medkit/medkit_files.hpp"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <set>
#include <utility>

#include "base/unique_fd.hpp"

namespace mox::medkit {

namespace {

constexpr std::string_view archive_suffix = ".tar.gz";
constexpr std::string_view extra_suffix = "-extra.tar.gz";
constexpr std::string_view contract_prefix = "-contract-";

// Not std::tolower: names must not read differently in another locale.
constexpr char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](char letter) { return lower(letter); });
    return result;
}

constexpr bool is_word_character(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_';
}

bool remove_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

/// What follows `mox-medkit` and the variant; the variant must end there, else it is another contract's.
MedkitName read_rest(std::string_view rest, std::string_view variant) {
    if (variant.empty())
        return rest.starts_with(contract_prefix) ? MedkitName::for_other_contract : MedkitName::medkit;
    const bool goes_on = !rest.empty() && is_word_character(rest.front());
    return goes_on ? MedkitName::for_other_contract : MedkitName::medkit;
}

std::string base_of_extra(std::string_view extra) {
    const auto stem = extra.substr(0, extra.size() - extra_suffix.size());
    return std::string(stem) + std::string(extra.substr(extra.size() - archive_suffix.size()));
}

bool is_extra_name(std::string_view name) {
    return lower(name).ends_with(extra_suffix);
}

/// The names of one directory, found by exact name first, then by the same name in other letters.
class Names {
public:
    explicit Names(std::vector<std::string> names) : exact_(names.begin(), names.end()) {
        for (auto& name : exact_) by_lower_.emplace(lower(name), name);
    }

    [[nodiscard]] const std::set<std::string>& all() const { return exact_; }

    [[nodiscard]] std::optional<std::string> find(const std::string& name) const {
        if (exact_.contains(name)) return name;
        const auto same_letters = by_lower_.lower_bound({lower(name), {}});
        if (same_letters == by_lower_.end() || same_letters->first != lower(name)) return std::nullopt;
        return same_letters->second;
    }

private:
    std::set<std::string> exact_;
    std::set<std::pair<std::string, std::string>> by_lower_;
};

std::optional<std::string> find_extra(const Names& names, std::string_view archive) {
    if (!lower(archive).ends_with(archive_suffix)) return std::nullopt;
    const auto stem = archive.substr(0, archive.size() - archive_suffix.size());
    const auto suffix = archive.substr(archive.size() - archive_suffix.size());
    return names.find(std::string(stem) + "-extra" + std::string(suffix));
}

/// An extra archive goes with its base; it is no medkit of its own. The extra of an extra is not known.
bool belongs_to_a_base(const Names& names, std::string_view archive) {
    if (!is_extra_name(archive)) return false;
    const auto base = names.find(base_of_extra(archive));
    return base && !belongs_to_a_base(names, *base);
}

MedkitFiles group_one(const Names& names, const std::string& archive) {
    MedkitFiles files;
    files.archive = archive;
    files.signature = names.find(archive + ".sig");
    files.sha256 = names.find(archive + ".sha256");
    files.md5 = names.find(archive + ".md5");
    files.extra = find_extra(names, archive);
    if (!files.extra) return files;
    files.extra_signature = names.find(*files.extra + ".sig");
    files.extra_sha256 = names.find(*files.extra + ".sha256");
    files.extra_md5 = names.find(*files.extra + ".md5");
    return files;
}

/// Length of the UTF-8 character at the start of `text`; 0 when there is none that may be shown.
std::size_t shown_length(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    if (first < 0x20 || first == 0x7f) return 0;
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
    for (const char next : text.substr(1, length - 1))
        if ((static_cast<unsigned char>(next) & 0xc0) != 0x80) return 0;
    const auto second = static_cast<unsigned char>(text[1]);
    const bool control = first == 0xc2 && second < 0xa0;  // C1: some terminals obey them
    const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
    const bool surrogate = first == 0xed && second >= 0xa0;
    const bool too_large = first == 0xf4 && second >= 0x90;
    return control || overlong || surrogate || too_large ? 0 : length;
}

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

Expected<std::vector<std::string>> names_in(int directory) {
    // A descriptor of its own: the caller's keeps its reading position.
    UniqueFd own(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!own) return fail_errno(ErrorKind::medkit, "cannot open the root directory");
    const std::unique_ptr<DIR, CloseDirectory> open(::fdopendir(own.get()));
    if (!open) return fail_errno(ErrorKind::medkit, "cannot list the root directory");
    (void)own.release();

    std::vector<std::string> names;
    for (;;) {
        errno = 0;
        const dirent* entry = ::readdir(open.get());
        if (entry == nullptr) break;
        names.emplace_back(entry->d_name);
    }
    if (errno != 0) return fail_errno(ErrorKind::medkit, "cannot list the root directory");
    return names;
}

}  // namespace

MedkitName read_name(std::string_view name, std::string_view variant) {
    const auto small = lower(name);
    const auto small_variant = lower(variant);
    std::string_view rest = small;
    if (!rest.ends_with(archive_suffix)) return MedkitName::none;
    rest.remove_suffix(archive_suffix.size());

    if (remove_prefix(rest, "mox-medkit") && remove_prefix(rest, small_variant))
        return read_rest(rest, small_variant);

    rest = small;
    rest.remove_suffix(archive_suffix.size());
    if (!remove_prefix(rest, "medkit-mox") || !remove_prefix(rest, small_variant)) return MedkitName::none;
    if (!rest.empty() && rest.front() != '-') return MedkitName::none;
    return read_rest(rest, small_variant);
}

std::vector<MedkitFiles> group_medkits(std::vector<std::string> names, std::string_view variant) {
    const Names known(std::move(names));
    std::vector<MedkitFiles> medkits;
    for (const auto& name : known.all()) {
        const auto reading = read_name(name, variant);
        if (reading == MedkitName::none || belongs_to_a_base(known, name)) continue;
        medkits.push_back(group_one(known, name));
        medkits.back().for_other_contract = reading == MedkitName::for_other_contract;
    }
    return medkits;
}

Expected<std::vector<MedkitFiles>> find_medkits(int directory, std::string_view variant) {
    auto names = names_in(directory);
    if (!names) return pass_on(names);
    return group_medkits(std::move(*names), variant);
}

Expected<MedkitFiles> find_beside(int directory, const std::string& archive) {
    auto names = names_in(directory);
    if (!names) return pass_on(names);
    return group_one(Names(std::move(*names)), archive);
}

std::string shown_name(std::string_view name) {
    std::string shown;
    while (!name.empty()) {
        const auto length = shown_length(name);
        if (length == 0) {
            shown += '?';
            name.remove_prefix(1);
        } else {
            shown += name.substr(0, length);
            name.remove_prefix(length);
        }
    }
    return shown;
}

}  // namespace mox::medkit
