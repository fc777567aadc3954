#include "update/system_build.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/unique_fd.hpp"
#include "medkit/archive.hpp"
#include "medkit/entry_policy.hpp"
#include "medkit/medkit_files.hpp"
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

Expected<void> write_file_of_the_installation(int root, const std::filesystem::path& file,
                                              const std::string& text) {
    auto directory = TRY(
        storage::open_installed_directory(root, file.parent_path().native(), storage::Missing::is_created));
    return storage::write_installed_file(directory.get(), file.filename().native(), text);
}

/// For schnapps: the partition, as a shell assignment, and where the system comes from.
Expected<void> write_files_of_the_installation(int root, const SystemParts& parts) {
    TRY(write_file_of_the_installation(root, medkit::configuration_file,
                                       "ROOT_DEV='" + parts.root_device + "'\n"));
    return write_file_of_the_installation(root, medkit::installation_record,
                                          origin_of_system(parts.medkit, parts.installed) + "\n");
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

std::string origin_of_system(const medkit::VerifiedMedkit& medkit, std::string_view date) {
    auto text = "re-flashed by the rescue system on " + std::string(date) + " from " +
                medkit::printable_name(medkit.base.name);
    if (medkit.extra) text += " and " + medkit::printable_name(medkit.extra->name);
    switch (medkit.trust) {
        case medkit::TrustLevel::signed_by_trusted_key:
            return text + ", signed by key " + medkit.signer;
        case medkit::TrustLevel::checksummed:
            return text + ", not signed";
        case medkit::TrustLevel::unverified:
            return text + ", not verified";
    }
    std::unreachable();
}

Expected<void> build_system(int top, std::string_view name, const SystemParts& parts, Progress& progress) {
    progress.next_step();
    TRY(storage::create_subvolume(top, name));
    const UniqueFd root(
        ::openat(top, std::string(name).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!root) return fail_errno(ErrorKind::card, name);
    TRY(unpack(parts.medkit, root.get(), progress));
    TRY(write_files_of_the_installation(root.get(), parts));

    progress.next_step();
    TRY(storage::sync_filesystem(top));
    return read_back_boot_files(root.get(), parts.board);
}

}  // namespace mox::update
