#include "update/medkit_installation.hpp"

#include <cerrno>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include "medkit/medkit_files.hpp"
#include "storage/card.hpp"
#include "storage/disk_summary.hpp"
#include "update/card_plan.hpp"
#include "update/clock_sync.hpp"
#include "update/install.hpp"

namespace mox::update {

namespace {

/// Adds the keys in the value of a variable to `trusted`.
void add_trusted_keys(medkit::TrustedKeys& trusted, const std::optional<std::string>& variable,
                      const std::string& source, Log& log) {
    auto words = medkit::parse_key_words(variable.value_or(""));
    // Not shown: a user may have given the secret key.
    if (!words.not_keys.empty())
        log.warning("rescue_keys of the " + source + ": " + std::to_string(words.not_keys.size()) +
                    " of its words are no public keys and are ignored");
    for (const auto& key : words.keys) {
        log.info("key " + medkit::to_text(key.number) + " is trusted too (" + source + ")");
        trusted.more.push_back(key);
    }
}

void log_verification(Log& log, const medkit::VerifiedMedkit& medkit) {
    switch (medkit.trust) {
        case medkit::TrustLevel::signed_by_trusted_key:
            log.info("the medkit is signed by trusted key " + medkit.signer);
            break;
        case medkit::TrustLevel::checksummed:
            log.warning("the medkit is NOT SIGNED; its checksum matches, but its author is unknown");
            break;
        case medkit::TrustLevel::unverified:
            log.warning("the medkit is NOT VERIFIED: no signature and no checksum file was found");
            break;
    }
}

/// The last checks before the first write: how the system is put on the card, and that it fits.
Expected<Installation> prepare(const MedkitToInstall& chosen, storage::Drive card, boot::Mode mode) {
    TRY(storage::require_usable(card));
    auto report = TRY(storage::examine_card(card));
    auto plan = TRY(plan_card(report, space_needed(chosen.medkit), storage::capacity_after_format(card)),
                    card.describe() + ": " + chosen.place + ": " + chosen.name);
    return Installation{.medkit = chosen.medkit,
                        .card = std::move(card),
                        .report = std::move(report),
                        .plan = std::move(plan),
                        .mode = mode};
}

std::chrono::sys_seconds newest_file(const medkit::VerifiedMedkit& medkit) {
    return std::chrono::sys_seconds(std::chrono::seconds(medkit.base.summary.newest_mtime));
}

/// Logs differences between the archive and the new system.
void log_differences(Log& log, const medkit::VerifiedArchive& archive) {
    for (const auto& message : medkit::describe_followed_links(archive.summary))
        log.info(archive.name + ": " + message);
    const auto left_out = archive.summary.left_out.describe();
    if (!left_out.empty()) log.warning(archive.name + ": " + left_out);
}

void log_plan(Log& log, const MedkitToInstall& chosen, const Installation& installation) {
    const auto& summary = chosen.medkit.base.summary;
    const auto version = summary.version.empty() ? "of unknown version" : "version " + summary.version;
    log.info("installing " + chosen.name + " (" + version + ", " + std::to_string(summary.entries) +
             " entries, " + to_text(summary.unpacked) + ") on " + installation.card.describe());
    const bool beside = installation.plan.approach == Approach::build_beside;
    log.info(beside ? "the new system is built beside the old one, then switched"
                    : "the card is partitioned and formatted: " + installation.plan.reason);
}

/// "/home/me/mox-medkit-latest.tar.gz, version 9.0, signed by trusted key dcb20e535c62dd5b"
std::string text_about(const MedkitToInstall& chosen) {
    const auto& version = chosen.medkit.base.summary.version;
    auto text = chosen.place + ": " + medkit::printable_name(chosen.name) +
                (version.empty() ? ", of unknown version" : ", version " + medkit::printable_name(version));
    switch (chosen.medkit.trust) {
        case medkit::TrustLevel::signed_by_trusted_key:
            return text + ", signed by trusted key " + chosen.medkit.signer;
        case medkit::TrustLevel::checksummed:
            return text + ", NOT SIGNED (its checksum matches)";
        case medkit::TrustLevel::unverified:
            return text + ", NOT VERIFIED (no signature and no checksum)";
    }
    std::unreachable();
}

/// The user may think for long: afterwards the card must be the one that the question was about.
Expected<void> ask(Context& context, const MedkitToInstall& chosen, const storage::DiskSummary& content) {
    TRY(context.confirm({.card = content.describe(), .medkit = text_about(chosen)}));
    const auto now = TRY(storage::summarize(content.drive));
    if (is_same(content, now)) return {};
    return fail(ErrorKind::card,
                content.drive.describe() + " has changed since the question; now it is " + now.describe(),
                {"nothing was done; start again if it is to be erased"});
}

}  // namespace

medkit::TrustedKeys trusted_keys(const Context& context) {
    constexpr std::string_view variable = "rescue_keys";
    medkit::TrustedKeys trusted{.directory = context.keys};
    add_trusted_keys(trusted, context.environment.get(variable), "boot environment", context.log);
    add_trusted_keys(trusted, context.command_line.value(variable), "kernel command line", context.log);
    return trusted;
}

medkit::VerifyRules installation_rules(const Context& context, const storage::Drive& card) {
    const bool required = context.board.signatures_required;
    return {
        .archive = {.capacity = storage::capacity_after_format(card),
                    .required_files = context.board.boot_files,
                    .written_files = medkit::files_of_the_installation()},
        .keys = trusted_keys(context),
        .signature = required ? medkit::SignatureNeed::required : medkit::SignatureNeed::optional,
    };
}

Expected<medkit::VerifiedMedkit> verify_for_card(int directory, const medkit::MedkitFiles& files,
                                                 const medkit::VerifyRules& rules,
                                                 const ByteProgress& progress) {
    auto verified = medkit::verify_medkit(directory, files, rules, progress);
    if (verified || verified.error().reason() != ENOSPC) return verified;
    return std::unexpected(std::move(verified)
                               .error()
                               .as(ErrorKind::card)
                               .with_context("the card is too small")
                               .replace_hint({"use a larger card, or another medkit"}));
}

Expected<void> install_medkit(Context& context, const MedkitToInstall& chosen, const storage::Drive& card,
                              boot::Mode mode) {
    log_verification(context.log, chosen.medkit);
    log_differences(context.log, chosen.medkit.base);
    if (chosen.medkit.extra) log_differences(context.log, *chosen.medkit.extra);
    auto prepared = TRY(prepare(chosen, card, mode));
    std::optional<Installation> installation(std::move(prepared));
    if (!installation->report.warning.empty()) context.log.warning(installation->report.warning);
    log_plan(context.log, chosen, *installation);
    const auto content = TRY(storage::summarize(card));
    context.log.info("on the card now: " + content.describe());
    if (context.execution == Execution::dry_run) {
        context.log.info("dry run: nothing was written");
        return {};
    }
    if (context.confirm) {
        TRY(ask(context, chosen, content));
        auto again = TRY(prepare(chosen, card, mode));
        installation.emplace(std::move(again));
    }
    TRY(begin_writing(context));
    if (chosen.medkit.trust == medkit::TrustLevel::signed_by_trusted_key)
        advance_clock(context, newest_file(chosen.medkit));
    auto installed = install(context, *installation);
    if (installed) context.progress.finish();
    return installed;
}

}  // namespace mox::update
