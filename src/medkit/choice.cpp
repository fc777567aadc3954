#include "medkit/choice.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <tuple>
#include <utility>

#include "base/text.hpp"

namespace mox::medkit {

namespace {

/// The rules of is_better, in their order; `none`: all are equal.
enum class Rule { none, valid, contract, drive, trust, version, built, name };

struct Comparison {
    Rule rule = Rule::none;                                     ///< the one that decides
    std::weak_ordering order = std::weak_ordering::equivalent;  ///< less: the left one goes first
};

std::weak_ordering newer_first(std::weak_ordering age) {
    return 0 <=> age;
}

Comparison compare(const Candidate& left, const Candidate& right) {
    const std::array<Comparison, 7> rules{{
        {Rule::valid, right.valid <=> left.valid},
        {Rule::contract, left.for_other_contract <=> right.for_other_contract},
        {Rule::drive, (left.drive == storage::DriveRole::card) <=> (right.drive == storage::DriveRole::card)},
        {Rule::trust, right.trust <=> left.trust},
        {Rule::version, newer_first(compare_versions(left.version, right.version))},
        {Rule::built, right.built <=> left.built},
        {Rule::name, left.altered_name <=> right.altered_name},
    }};
    const auto deciding = std::ranges::find_if(rules, [](const auto& rule) { return rule.order != 0; });
    return deciding == rules.end() ? Comparison{} : *deciding;
}

std::string_view text_for(TrustLevel trust) {
    switch (trust) {
        case TrustLevel::unverified:
            return "not verified";
        case TrustLevel::checksummed:
            return "checksum";
        case TrustLevel::signed_by_trusted_key:
            return "signed";
    }
    std::unreachable();
}

std::string version_of(const Candidate& candidate) {
    return candidate.version.empty() ? "no version" : "version " + printable_name(candidate.version);
}

std::string date_of(const Candidate& candidate) {
    if (!candidate.built) return "of unknown date";
    const auto day = std::chrono::floor<std::chrono::days>(*candidate.built);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(*candidate.built - day);
    std::array<char, 48> text{};
    const int length = std::snprintf(
        text.data(), text.size(), "of %04d-%02u-%02u %02ld:%02ld UTC", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<long>(time.hours().count()), static_cast<long>(time.minutes().count()));
    return {text.data(), static_cast<std::size_t>(length)};
}

/// Why `other` was not taken. Precondition: `taken` is better or equal.
std::string reason_not_taken(const Candidate& other, const Candidate& taken) {
    switch (compare(taken, other).rule) {
        case Rule::none:
            return "another one just as good was found before it";
        case Rule::valid:
            return other.rejection.empty() ? "rejected" : "rejected: " + other.rejection;
        case Rule::contract:
            return "made for routers under another contract";
        case Rule::drive:
            return "it is on the card, and a USB drive goes first";
        case Rule::trust:
            return std::string(text_for(other.trust)) + ", the other one has a higher trust level (" +
                   std::string(text_for(taken.trust)) + ")";
        case Rule::version:
            return version_of(other) + ", the other one is newer (" + version_of(taken) + ")";
        case Rule::built:
            return date_of(other) + ", the other one is newer (" + date_of(taken) + ")";
        case Rule::name:
            return "it is as good, but its name was changed, and the other one's was not";
    }
    std::unreachable();
}

std::string place_and_name(const Candidate& candidate) {
    return (candidate.place.empty() ? "" : candidate.place + ": ") + printable_name(candidate.name) + ": ";
}

constexpr bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

constexpr bool is_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

/// One part of a version. A word is older than the end, which is older than a number.
struct VersionPart {
    enum class Kind { word, end, number };

    Kind kind = Kind::end;
    std::size_t length = 0;  ///< of a number, without leading zeros: more digits mean a larger number
    std::string text;

    auto operator<=>(const VersionPart&) const = default;
};

VersionPart take_part(std::string_view& rest) {
    while (!rest.empty() && !is_digit(rest.front()) && !is_letter(rest.front())) rest.remove_prefix(1);
    if (rest.empty()) return {};
    const bool number = is_digit(rest.front());
    const auto end = std::ranges::find_if_not(rest, number ? is_digit : is_letter);
    const auto length = static_cast<std::size_t>(end - rest.begin());
    std::string text(rest.substr(0, length));
    rest.remove_prefix(length);
    if (number) {
        text.erase(0, std::min(text.find_first_not_of('0'), text.size()));
        return {VersionPart::Kind::number, text.size(), text};
    }
    for (char& letter : text)
        if (letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    return {VersionPart::Kind::word, 0, text};
}

std::optional<unsigned> number_at(std::string_view digits, std::size_t from, std::size_t count) {
    return whole_number<unsigned>(digits.substr(from, count));
}

/// "20261122" or "202611221524".
std::optional<std::chrono::sys_seconds> read_date(std::string_view digits) {
    using namespace std::chrono;
    if (digits.size() != 8 && digits.size() != 12) return std::nullopt;
    const bool with_time = digits.size() == 12;
    const auto years = number_at(digits, 0, 4);
    const auto months = number_at(digits, 4, 2);
    const auto days_in_month = number_at(digits, 6, 2);
    const auto hour = with_time ? number_at(digits, 8, 2) : 0;
    const auto minute = with_time ? number_at(digits, 10, 2) : 0;
    if (!years || !months || !days_in_month || !hour || !minute) return std::nullopt;
    const year_month_day date{year{static_cast<int>(*years)}, month{*months}, day{*days_in_month}};
    if (*years < 1970 || !date.ok() || *hour > 23 || *minute > 59) return std::nullopt;
    return sys_days{date} + hours{*hour} + minutes{*minute};
}

TrustLevel trust_by_names(const MedkitFiles& files) {
    const auto of_one = [](bool signature, bool checksum) {
        if (signature) return TrustLevel::signed_by_trusted_key;
        return checksum ? TrustLevel::checksummed : TrustLevel::unverified;
    };
    const auto base = of_one(files.signature.has_value(), files.sha256 || files.md5);
    if (!files.extra) return base;
    return std::min(base, of_one(files.extra_signature.has_value(), files.extra_sha256 || files.extra_md5));
}

}  // namespace

Candidate candidate_before_verification(const MedkitFiles& files, storage::DriveRole drive,
                                        std::string place) {
    return {.name = files.archive,
            .drive = drive,
            .valid = true,
            .trust = trust_by_names(files),
            .version = {},
            .built = date_in_name(files.archive),
            .place = std::move(place),
            .rejection = {},
            .rejected_as = ErrorKind::medkit,
            .for_other_contract = files.for_other_contract,
            .altered_name = files.altered_name};
}

Candidate after_verification(Candidate candidate, const VerifiedMedkit& verified) {
    candidate.valid = true;
    candidate.trust = verified.trust;
    candidate.version = verified.base.summary.version;
    candidate.built = std::chrono::sys_seconds{std::chrono::seconds{verified.base.summary.newest_mtime}};
    return candidate;
}

Candidate after_rejection(Candidate candidate, const Error& reason) {
    candidate.valid = false;
    candidate.rejection = reason.describe();
    candidate.rejected_as = reason.kind();
    return candidate;
}

bool is_better(const Candidate& left, const Candidate& right) {
    return compare(left, right).order < 0;
}

std::optional<std::size_t> choose(std::span<const Candidate> candidates) {
    const auto best = std::ranges::min_element(candidates, is_better);
    if (best == candidates.end() || !best->valid) return std::nullopt;
    return static_cast<std::size_t>(best - candidates.begin());
}

std::vector<std::string> explain_choice(std::span<const Candidate> candidates) {
    const auto chosen = choose(candidates);
    std::vector<std::string> lines;
    for (const auto& candidate : candidates) {
        auto line = place_and_name(candidate);
        if (!candidate.valid)
            line += candidate.rejection.empty() ? "rejected" : "rejected: " + candidate.rejection;
        else if (&candidate == &candidates[*chosen])
            line += "taken (" + std::string(text_for(candidate.trust)) + ", " + version_of(candidate) + ", " +
                    date_of(candidate) + ")";
        else
            line += "not taken: " + reason_not_taken(candidate, candidates[*chosen]);
        lines.push_back(std::move(line));
    }
    return lines;
}

std::weak_ordering compare_versions(std::string_view left, std::string_view right) {
    if (left.empty() || right.empty()) return !left.empty() <=> !right.empty();
    for (;;) {
        const auto left_part = take_part(left);
        const auto right_part = take_part(right);
        if (const auto order = left_part <=> right_part; order != 0) return order;
        if (left_part.kind == VersionPart::Kind::end) return std::weak_ordering::equivalent;
    }
}

std::optional<std::chrono::sys_seconds> date_in_name(std::string_view name) {
    while (!name.empty()) {
        const auto start = std::ranges::find_if(name, is_digit);
        name.remove_prefix(static_cast<std::size_t>(start - name.begin()));
        const auto end = std::ranges::find_if_not(name, is_digit);
        const auto digits = name.substr(0, static_cast<std::size_t>(end - name.begin()));
        if (const auto date = read_date(digits)) return date;
        name.remove_prefix(digits.size());
    }
    return std::nullopt;
}

}  // namespace mox::medkit
