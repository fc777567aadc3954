#include "cli/schnapps/archive_input.hpp"

#include <fcntl.h>

#include <utility>

#include "backup/import_snapshot.hpp"
#include "base/file.hpp"
#include "base/unique_fd.hpp"
#include "board/this_board.hpp"
#include "boot/contract.hpp"
#include "boot/flash_partitions.hpp"
#include "boot/uboot_environment.hpp"
#include "cli/schnapps/json.hpp"
#include "console/console_progress.hpp"
#include "medkit/keys.hpp"
#include "update/context.hpp"

namespace mox::cli::schnapps {

namespace {

namespace fs = std::filesystem;
using snapshots::TopLevel;

std::string message_about(const medkit::VerifiedMedkit& medkit) {
    switch (medkit.trust) {
        case medkit::TrustLevel::unverified:
            return "the file is not verified: it has no signature and no checksum file";
        case medkit::TrustLevel::checksummed:
            return "the checksum is right";
        case medkit::TrustLevel::signed_by_trusted_key:
            return "signed by trusted key " + medkit.signer;
    }
    return {};
}

/// Routers under a contract have medkits of their own. An unreadable boot environment counts as no contract.
std::string contract_variant(const board::Description& board) {
    const auto partition = boot::find_flash_partition(board.environment_partition);
    const auto environment = partition ? boot::UbootEnvironment::open(*partition)
                                       : boot::UbootEnvironment::open("/etc/fw_env.config");
    return environment ? boot::medkit_variant(environment->get("contract")) : std::string();
}

/// The latest medkit for this router. Errors: `network`.
Expected<network::Url> latest_medkit() {
    const auto board = TRY(board::this_board("/")).value_or(board::turris_mox());
    auto directory = TRY(network::Url::parse(board.medkit_url));
    return directory.in_directory(
        medkit::latest_name({.variant = contract_variant(board), .board = board.medkit_prefix}));
}

/// Downloads a medkit and its signature or checksums; `address` empty: the latest medkit.
Expected<update::DownloadedMedkit> download(const std::string& address, update::Companions companions,
                                            const Session& session) {
    auto url = TRY(address.empty() ? latest_medkit() : network::Url::parse(address));
    Log log;
    log.add_listener([&](const LogLine& line) { session.print(line.text); });
    console::TerminalBar bar("download");
    return update::download_medkit({.medkit = std::move(url),
                                    .authorities = update::SystemPaths{}.authorities,
                                    .companions = companions},
                                   log, bar.bytes());
}

}  // namespace

Expected<std::string> text_below(int directory, const std::string& path) {
    const UniqueFd file(::openat(directory, path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file) return fail_errno(ErrorKind::internal, path);
    return read_to_end(file.get(), path, ErrorKind::internal, Bytes{64 << 10});
}

/// The files that the router of this machine needs to boot; none for an unknown router; on a PC those of a
/// MOX.
Expected<std::vector<std::vector<std::string>>> boot_files() {
    const auto board = TRY(board::this_board("/"));
    if (board) return board->boot_files;
    const bool is_pc = !std::filesystem::exists("/proc/device-tree/compatible");
    return is_pc ? board::turris_mox().boot_files : std::vector<std::vector<std::string>>();
}

Expected<backup::SourceRules> source_rules(const fs::path& keys, const std::string& password, bool force) {
    auto required = TRY(boot_files());
    return backup::SourceRules{
        .keys = keys, .required_files = std::move(required), .password = password, .force = force};
}

Expected<backup::ArchiveSource> verified(const fs::path& file, const backup::SourceRules& rules,
                                         const TopLevel& top) {
    console::TerminalBar bar("verify");
    return backup::open_source(file, rules, top, bar.bytes());
}

void print_warnings(const backup::ArchiveSource& source, const Session& session) {
    session.print(message_about(source.medkit));
    for (const auto& warning : source.warnings) session.print("warning: " + warning);
}

Expected<std::string> install_as_factory(const std::string& source, update::Companions companions,
                                         const backup::SourceRules& rules, const Session& session) {
    {
        // Before the download, which takes minutes.
        const auto look = TRY(session.open(snapshots::Purpose::read));
        TRY(backup::require_replaceable_factory(look));
    }
    std::optional<update::DownloadedMedkit> downloaded;  // its destructor deletes the files
    fs::path file = source;
    if (source.empty() || source.contains("://")) {
        auto done = TRY(download(source, companions, session));
        downloaded.emplace(std::move(done));
        file =
            fs::path("/proc/self/fd") / std::to_string(downloaded->directory()) / downloaded->files().archive;
    }
    auto top = TRY(session.open(snapshots::Purpose::change));
    auto archive = TRY(verified(file, rules, top));
    print_warnings(archive, session);
    console::TerminalBar bar("update the factory image");
    Change change(session, top);
    TRY(backup::update_factory(archive, [&] { return change.begin(); }, bar.bytes()));
    const auto& version = archive.medkit.base.summary.version;
    session.print("the factory image is now " +
                  (version.empty() ? std::string("of an unknown version") : version));
    return session.json() ? json_of({{"version", version}}) : std::string();
}

}  // namespace mox::cli::schnapps
