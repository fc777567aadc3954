#include "update/medkit_installation.hpp"

#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include "storage/card.hpp"
#include "update/card_plan.hpp"
#include "update/clock_sync.hpp"
#include "update/install.hpp"

namespace mox::update {

namespace {

/// Adds the keys in the value of a variable to `trusted`.
void add_trusted_keys(medkit::TrustedKeys& trusted, const std::optional<std::string>& variable,
                      const std::string& source, Log& log) {
    auto words = medkit::parse_key_words(variable.value_or(""));
    for (const auto& word : words.not_keys)
        log.warning("rescue_keys of the " + source + ": " + word + " is not a public key and is ignored");
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
    auto report = TRY(storage::examine_card(card));
    auto plan = TRY(plan_card(report, space_needed(chosen.medkit), storage::capacity_after_format(card)),
                    chosen.place + ": " + chosen.name);
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

Expected<void> install_medkit(Context& context, const MedkitToInstall& chosen, const storage::Drive& card,
                              boot::Mode mode) {
    log_verification(context.log, chosen.medkit);
    log_differences(context.log, chosen.medkit.base);
    if (chosen.medkit.extra) log_differences(context.log, *chosen.medkit.extra);
    auto installation = TRY(prepare(chosen, card, mode));
    if (!installation.report.warning.empty()) context.log.warning(installation.report.warning);
    log_plan(context.log, chosen, installation);
    if (context.execution == Execution::dry_run) {
        context.log.info("dry run: nothing was written");
        return {};
    }
    TRY(begin_writing(context));
    if (chosen.medkit.trust == medkit::TrustLevel::signed_by_trusted_key)
        advance_clock(context, newest_file(chosen.medkit));
    auto installed = install(context, installation);
    if (installed) context.progress.finish();
    return installed;
}

}  // namespace mox::update
