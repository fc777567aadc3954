#pragma once

#include <optional>
#include <vector>

#include "base/error.hpp"
#include "cli/schnapps/remote/remote_call.hpp"
#include "cli/schnapps/session.hpp"
#include "medkit/piece_compressor.hpp"
#include "remote/upload.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/top_level.hpp"

namespace mox::cli::schnapps {

/// What to upload.
struct UploadSource {
    std::optional<snapshots::Number> number{};  ///< nullopt: the current system
    std::string id{};  ///< UUID of the snapshot's subvolume; empty: the current system
    remote::UploadedBy by = remote::UploadedBy::user;
    medkit::CompressionLevel level{};
};

/// Packs a snapshot, or the current system, and uploads it while it is packed. Prints what the archive does
/// not contain. Errors in the outer value: of the card, before anything was sent.
[[nodiscard]] Expected<remote::Result<remote::Uploaded>> upload_snapshot(const UploadSource& source,
                                                                         const snapshots::TopLevel& top,
                                                                         const remote::SystemId& system,
                                                                         RemoteCall& call,
                                                                         const Session& session);

}  // namespace mox::cli::schnapps
