#include "medkit/archive_writer.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <clocale>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.hpp"
#include "base/interruption.hpp"
#include "base/unique_fd.hpp"
#include "medkit/source_file.hpp"

namespace mox::medkit {

namespace {

constexpr std::size_t block_size = 256 << 10;
constexpr std::uint64_t writeback_size = 8 << 20;

/// libarchive decodes names with the thread's locale; the names of a medkit are UTF-8 on every PC. Made once
/// for an archive, because making it reads a file.
class Utf8Locale {
public:
    Utf8Locale() : locale_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {}
    Utf8Locale(const Utf8Locale&) = delete;
    Utf8Locale& operator=(const Utf8Locale&) = delete;
    ~Utf8Locale() {
        if (locale_ != nullptr) ::freelocale(locale_);
    }

    /// This thread's locale as long as the object exists.
    class OfThread {
    public:
        explicit OfThread(const Utf8Locale& utf8)
            : before_(utf8.locale_ == nullptr ? nullptr : ::uselocale(utf8.locale_)) {}
        OfThread(const OfThread&) = delete;
        OfThread& operator=(const OfThread&) = delete;
        ~OfThread() {
            if (before_ != nullptr) ::uselocale(before_);
        }

    private:
        locale_t before_;
    };

private:
    locale_t locale_;
};

/// Uses the locale of the thread, see Utf8Locale.
bool is_utf8(const std::string& text) {
    return std::mbstowcs(nullptr, text.c_str(), 0) != static_cast<std::size_t>(-1);
}

bool is_all_utf8(const ScannedEntry& entry) {
    return is_utf8(entry.path) && is_utf8(entry.symlink_target) && is_utf8(entry.hard_link_to);
}

struct FreeEntry {
    void operator()(archive_entry* entry) const { ::archive_entry_free(entry); }
};
using EntryHandle = std::unique_ptr<archive_entry, FreeEntry>;

/// Makes libarchive write "-1.5" for one and a half seconds before 1970 (see TarReader). libarchive cannot
/// write a fraction within the last second before 1970.
void set_mtime(archive_entry* entry, timespec time) {
    if (time.tv_sec < 0 && time.tv_nsec > 0)
        time = time.tv_sec == -1
                   ? timespec{.tv_sec = -1, .tv_nsec = 0}
                   : timespec{.tv_sec = time.tv_sec + 1, .tv_nsec = 1'000'000'000 - time.tv_nsec};
    ::archive_entry_set_mtime(entry, time.tv_sec, time.tv_nsec);
}

/// The header of a member, with only the fields that must be kept.
EntryHandle header_of(const ScannedEntry& scanned, const std::vector<DataExtent>& extents) {
    EntryHandle entry(::archive_entry_new());
    const auto& status = scanned.status;
    ::archive_entry_copy_pathname(entry.get(), scanned.path == "." ? "./" : scanned.path.c_str());
    ::archive_entry_set_mode(entry.get(), status.st_mode);
    ::archive_entry_set_uid(entry.get(), status.st_uid);
    ::archive_entry_set_gid(entry.get(), status.st_gid);
    set_mtime(entry.get(), status.st_mtim);
    ::archive_entry_set_size(entry.get(), 0);
    if (!scanned.hard_link_to.empty()) {
        ::archive_entry_copy_hardlink(entry.get(), scanned.hard_link_to.c_str());
        ::archive_entry_set_filetype(entry.get(), AE_IFREG);  // libarchive has no other kind of hard link
        return entry;                                         // the first name has everything else
    }
    if (S_ISREG(status.st_mode)) ::archive_entry_set_size(entry.get(), status.st_size);
    if (S_ISLNK(status.st_mode)) ::archive_entry_copy_symlink(entry.get(), scanned.symlink_target.c_str());
    if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode))
        ::archive_entry_set_rdev(entry.get(), status.st_rdev);
    for (const auto& [name, value] : scanned.xattrs)
        ::archive_entry_xattr_add_entry(entry.get(), name.c_str(), value.data(), value.size());
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (extents == std::vector{DataExtent{0, size}}) return entry;
    // libarchive takes a list without extents for a file without holes.
    if (S_ISREG(status.st_mode) && extents.empty() && size > 0)
        ::archive_entry_sparse_add_entry(entry.get(), 0, 0);
    for (const auto& extent : extents)
        ::archive_entry_sparse_add_entry(entry.get(), static_cast<la_int64_t>(extent.offset),
                                         static_cast<la_int64_t>(extent.size));
    return entry;
}

/// The packed file: written and hashed.
class PackedFile {
public:
    PackedFile(int file, std::string name) : file_(file), name_(std::move(name)) {}

    Expected<void> write(std::span<const std::byte> bytes) {
        TRY(write_all(file_, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, name_,
                      ErrorKind::medkit));
        sha256_.update(bytes);
        md5_.update(bytes);
        written_ += bytes.size();
        start_writeback();
        return {};
    }

    ArchiveWriter::Digests finish() { return {sha256_.finish(), md5_.finish(), Bytes{written_}}; }

private:
    /// Lets the kernel write to the disk while packing goes on, so that the final fsync has little left. Only
    /// advice, which a pipe refuses: fsync reports errors of the disk.
    void start_writeback() {
        if (written_ - writeback_ < writeback_size) return;
        static_cast<void>(::sync_file_range(file_, static_cast<off64_t>(writeback_),
                                            static_cast<off64_t>(written_ - writeback_),
                                            SYNC_FILE_RANGE_WRITE));
        writeback_ = written_;
    }

    int file_;
    std::string name_;
    Sha256 sha256_;
    Md5 md5_;
    std::uint64_t written_ = 0;
    std::uint64_t writeback_ = 0;  ///< up to here the kernel was told to write
};

}  // namespace

struct ArchiveWriter::State {
    State(int file, std::string name_, GzipSettings settings)
        : name(std::move(name_)),
          packed(file, name),
          gzip([this](std::span<const std::byte> bytes) { return packed.write(bytes); }, settings) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        // Without this call libarchive would write the end of an archive that was given up.
        ::archive_write_fail(archive);
        ::archive_write_free(archive);
    }

    [[nodiscard]] std::unexpected<Error> failure(ErrorKind kind) {
        if (write_error) return std::unexpected(*std::exchange(write_error, std::nullopt));
        const char* text = ::archive_error_string(archive);
        return fail(kind, name + ": " + (text == nullptr ? "libarchive gives no reason" : text));
    }

    std::string name;
    Utf8Locale utf8;
    ::archive* archive = ::archive_write_new();
    std::optional<Error> write_error;
    PackedFile packed;  ///< used by a thread of `gzip`
    GzipWriter gzip;    ///< behind `packed`: its threads end first
};

namespace {

la_ssize_t write_tar(archive* archive, void* data, const void* bytes, size_t size) {
    auto& state = *static_cast<ArchiveWriter::State*>(data);
    auto written = state.gzip.write({static_cast<const std::byte*>(bytes), size});
    if (!written) {
        state.write_error = std::move(written).error();
        ::archive_set_error(archive, EIO, "cannot be written");
        return -1;
    }
    return static_cast<la_ssize_t>(size);
}

}  // namespace

struct ArchiveWriter::Content {
    UniqueFd file;                    ///< not open if there is no content
    std::vector<DataExtent> extents;  ///< in the header only when there is a hole
};

namespace {

std::unexpected<Error> changed(const ScannedEntry& entry) {
    return fail(ErrorKind::medkit, entry.path + " changed while it was packed", {"try again"});
}

/// U-Boot's btrfs driver does not read holes reliably: the files that it reads are packed without holes.
bool is_boot_file(const ScannedEntry& entry) {
    return entry.path.starts_with("./boot/");
}

}  // namespace

Expected<ArchiveWriter::Content> ArchiveWriter::open_content(int root, const ScannedEntry& entry) {
    const auto size = static_cast<std::uint64_t>(entry.status.st_size);
    if (!S_ISREG(entry.status.st_mode) || !entry.hard_link_to.empty() || size == 0) return Content{};
    UniqueFd file(::openat(root, entry.path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file) return fail_errno(ErrorKind::medkit, entry.path);
    // libarchive writes a shortened name (GNU.sparse.name) for a sparse file whose path does not fit into
    // ustar's field.
    constexpr std::size_t longest_sparse_path = 90;
    if (is_boot_file(entry) || entry.path.size() > longest_sparse_path)
        return Content{std::move(file), {{0, size}}};
    auto extents = TRY(data_extents(file.get(), size, entry.path));
    return Content{std::move(file), std::move(extents)};
}

ArchiveWriter::ArchiveWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
ArchiveWriter::ArchiveWriter(ArchiveWriter&&) noexcept = default;
ArchiveWriter& ArchiveWriter::operator=(ArchiveWriter&&) noexcept = default;
ArchiveWriter::~ArchiveWriter() = default;

Expected<ArchiveWriter> ArchiveWriter::into(int file, std::string name, GzipSettings settings) {
    auto state = std::make_unique<State>(file, std::move(name), settings);
    ::archive* const archive = state->archive;
    const bool ready =
        ::archive_write_set_format_pax(archive) == ARCHIVE_OK &&
        ::archive_write_set_format_option(archive, "pax", "xattrheader", "SCHILY") == ARCHIVE_OK &&
        // No buffer of libarchive, and no zeros after the end of the archive.
        ::archive_write_set_bytes_per_block(archive, 0) == ARCHIVE_OK &&
        ::archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK &&
        ::archive_write_open2(archive, state.get(), nullptr, write_tar, nullptr, nullptr) == ARCHIVE_OK;
    if (!ready) return state->failure(ErrorKind::internal);
    return ArchiveWriter(std::move(state));
}

Expected<void> ArchiveWriter::add(int root, const ScannedEntry& entry,
                                  const std::function<void(Bytes)>& content_written) {
    auto content = TRY(open_content(root, entry));
    const Utf8Locale::OfThread locale(state_->utf8);
    const auto header = header_of(entry, content.extents);
    // For a name that is not UTF-8 libarchive warns and keeps the bytes (hdrcharset=BINARY). Every other
    // warning means that a part of the header was lost.
    const int written = ::archive_write_header(state_->archive, header.get());
    if (written != ARCHIVE_OK && !(written == ARCHIVE_WARN && !is_all_utf8(entry))) {
        auto error = state_->failure(ErrorKind::medkit).error();
        return std::unexpected(std::move(error).with_context(entry.path));
    }
    return content.file ? write_content(content, entry, content_written) : Expected<void>{};
}

/// Passes holes to libarchive as zeros; libarchive leaves them out.
Expected<void> ArchiveWriter::write_content(const Content& content, const ScannedEntry& entry,
                                            const std::function<void(Bytes)>& content_written) {
    std::uint64_t done = 0;
    for (const auto& extent : content.extents) {
        TRY(write_hole(extent.offset - done, content_written));
        TRY(write_extent(content.file.get(), extent, entry, content_written));
        done = extent.offset + extent.size;
    }
    const auto size = static_cast<std::uint64_t>(entry.status.st_size);
    TRY(write_hole(size - done, content_written));
    struct stat now{};
    if (::fstat(content.file.get(), &now) != 0) return fail_errno(ErrorKind::medkit, entry.path);
    if (now.st_size != entry.status.st_size) return changed(entry);
    return {};
}

Expected<void> ArchiveWriter::write_extent(int file, const DataExtent& extent, const ScannedEntry& entry,
                                           const std::function<void(Bytes)>& content_written) {
    std::vector<char> block(std::min<std::uint64_t>(block_size, extent.size));
    for (std::uint64_t done = 0; done < extent.size;) {
        TRY(fail_if_stopped());
        const auto wanted = std::min<std::uint64_t>(block.size(), extent.size - done);
        const ssize_t got = ::pread(file, block.data(), wanted, static_cast<off_t>(extent.offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno(ErrorKind::medkit, entry.path);
        if (got == 0) return changed(entry);
        if (::archive_write_data(state_->archive, block.data(), static_cast<std::size_t>(got)) != got)
            return state_->failure(ErrorKind::medkit);
        done += static_cast<std::uint64_t>(got);
        content_written(Bytes{static_cast<std::uint64_t>(got)});
    }
    return {};
}

Expected<void> ArchiveWriter::write_hole(std::uint64_t size,
                                         const std::function<void(Bytes)>& content_written) {
    static constexpr std::array<char, block_size> zeros{};
    while (size > 0) {
        TRY(fail_if_stopped());
        const auto part = std::min<std::uint64_t>(size, zeros.size());
        if (::archive_write_data(state_->archive, zeros.data(), part) != static_cast<la_ssize_t>(part))
            return state_->failure(ErrorKind::medkit);
        size -= part;
        content_written(Bytes{part});
    }
    return {};
}

Expected<ArchiveWriter::Digests> ArchiveWriter::finish() {
    if (::archive_write_close(state_->archive) != ARCHIVE_OK) return state_->failure(ErrorKind::medkit);
    TRY(state_->gzip.finish());
    return state_->packed.finish();
}

}  // namespace mox::medkit
