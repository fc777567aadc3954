#include "medkit/ram_copy.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/file.hpp"
#include "base/interruption.hpp"
#include "medkit/digest.hpp"
#include "medkit/medkit_files.hpp"

namespace mox::medkit {

namespace {

constexpr std::size_t block_size = 256 << 10;

Bytes size_of_extra(const VerifiedMedkit& medkit) {
    return medkit.extra ? medkit.extra->summary.packed : Bytes{};
}

Expected<UniqueFd> make_memory_file() {
    UniqueFd memory(::memfd_create("medkit", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!memory) return fail_errno(ErrorKind::internal, "cannot make a file in memory");
    return memory;
}

/// After this no process can change the file, not even through this descriptor.
Expected<void> seal(int memory) {
    if (::fcntl(memory, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)
        return fail_errno(ErrorKind::internal, "cannot seal a file in memory");
    return {};
}

Expected<std::size_t> read_block(int file, std::span<std::byte> block, std::uint64_t offset) {
    for (;;) {
        const ssize_t got = ::pread(file, block.data(), block.size(), static_cast<off_t>(offset));
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno != EINTR) return fail_errno(ErrorKind::medkit, "cannot be read");
    }
}

/// Copies exactly as many bytes as were verified; returns their hash.
Expected<Sha256Digest> copy_bytes(const VerifiedArchive& archive, int memory, Bytes done_before, Bytes total,
                                  const ByteProgress& progress) {
    Sha256 hash;
    std::vector<std::byte> block(block_size);
    for (std::uint64_t offset = 0; offset < archive.summary.packed.count;) {
        const auto wanted = std::min<std::uint64_t>(block.size(), archive.summary.packed.count - offset);
        TRY(fail_if_stopped());
        auto got = TRY(read_block(archive.file.get(), std::span(block).first(wanted), offset));
        if (got == 0) break;  // shorter than before: the hash will differ
        const auto piece = std::span<const std::byte>(block).first(got);
        hash.update(piece);
        const std::string_view text(reinterpret_cast<const char*>(piece.data()), piece.size());
        TRY(write_all(memory, text, "file in memory", ErrorKind::medkit));
        offset += got;
        if (progress) progress(done_before + Bytes{offset}, total);
    }
    return hash.finish();
}

Expected<UniqueFd> copy_archive(const VerifiedArchive& archive, Bytes done_before, Bytes total,
                                const ByteProgress& progress) {
    auto memory = make_memory_file();
    if (!memory) return memory;
    auto hash =
        TRY(copy_bytes(archive, memory->get(), done_before, total, progress), printable_name(archive.name));
    if (hash != archive.summary.sha256)
        return fail(
            ErrorKind::medkit,
            printable_name(archive.name) + ": is not what was verified a moment ago; the card may fail",
            {"put the medkit on a USB drive"});
    TRY(seal(memory->get()));
    return memory;
}

}  // namespace

std::optional<Bytes> available_memory(std::string_view meminfo) {
    constexpr std::string_view label = "MemAvailable:";
    while (!meminfo.starts_with(label)) {
        const auto end = meminfo.find('\n');
        if (end == std::string_view::npos) return std::nullopt;
        meminfo.remove_prefix(end + 1);
    }
    meminfo = meminfo.substr(label.size(), meminfo.find('\n') - label.size());
    meminfo.remove_prefix(std::min(meminfo.find_first_not_of(" \t"), meminfo.size()));
    std::uint64_t kibibytes = 0;
    const auto [end, failure] = std::from_chars(meminfo.data(), meminfo.data() + meminfo.size(), kibibytes);
    const std::string_view unit(end, static_cast<std::size_t>(meminfo.data() + meminfo.size() - end));
    if (failure != std::errc() || unit != " kB" || kibibytes > (UINT64_MAX >> 10)) return std::nullopt;
    return Bytes{kibibytes << 10};
}

Bytes packed_size(const VerifiedMedkit& medkit) {
    return medkit.base.summary.packed + size_of_extra(medkit);
}

Expected<void> check_memory(Bytes needed, Bytes available) {
    const auto wanted = needed + memory_reserve;
    if (wanted <= available) return {};
    return fail(ErrorKind::medkit,
                "a medkit on the card that will be written must be copied to memory first, "
                "and memory is short by " +
                    to_text(wanted - available) + " (" + to_text(needed) + " and a reserve of " +
                    to_text(memory_reserve) + " needed, " + to_text(available) + " available)",
                {"put the medkit on a USB drive"});
}

Expected<VerifiedMedkit> copy_to_ram(VerifiedMedkit medkit, const ByteProgress& progress) {
    auto meminfo = TRY(read_small_file("/proc/meminfo", ErrorKind::internal));
    const auto available = available_memory(meminfo);
    if (!available) return fail(ErrorKind::internal, "/proc/meminfo has no valid MemAvailable line");
    const auto total = packed_size(medkit);
    TRY(check_memory(total, *available), printable_name(medkit.base.name));

    auto base = TRY(copy_archive(medkit.base, Bytes{}, total, progress));
    medkit.base.file = std::move(base);
    if (!medkit.extra) return medkit;
    auto extra = TRY(copy_archive(*medkit.extra, medkit.base.summary.packed, total, progress));
    medkit.extra->file = std::move(extra);
    return medkit;
}

}  // namespace mox::medkit
