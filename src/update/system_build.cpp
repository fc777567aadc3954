#include "update/system_build.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

#include "base/unique_fd.hpp"
#include "medkit/archive.hpp"
#include "storage/installed_file.hpp"
#include "storage/subvolume.hpp"

namespace mox::update {

namespace {

Expected<void> unpack(const medkit::VerifiedMedkit& medkit, int root, Progress& progress) {
    const Bytes base_size = medkit.base.summary.packed;
    const Bytes all = base_size + (medkit.extra ? medkit.extra->summary.packed : Bytes{});
    const auto& base = medkit.base;
    const auto base_progress = [&](Bytes done, Bytes) { progress.advance(done, all); };
    TRY(medkit::unpack_archive(base.file.get(), base.name, root, base.summary, base_progress));
    if (!medkit.extra) return {};
    const auto& extra = *medkit.extra;
    const auto extra_progress = [&](Bytes done, Bytes) { progress.advance(base_size + done, all); };
    return medkit::unpack_archive(extra.file.get(), extra.name, root, extra.summary, extra_progress);
}

/// Names the partition for schnapps, as a shell assignment.
Expected<void> write_schnapps_configuration(int root, const std::string& root_device) {
    const std::filesystem::path file(medkit::configuration_file);
    auto directory = TRY(
        storage::open_installed_directory(root, file.parent_path().native(), storage::Missing::is_created));
    return storage::write_installed_file(directory.get(), file.filename().native(),
                                         "ROOT_DEV='" + root_device + "'\n");
}

/// Reads a file from the card, not from the page cache, so that btrfs compares it with its checksums.
Expected<void> read_back(int root, const std::string& path) {
    const UniqueFd file(::openat(root, path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file && errno == ENOENT) return {};  // one of several names; the medkit was checked for one of them
    if (!file) return fail_errno(ErrorKind::card, path);
    ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
    std::array<char, 64 << 10> block{};
    for (;;) {
        const ssize_t got = ::read(file.get(), block.data(), block.size());
        if (got == 0) return {};
        if (got < 0 && errno != EINTR)
            return fail_errno(ErrorKind::card, path + " cannot be read back", errno,
                              {"the card may be worn out, try another"});
    }
}

Expected<void> read_back_boot_files(int root, const board::Description& board) {
    for (const auto& alternatives : board.boot_files)
        for (const auto& path : alternatives) TRY(read_back(root, path));
    return {};
}

}  // namespace

Expected<void> build_system(int top, std::string_view name, const SystemParts& parts, Progress& progress) {
    progress.next_step();
    TRY(storage::create_subvolume(top, name));
    const UniqueFd root(
        ::openat(top, std::string(name).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!root) return fail_errno(ErrorKind::card, name);
    TRY(unpack(parts.medkit, root.get(), progress));
    TRY(write_schnapps_configuration(root.get(), parts.root_device));

    progress.next_step();
    TRY(storage::sync_filesystem(top));
    return read_back_boot_files(root.get(), parts.board);
}

}  // namespace mox::update
