#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"
#include "medkit/digest.hpp"
#include "remote/store.hpp"
#include "snapshots/info_file.hpp"
#include "snapshots/snapshot.hpp"

namespace mox::remote {

// The files of a backup NAME in a remote directory: the archive NAME.tar.gz or NAME.tar.gz.gpg, its checksum
// in ARCHIVE.sha256, and NAME.info, which is there only when all is complete. Routers in the field have the
// same names, without the checksum. While a file is uploaded, its name has an ending with the UUID of its
// system's file system (see leftovers.hpp).

inline constexpr std::string_view plain_ending = ".tar.gz";
inline constexpr std::string_view encrypted_ending = ".tar.gz.gpg";
inline constexpr std::string_view info_ending = ".info";
inline constexpr std::string_view sum_ending = ".sha256";

/// Which system a backup comes from. A re-flash gives another identity, even where it keeps the file system,
/// because it makes a new factory snapshot.
struct SystemId {
    std::string file_system{};  ///< UUID of the btrfs, 32 hexadecimal digits
    std::string factory{};      ///< UUID of the subvolume `@factory`; empty: there is none

    bool operator==(const SystemId&) const = default;
};

enum class UploadedBy { user, sync };

/// What the info file of a backup says about its origin, in lines that begin with `BACKUP_`. All empty: a
/// router in the field has written it.
struct Origin {
    SystemId system{};
    std::string snapshot{};  ///< UUID of the snapshot's subvolume; empty: the state of the system at a time
    std::optional<snapshots::Number> number{};
    UploadedBy by = UploadedBy::user;
    std::optional<Bytes> size{};  ///< of the archive
    std::optional<medkit::Sha256Digest> sha256{};
};

/// A backup in a remote directory.
struct Backup {
    std::string name;
    std::string archive;  ///< the name of its file; empty: there is none
    snapshots::SnapshotInfo info;
    Origin origin;
    std::optional<Bytes> size{};  ///< of the archive, as the server says
    /// Not empty: message why it cannot be used ("its archive is missing"). It does not count as a backup.
    std::string flaw{};

    [[nodiscard]] bool usable() const { return flaw.empty(); }
    /// From the info file, or the end of the name, as routers in the field write it; nullopt: none.
    [[nodiscard]] std::optional<snapshots::Number> number() const;
};

/// The origin in the unknown lines of an info file; those that are not valid count as missing. Pure.
[[nodiscard]] Origin origin_in(const snapshots::SnapshotInfo& info);

/// `info` with the lines of `origin` in place of those that it has. Pure.
[[nodiscard]] snapshots::SnapshotInfo with_origin(snapshots::SnapshotInfo info, const Origin& origin);

/// `info` without such lines: for a snapshot on the card. Pure.
[[nodiscard]] snapshots::SnapshotInfo without_origin(snapshots::SnapshotInfo info);

/// The backup NAME whose info file has the text, among the files of its directory. Pure.
[[nodiscard]] Backup backup_in(const std::vector<RemoteFile>& files, std::string name, std::string_view text);

/// The names of backups that have an info file, sorted. Pure.
[[nodiscard]] std::vector<std::string> names_in(const std::vector<RemoteFile>& files);

/// The name for a new backup: `wanted`, "mox-medkit-turris-3", or, if any file NAME.* is there,
/// "mox-medkit-turris-IDENTITY-3" with the first digits of `identity` (hexadecimal). nullopt: these are taken
/// too. Pure.
[[nodiscard]] std::optional<std::string> free_name(const std::vector<RemoteFile>& files,
                                                   const std::string& wanted, std::string_view identity);

/// The one backup that a user means by its number or name. With a number the one of `system` comes before
/// those of others. Errors (`network`): none, or more than one; with their names. Pure.
[[nodiscard]] Expected<Backup> backup_named(const std::vector<Backup>& backups, const std::string& word,
                                            const SystemId& system);

}  // namespace mox::remote
