// A medkit copied into a directory, such as the root of a stick.
//
// Restart contract. NAME is the archive's name. What is there after a stop, a pull or a power cut:
//
// clang-format off
//   1. each file is written under a temporary name      temporary files (".mox-..."), which mode 4 does not look at
//      and synced                                       and the next copy removes; an older NAME as it was
//   2. the files that belong to the archive get their   some of them without the archive: no medkit. Beside an older
//      names, one by one, each in one step              NAME they do not fit it: mode 4 refuses that one
//   3. the directory is synced                          the same
//   4. the archive gets its name, in one step           the medkit is complete
//   5. the directory is synced                          the same, also after a power cut
// clang-format on
//
// At no time there is a part of an archive under the name of a medkit, and never a new archive without its
// signature. FAT has no journal: a pull during 2 to 5 may damage the directory itself, in which all names are
// then whole or missing after fsck.

#include "medkit/copy_medkit.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/atomic_file.hpp"
#include "base/file.hpp"
#include "base/full_storage.hpp"
#include "base/interruption.hpp"
#include "medkit/source_file.hpp"

namespace mox::medkit {

namespace {

constexpr auto kind = ErrorKind::medkit;
constexpr std::size_t block_size = 1 << 20;

/// Reads an open file from its start; calls `take` with each block.
Expected<void> read_blocks(int file, std::string_view name,
                           const std::function<Expected<void>(std::span<const std::byte>)>& take) {
    const auto block = std::make_unique<std::array<std::byte, block_size>>();
    for (off_t offset = 0;;) {
        TRY(fail_if_stopped());
        const ssize_t got = ::pread(file, block->data(), block->size(), offset);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_reading(name, errno);
        if (got == 0) return {};
        TRY(take(std::span(block->data(), static_cast<std::size_t>(got))));
        offset += got;
    }
}

/// The progress of several files as one.
class Sum {
public:
    Sum(const ByteProgress& progress, Bytes total) : progress_(progress), total_(total) {}
    void add(std::size_t bytes) {
        done_ += Bytes{bytes};
        if (progress_) progress_(done_, total_);
    }

private:
    const ByteProgress& progress_;
    Bytes total_;
    Bytes done_{};
};

struct Copy {
    CopiedFile about;
    AtomicFile file;
};

Expected<Copy> copy_file(int source, const std::string& name, const std::filesystem::path& target, Sum& sum) {
    const auto from = TRY(open_source_file(source, name));
    auto file = TRY(AtomicFile::create(target / name, kind));
    Sha256 digest;
    Bytes size{};
    TRY(read_blocks(from.file.get(), name, [&](std::span<const std::byte> bytes) -> Expected<void> {
        digest.update(bytes);
        size += Bytes{bytes.size()};
        TRY(write_all(file.file(), {reinterpret_cast<const char*>(bytes.data()), bytes.size()},
                      file.path().native(), kind));
        sum.add(bytes.size());
        return {};
    }));
    TRY(file.sync());
    return Copy{{.name = name, .size = size, .sha256 = digest.finish()}, std::move(file)};
}

/// Files beside the archive's place in `target` that belong to it by their names, and are not replaced.
Expected<void> require_no_foreign_companion(const MedkitFiles& files, const std::filesystem::path& target) {
    const auto open = TRY(open_file(target, O_RDONLY | O_DIRECTORY, kind));
    const auto there = TRY(find_beside(open.get(), files.archive));
    const auto ours = names_of(files);
    for (const auto& name : names_of(there))
        if (std::ranges::find(ours, name) == ours.end())
            return fail(kind,
                        printable_name(name) + " is there, and mode 4 would take it for a part of " +
                            printable_name(files.archive),
                        {"remove it, or give it another name"});
    return {};
}

}  // namespace

std::vector<std::string> names_of(const MedkitFiles& files) {
    std::vector<std::string> names;
    for (const auto* name :
         {&files.rescue_image_signature, &files.rescue_image, &files.extra_signature, &files.extra_sha256,
          &files.extra_md5, &files.extra, &files.signature, &files.sha256, &files.md5})
        if (*name) names.push_back(**name);
    names.push_back(files.archive);
    return names;
}

Expected<void> require_fat_sizes(int source, const MedkitFiles& files) {
    for (const auto& name : names_of(files)) {
        const auto file = TRY(open_source_file(source, name));
        if (file.size > largest_fat_file)
            return fail(kind,
                        printable_name(name) + " has " + to_text(file.size) +
                            ", and FAT32 holds no file of 4 GiB or more",
                        {"use a stick with exFAT, ext4 or Btrfs"});
    }
    return {};
}

Expected<Bytes> size_of(int source, const MedkitFiles& files) {
    Bytes sum{};
    for (const auto& name : names_of(files)) sum += TRY(open_source_file(source, name)).size;
    return sum;
}

Expected<void> require_copyable(int source, const MedkitFiles& files, const std::filesystem::path& target) {
    struct statfs about{};
    if (::statfs(target.c_str(), &about) != 0) return fail_errno_at(kind, target, errno);
    if (about.f_type == MSDOS_SUPER_MAGIC) TRY(require_fat_sizes(source, files));
    const auto block = static_cast<std::uint64_t>(about.f_bsize);
    Bytes needed{block};  // for the directory
    for (const auto& name : names_of(files)) {
        const auto size = TRY(open_source_file(source, name)).size.count;
        needed += Bytes{(size + block - 1) / block * block};
    }
    const Bytes free{static_cast<std::uint64_t>(about.f_bavail) * block};
    if (needed > free)
        return fail(
            kind,
            "no room for the medkit: " + to_text(needed) + " are needed, and " + to_text(free) + " are free",
            {"remove files, or use a larger stick"});
    return require_no_foreign_companion(files, target);
}

Expected<std::vector<CopiedFile>> copy_medkit(int source, const MedkitFiles& files,
                                              const std::filesystem::path& target,
                                              const ByteProgress& progress) {
    Sum sum(progress, TRY(size_of(source, files)));
    std::vector<Copy> copies;
    for (const auto& name : names_of(files)) copies.push_back(TRY(copy_file(source, name, target, sum)));
    const auto commit = TRY(Commit::begin());
    std::vector<CopiedFile> copied;
    for (auto& copy : copies) {
        if (&copy == &copies.back()) TRY(sync_directory(target, kind));
        TRY(copy.file.publish(Existing::replace));
        copied.push_back(std::move(copy.about));
    }
    TRY(sync_directory(target, kind));
    return copied;
}

Expected<void> compare_copies(const std::vector<CopiedFile>& files, const std::filesystem::path& target,
                              const ByteProgress& progress) {
    const auto open = TRY(open_file(target, O_RDONLY | O_DIRECTORY, kind));
    Bytes total{};
    for (const auto& file : files) total += file.size;
    Sum sum(progress, total);
    for (const auto& file : files) {
        const auto copy = TRY(open_source_file(open.get(), file.name));
        ::posix_fadvise(copy.file.get(), 0, 0, POSIX_FADV_DONTNEED);
        Sha256 digest;
        TRY(read_blocks(copy.file.get(), file.name, [&](std::span<const std::byte> bytes) -> Expected<void> {
            digest.update(bytes);
            sum.add(bytes.size());
            return {};
        }));
        if (digest.finish() != file.sha256)
            return fail(kind, printable_name(file.name) + ": the copy is different from the original",
                        {"the stick may be worn out: use another one"});
    }
    return {};
}

}  // namespace mox::medkit
