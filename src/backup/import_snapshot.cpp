// What a power cut leaves behind. All names are at the top level.
//
// clang-format off
// import_snapshot:  1. create @backup.K, unpack, read-only, sync   the next writer deletes it
//                   2. write N.info, fsync                         the next writer deletes both
//                   3. rename @backup.K -> @N, sync                done
// update_factory:   1. create @backup.K, unpack, read-only, sync   the next writer deletes it
//                   2. exchange @backup.K <-> @factory, sync       the next writer deletes the old image
//                   3. delete @backup.K                            done
// clang-format on

#include "backup/import_snapshot.hpp"

#include <fcntl.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "backup/work_subvolume.hpp"
#include "base/file.hpp"
#include "medkit/tree_directories.hpp"
#include "snapshots/deletion.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/stored_info.hpp"
#include "storage/subvolume.hpp"

namespace mox::backup {

namespace {

using snapshots::SnapshotInfo;
using snapshots::SnapshotType;
using snapshots::Writer;

constexpr Bytes largest_configuration{64 << 10};

/// The info of the new snapshot. Snapshot numbers of another router are not kept. A savepoint becomes a
/// snapshot of type single, because only a snapshot that waits for `commit` is a savepoint.
SnapshotInfo info_for(const ArchiveSource& source) {
    SnapshotInfo info;
    info.created = snapshots::created_now();
    info.description = "Imported from " + source.medkit.base.name;
    if (!source.has_info) return info;
    info.type = source.info.type == SnapshotType::save ? SnapshotType::single : source.info.type;
    if (!source.info.created.empty()) info.created = source.info.created;
    if (!source.info.description.empty()) info.description = source.info.description;
    return info;
}

Expected<WorkSubvolume> start_work(const BeginWriting& begin) {
    auto writer = TRY(begin());
    return WorkSubvolume::empty(writer);
}

/// /etc/schnapps/config of a subvolume; empty if it has none.
Expected<std::string> configuration_in(int top, std::string_view subvolume) {
    const auto path = std::string(subvolume) + "/etc/schnapps/config";
    const UniqueFd file(::openat(top, path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)) return std::string();
    if (!file) return fail_errno(ErrorKind::card, path);
    return read_to_end(file.get(), path, ErrorKind::card, largest_configuration);
}

Expected<void> write_configuration(int root, const std::string& text) {
    medkit::TreeDirectories directories(root);
    auto directory = TRY(directories.open("etc/schnapps"));
    const UniqueFd file(
        ::openat(directory->get(), "config", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (!file) return fail_errno(ErrorKind::card, "etc/schnapps/config");
    return write_all(file.get(), text, "etc/schnapps/config", ErrorKind::card);
}

/// Only the image that is replaced has the name of the device; the medkit does not have it.
Expected<void> carry_over_configuration(int top, int root) {
    for (const auto subvolume : {snapshots::factory_name, snapshots::root_name}) {
        auto text = TRY(configuration_in(top, subvolume));
        if (!text.empty()) return write_configuration(root, text);
    }
    return {};
}

/// Steps 2 and 3 of an import.
Expected<snapshots::Number> publish(const Writer& writer, WorkSubvolume& work, const SnapshotInfo& info) {
    auto number = TRY(snapshots::next_number(writer.top()));
    TRY(snapshots::write_info(writer.directory(), number, info));
    TRY(work.rename_to(writer, subvolume_of(number)));
    return number;
}

}  // namespace

Expected<snapshots::Snapshot> import_snapshot(const ArchiveSource& source, const BeginWriting& begin,
                                              const ByteProgress& progress) {
    auto work = TRY(start_work(begin));
    TRY(unpack_source(source, work.root(), progress));
    TRY(work.seal());
    auto writer = TRY(begin());
    auto number = TRY(publish(writer, work, info_for(source)), "nothing was imported");
    return snapshots::find_snapshot(writer.top(), number);
}

Expected<void> require_replaceable_factory(const snapshots::TopLevel& top) {
    const std::string factory(snapshots::factory_name);
    if (!TRY(storage::subvolume_exists(top.directory(), factory))) return {};
    auto unmounted = storage::require_not_mounted(top.directory(), factory, "the factory image");
    if (!unmounted) return std::unexpected(std::move(unmounted).error().as(ErrorKind::snapshot));
    const auto nested = TRY(snapshots::nested_names(top, factory));
    if (nested.empty()) return {};
    return fail(ErrorKind::snapshot,
                "the factory image holds " + snapshots::nested_text(nested) + ", which would be lost",
                {"move that away first"});
}

Expected<void> update_factory(const ArchiveSource& source, const BeginWriting& begin,
                              const ByteProgress& progress) {
    auto work = TRY(start_work(begin));
    TRY(unpack_source(source, work.root(), progress));
    auto writer = TRY(begin());
    const int top = writer.directory();
    TRY(carry_over_configuration(top, work.root()));
    TRY(work.seal());
    const std::string factory(snapshots::factory_name);
    TRY(require_replaceable_factory(writer.top()));
    return storage::is_subvolume(top, factory) ? work.replace(writer, factory)
                                               : work.rename_to(writer, factory);
}

}  // namespace mox::backup
