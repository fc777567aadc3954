// What is on the server when an upload of NAME breaks off after each step; I stands for the ending of a file
// that is not complete (leftovers.hpp). The next call removes what is listed; no step leaves a NAME.info
// without all that belongs to it.
//
// clang-format off
//   1. write the archive as NAME.tar.gz.I                    NAME.tar.gz.I, whole or a part of it
//   2. compare size and sum with what was sent               the same
//   3. write NAME.info.I                                     NAME.tar.gz.I, NAME.info.I
//   4. rename the archive to NAME.tar.gz                     NAME.tar.gz, NAME.info.I
//   5. write NAME.tar.gz.sha256                              these and NAME.tar.gz.sha256
//   6. rename NAME.info.I to NAME.info                       the backup
// clang-format on
//
// NAME.info.I without NAME.tar.gz.I says that the archive is ours and not complete. A removal renames
// NAME.info to NAME.info.I first, and is then the same as a clear-up after step 5.

#include "remote/upload.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <utility>

#include "medkit/checksum_file.hpp"
#include "remote/download.hpp"
#include "remote/leftovers.hpp"
#include "remote/packed_stream.hpp"

namespace mox::remote {

namespace {

constexpr auto kind = ErrorKind::network;

Result<std::vector<RemoteFile>> listing(Store& store, const Patience& patience) {
    return patiently(patience, [&] { return store.list(); });
}

const RemoteFile* find(const std::vector<RemoteFile>& files, const std::string& name) {
    const auto found = std::ranges::find(files, name, &RemoteFile::name);
    return found == files.end() ? nullptr : &*found;
}

Result<std::vector<RemoteFile>> listing_of_made(Store& store, const Patience& patience) {
    auto files = listing(store, patience);
    if (files || files.error().cause != Cause::missing) return files;
    TRY(patiently(patience, [&] { return store.make_directory(); }));
    return listing(store, patience);
}

/// A rename whose answer was lost may have been done: the second try then finds no such file.
Result<void> rename(Store& store, const std::string& from, const std::string& to, const Patience& patience) {
    bool was_lost = false;
    auto renamed = patiently(patience, [&] {
        auto done = store.rename(from, to);
        was_lost = was_lost || (!done && done.error().cause == Cause::unreachable);
        return done;
    });
    if (renamed || !was_lost) return renamed;
    if (renamed.error().cause != Cause::missing && renamed.error().cause != Cause::exists) return renamed;
    const auto files = TRY(listing(store, patience));
    if (find(files, from) == nullptr && find(files, to) != nullptr) return {};
    return renamed;
}

Result<void> put_text(Store& store, const std::string& name, const std::string& text,
                      const Patience& patience) {
    return patiently(patience, [&] { return store.put(name, source_of(text)); });
}

/// Packs into the server's file, from the start with each try.
Result<FileSum> put_archive(Store& store, const std::string& name, const Packing& packing,
                            const Patience& patience) {
    return patiently(patience, [&]() -> Result<FileSum> {
        auto stream = TRY(locally(PackedStream::start(packing)));
        FileSum sum;
        medkit::Sha256 hash;
        TRY(store.put(name, [&](std::span<char> buffer) -> Expected<std::size_t> {
            const auto count = TRY(stream->read(buffer));
            hash.update(std::as_bytes(buffer.first(count)));
            sum.size += Bytes{count};
            return count;
        }));
        sum.sha256 = hash.finish();
        return sum;
    });
}

/// Compares what the server has with what was sent.
Result<void> check(Store& store, const std::string& name, const FileSum& sent, const Patience& patience) {
    const auto files = TRY(listing(store, patience));
    const auto* const file = find(files, name);
    if (file == nullptr)
        return failed(Cause::wrong_answer,
                      Error(kind, store.shown() + " does not show the archive that was uploaded"));
    if (file->size && *file->size != sent.size)
        return failed(Cause::wrong_answer,
                      Error(kind,
                            store.shown() + " has stored " + std::to_string(file->size->count) +
                                " bytes in place of " + std::to_string(sent.size.count),
                            {"some web servers do not store uploads of unknown length (chunked); use SSH"}));
    const ByteSink nowhere = [](std::string_view) { return Expected<void>(); };
    const auto stored = TRY(read_whole(store, name, sent.size, nowhere, patience, {}));
    if (stored.size != sent.size || stored.sha256 != sent.sha256)
        return failed(Cause::wrong_answer,
                      Error(kind, store.shown() + " has stored another content than was uploaded"));
    return {};
}

Result<std::vector<std::string>> remove_all(Store& store, std::vector<std::string> names,
                                            const Patience& patience) {
    for (const auto& name : names) TRY(patiently(patience, [&] { return store.remove(name); }));
    return names;
}

/// The steps 1 to 6.
Result<Uploaded> upload_as(Store& store, const std::string& name, const UploadOrder& order,
                           const Packing& packing, const Patience& patience) {
    const auto& system = order.origin.system.file_system;
    const auto archive = name + std::string(order.archive_ending);
    const auto info = name + std::string(info_ending);
    const auto incomplete = name_while_incomplete(archive, system);
    const auto sent = TRY(put_archive(store, incomplete, packing, patience));
    TRY(check(store, incomplete, sent, patience));
    auto origin = order.origin;
    origin.size = sent.size;
    origin.sha256 = sent.sha256;
    const auto incomplete_info = name_while_incomplete(info, system);
    TRY(put_text(store, incomplete_info, snapshots::format_info(with_origin(order.info, origin)), patience));
    TRY(rename(store, incomplete, archive, patience));
    TRY(put_text(store, archive + std::string(sum_ending),
                 medkit::checksum_line(medkit::to_hex(sent.sha256), archive), patience));
    TRY(rename(store, incomplete_info, info, patience));
    return Uploaded{.name = name, .archive = archive, .size = sent.size};
}

}  // namespace

Result<std::vector<std::string>> clear_up(Store& store, const std::string& file_system,
                                          const Patience& patience) {
    const auto files = TRY(listing(store, patience));
    return remove_all(store, leftovers(files, file_system), patience);
}

Result<Uploaded> upload(Store& store, const UploadOrder& order, const Packing& packing,
                        const Patience& patience) {
    const auto& system = order.origin.system.file_system;
    auto files = TRY(listing_of_made(store, patience));
    const auto removed = TRY(remove_all(store, leftovers(files, system), patience));
    std::erase_if(files, [&](const RemoteFile& file) {
        return std::ranges::find(removed, file.name) != removed.end();
    });
    const auto name = free_name(files, order.name, order.identity);
    if (!name)
        return failed(Cause::exists,
                      Error(kind, store.shown() + " holds files named " + order.name + " already"));
    auto uploaded = upload_as(store, *name, order, packing, patience);
    // What this leaves behind when it fails too, the next call removes.
    if (!uploaded && uploaded.error().cause != Cause::unreachable)
        static_cast<void>(clear_up(store, system, {.rules = {.tries = 1}}));
    return uploaded;
}

Result<void> remove_backup(Store& store, const std::string& name, const std::string& file_system,
                           const Patience& patience) {
    const auto info = name + std::string(info_ending);
    TRY(rename(store, info, name_while_incomplete(info, file_system), patience));
    TRY(clear_up(store, file_system, patience));
    return {};
}

Expected<UploadClaim> UploadClaim::make(const std::string& file_system) {
    UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!socket) return fail_errno(ErrorKind::internal, "socket");
    // A name in the abstract namespace: there is no file that could be left behind.
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto name = "schnapps-upload-" + file_system;
    std::ranges::copy(name, std::next(std::begin(address.sun_path)));
    const auto length = offsetof(sockaddr_un, sun_path) + 1 + name.size();
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(length)) ==
        0)
        return UploadClaim(std::move(socket));
    if (errno != EADDRINUSE) return fail_errno(ErrorKind::internal, "bind");
    return fail(kind, "another upload of this system is running", {"wait until it has ended"});
}

}  // namespace mox::remote
