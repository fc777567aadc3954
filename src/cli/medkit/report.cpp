#include "cli/medkit/report.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "base/units.hpp"
#include "medkit/digest.hpp"
#include "medkit/keys.hpp"

namespace mox::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& json) {
    // Names on a drive may not be UTF-8, but JSON must be.
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string line(std::string_view label, std::string_view value) {
    constexpr std::size_t width = 14;
    const auto padding = label.size() + 1 < width ? width - label.size() - 1 : 1;
    return std::string(label) + ":" + std::string(padding, ' ') + std::string(value) + "\n";
}

std::string utc(std::int64_t seconds_since_1970) {
    const std::chrono::sys_seconds instant{std::chrono::seconds{seconds_since_1970}};
    const auto day = std::chrono::floor<std::chrono::days>(instant);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(instant - day);
    std::array<char, 64> text{};
    static_cast<void>(
        std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02ld:%02ld:%02ldZ",
                      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                      static_cast<unsigned>(date.day()), static_cast<long>(time.hours().count()),
                      static_cast<long>(time.minutes().count()), static_cast<long>(time.seconds().count())));
    return text.data();
}

std::string sizes(const medkit::ArchiveSummary& summary) {
    return to_text(summary.packed) + " packed, " + to_text(summary.unpacked) + " unpacked, " +
           std::to_string(summary.entries) + " members";
}

void add_summary(Json& json, const medkit::ArchiveSummary& summary) {
    json["version"] = summary.version;
    json["newest"] = utc(summary.newest_mtime);
    json["packed"] = summary.packed.count;
    json["unpacked"] = summary.unpacked.count;
    json["entries"] = summary.entries;
    json["sha256"] = medkit::to_hex(summary.sha256);
}

std::string_view name_of(medkit::TrustLevel trust) {
    switch (trust) {
        case medkit::TrustLevel::unverified:
            return "bare";
        case medkit::TrustLevel::checksummed:
            return "hashed";
        case medkit::TrustLevel::signed_by_trusted_key:
            return "signed";
    }
    std::unreachable();
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : std::string(between)) + word;
    return text;
}

/// Warnings about a valid archive.
std::vector<std::string> warnings_of(const medkit::ArchiveSummary& summary) {
    auto warnings = medkit::describe_followed_links(summary);
    auto left_out = summary.left_out.describe();
    if (!left_out.empty()) warnings.push_back("warning: " + std::move(left_out));
    return warnings;
}

std::string warning_lines(const medkit::ArchiveSummary& summary) {
    std::string text;
    for (const auto& warning : warnings_of(summary)) text += line("note", warning);
    return text;
}

std::vector<std::string> names_beside(const medkit::MedkitFiles& files) {
    std::vector<std::string> names;
    for (const auto* name : {&files.signature, &files.sha256, &files.md5, &files.extra,
                             &files.extra_signature, &files.extra_sha256, &files.extra_md5})
        if (*name) names.push_back(medkit::printable_name(**name));
    return names;
}

/// What was checked about one archive, e.g. "signature by key dcb20e535c62dd5b, SHA-256".
std::string what_was_checked(const medkit::VerifiedArchive& archive) {
    std::vector<std::string> checks;
    if (archive.signer) checks.push_back("signature by key " + medkit::to_text(*archive.signer));
    if (archive.sha256_matched) checks.emplace_back("SHA-256");
    if (archive.md5_matched) checks.emplace_back("MD5");
    return checks.empty() ? "no signature and no checksum file" : joined(checks, ", ");
}

Json json_of(const medkit::VerifiedArchive& archive) {
    Json json;
    json["name"] = archive.name;
    add_summary(json, archive.summary);
    json["notes"] = warnings_of(archive.summary);
    json["checked"] = {{"sha256", archive.sha256_matched}, {"md5", archive.md5_matched}};
    json["signer"] = archive.signer ? Json(medkit::to_text(*archive.signer)) : Json(nullptr);
    return json;
}

Json json_of(const medkit::VerifiedMedkit& medkit) {
    Json json = json_of(medkit.base);
    json["trust"] = name_of(medkit.trust);
    json["extra"] = medkit.extra ? json_of(*medkit.extra) : Json(nullptr);
    return json;
}

/// docs/user.md, "Choose the mode", in short.
constexpr std::string_view mode_4_instructions =
    "To start mode 4, plug the stick into the router's USB port, unplug the power adapter, and keep the "
    "button\npressed while you plug it in again, until the LED has been lit for a second and goes off.\n"
    "After half a minute the LED blinks once: then press the button briefly until it blinks four times, and "
    "do\nnothing more.\n"
    "Mode 4 begins by itself, ERASES THE CARD and puts the new system onto it; leave the stick in until the "
    "router\nhas restarted.\n";

}  // namespace

std::string report(const Inspection& inspection) {
    const auto& summary = inspection.summary;
    std::string text = line("medkit", medkit::printable_name(inspection.files.archive));
    text += line("version", summary.version.empty() ? "none (no etc/turris-version)" : summary.version);
    text += line("newest member", utc(summary.newest_mtime));
    text += line("size", sizes(summary));
    text += line("SHA-256", medkit::to_hex(summary.sha256));
    text += warning_lines(summary);
    for (const auto& boot_file : inspection.boot_files)
        text +=
            line("boot file", boot_file.found.empty() ? "MISSING: " + joined(boot_file.alternatives, " or ")
                                                      : boot_file.found);
    const auto beside = names_beside(inspection.files);
    text += line("beside it", beside.empty() ? "nothing" : joined(beside, ", "));
    if (!inspection.signature.empty()) text += line("signature", inspection.signature + " (not checked)");
    return text;
}

std::string report_json(const Inspection& inspection) {
    Json json;
    json["name"] = inspection.files.archive;
    add_summary(json, inspection.summary);
    json["notes"] = warnings_of(inspection.summary);
    json["boot_files"] = Json::array();
    for (const auto& boot_file : inspection.boot_files)
        json["boot_files"].push_back(
            {{"one_of", boot_file.alternatives},
             {"found", boot_file.found.empty() ? Json(nullptr) : Json(boot_file.found)}});
    json["beside"] = names_beside(inspection.files);
    json["signature"] = inspection.signature.empty() ? Json(nullptr) : Json(inspection.signature);
    return text_of(json);
}

std::string report(const medkit::VerifiedMedkit& medkit) {
    const auto& base = medkit.base;
    std::string text = line("medkit", medkit::printable_name(base.name));
    text += line("version", base.summary.version.empty() ? "none" : base.summary.version);
    text += line("size", sizes(base.summary));
    text += line("checked", what_was_checked(base));
    text += warning_lines(base.summary);
    if (medkit.extra) {
        text += line("extra", medkit::printable_name(medkit.extra->name));
        text += line("size", sizes(medkit.extra->summary));
        text += line("checked", what_was_checked(*medkit.extra));
        text += warning_lines(medkit.extra->summary);
    }
    return text +
           (medkit.trust == medkit::TrustLevel::unverified
                ? "The archive is in order, but NOT VERIFIED: it has no signature and no checksum file.\n"
                : "The medkit is in order.\n");
}

std::string report_json(const medkit::VerifiedMedkit& medkit) {
    return text_of(json_of(medkit));
}

std::string short_report(const medkit::VerifiedMedkit& medkit) {
    auto text = medkit::printable_name(medkit.base.name);
    if (!medkit.base.summary.version.empty()) text += ", version " + medkit.base.summary.version;
    text += ", " + to_text(medkit.base.summary.packed);
    if (!medkit.signer.empty()) return text + ", signed by key " + medkit.signer;
    return text + (medkit.trust == medkit::TrustLevel::unverified ? ", NOT VERIFIED" : ", with a checksum");
}

std::string report(const update::FetchedMedkit& fetched) {
    return line("file", fetched.archive.native() + (fetched.was_there ? " (was here already)" : "")) +
           report(fetched.verified);
}

std::string report_json(const update::FetchedMedkit& fetched, const std::string& url) {
    Json json;
    json["url"] = url;
    json["file"] = fetched.archive.native();
    json["was_there"] = fetched.was_there;
    json["continued_from"] = fetched.continued_from.count;
    json["medkit"] = json_of(fetched.verified);
    return text_of(json);
}

std::string report(const FilledStick& stick, const medkit::VerifiedMedkit& medkit) {
    auto text = line("stick", stick.target + (stick.formatted ? ", formatted" : ""));
    for (const auto& file : stick.files)
        text += line("written", medkit::printable_name(file.name) + ", " + to_text(file.size));
    text += line("checked", what_was_checked(medkit.base)) +
            "The copies were read back and are equal. Pull the stick out" +
            (stick.still_in_use ? " after you have ejected it: another program uses it, too" : "") + ".\n\n";
    return text.append(mode_4_instructions);
}

std::string report_json(const FilledStick& stick, const medkit::VerifiedMedkit& medkit) {
    Json json;
    json["target"] = stick.target;
    json["formatted"] = stick.formatted;
    json["still_in_use"] = stick.still_in_use;
    json["files"] = Json::array();
    for (const auto& file : stick.files)
        json["files"].push_back(
            {{"name", file.name}, {"size", file.size.count}, {"sha256", medkit::to_hex(file.sha256)}});
    json["medkit"] = json_of(medkit);
    return text_of(json);
}

std::string report(const medkit::PackedMedkit& packed, const std::filesystem::path& directory) {
    std::string text;
    for (const auto& file : packed.files) text += line("written", file.native());
    text += line("size", to_text(packed.packed) + " packed, " + to_text(packed.unpacked) + " unpacked, " +
                             std::to_string(packed.entries) + " members");
    text += line("SHA-256", medkit::to_hex(packed.sha256));
    text += line("signed", packed.signer ? "by key " + medkit::to_text(*packed.signer) : "no");
    for (const auto& name : packed.left_out) text += line("left out", name + " (a socket)");
    const auto attributes = packed.left_out_attributes.describe();
    if (!attributes.empty()) text += line("warning", attributes);
    for (const auto& refusal : medkit::describe_refusals(packed.missing)) text += line("warning", refusal);
    if (!packed.missing.empty())
        text += line("hint", "put what is missing into " + directory.native() + " and pack it again");
    return text;
}

std::string report_json(const medkit::PackedMedkit& packed) {
    Json json;
    json["files"] = Json::array();
    for (const auto& file : packed.files) json["files"].push_back(file.native());
    json["packed"] = packed.packed.count;
    json["unpacked"] = packed.unpacked.count;
    json["entries"] = packed.entries;
    json["sha256"] = medkit::to_hex(packed.sha256);
    json["md5"] = medkit::to_hex(packed.md5);
    json["signer"] = packed.signer ? Json(medkit::to_text(*packed.signer)) : Json(nullptr);
    json["left_out"] = packed.left_out;
    json["left_out_attributes"] = packed.left_out_attributes.names();
    json["missing_boot_files"] = medkit::first_names(packed.missing);
    return text_of(json);
}

}  // namespace mox::cli
