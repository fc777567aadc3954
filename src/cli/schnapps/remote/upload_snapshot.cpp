#include "cli/schnapps/remote/upload_snapshot.hpp"

#include <utility>

#include "cli/schnapps/archive_input.hpp"
#include "cli/schnapps/export_source.hpp"
#include "console/console_progress.hpp"
#include "snapshots/uuid_text.hpp"
#include "storage/subvolume.hpp"

namespace mox::cli::schnapps {

Expected<remote::Result<remote::Uploaded>> upload_snapshot(const UploadSource& source,
                                                           const snapshots::TopLevel& top,
                                                           const remote::SystemId& system, RemoteCall& call,
                                                           const Session& session) {
    auto rules = TRY(export_rules(session.system_root(top), call.configuration.encryption_password));
    rules.wanted_files = TRY(boot_files());
    rules.level = source.level;
    std::optional<Interruption> interruption;
    const auto tree = TRY(find_export_source(source.number, top, session, interruption));
    // Tells the upload of the current system apart from others of the same second.
    const auto copy = TRY(storage::subvolume_info(top.directory(), tree.tree.name()));
    const remote::UploadOrder order{
        .name = tree.name,
        .archive_ending = rules.password.empty() ? remote::plain_ending : remote::encrypted_ending,
        .info = tree.info,
        .origin = {.system = system, .snapshot = source.id, .number = source.number, .by = source.by},
        .identity = source.id.empty() ? snapshots::to_text(copy.uuid) : source.id};
    console::TerminalBar bar("upload");
    std::optional<backup::Exported> exported;
    const remote::Packing packing = [&](int output) -> Expected<void> {
        auto done = TRY(backup::export_to_stream(tree.tree.root(), output, rules, bar.bytes()));
        exported = std::move(done);
        return {};
    };
    auto uploaded = remote::upload(*call.store, order, packing, call.patience);
    if (uploaded && exported) print_left_out(tree, *exported, session);
    return uploaded;
}

}  // namespace mox::cli::schnapps
