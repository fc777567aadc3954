#include "medkit/tar_reader.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string_view>
#include <utility>

#include "medkit/source_file.hpp"
#include "medkit/tar_attributes.hpp"

namespace mox::medkit {

namespace {

constexpr std::size_t block_size = 512;

/// Limit of the bytes that libarchive reads for one member before its content: headers, pax records, the map
/// of a sparse file. libarchive limits each of them (1 MiB), but not their number, and uses up to ten times
/// as much memory.
constexpr std::uint64_t largest_headers = 2 << 20;

/// GNU tar pads to a multiple of its record size, 10 KiB by default; more than this is not padding.
constexpr std::uint64_t largest_padding = 64 << 20;

std::unexpected<Error> damaged(std::string_view how) {
    return fail(ErrorKind::medkit, "the tar archive is damaged: " + std::string(how),
                {std::string(copy_again)});
}

/// Sets the "C" locale for this thread during its lifetime. libarchive converts names in pax headers from
/// UTF-8 to the character set of the locale, in a composed form; in "C" it cannot, and returns the bytes of
/// the archive unchanged.
class CLocale {
public:
    CLocale() : locale_(::newlocale(LC_ALL_MASK, "C", nullptr)), before_(::uselocale(locale_)) {}
    CLocale(const CLocale&) = delete;
    CLocale& operator=(const CLocale&) = delete;
    ~CLocale() {
        ::uselocale(before_);
        ::freelocale(locale_);
    }

private:
    locale_t locale_;
    locale_t before_;
};

struct ReadArchiveCloser {
    void operator()(archive* handle) const { archive_read_free(handle); }
};

EntryKind kind_of(archive_entry* header) {
    if (archive_entry_hardlink(header) != nullptr) return EntryKind::hard_link;
    switch (archive_entry_filetype(header)) {
        case AE_IFREG:
            return EntryKind::regular;
        case AE_IFDIR:
            return EntryKind::directory;
        case AE_IFLNK:
            return EntryKind::symlink;
        case AE_IFCHR:
            return EntryKind::character_device;
        case AE_IFBLK:
            return EntryKind::block_device;
        case AE_IFIFO:
            return EntryKind::fifo;
        default:
            return EntryKind::unknown;
    }
}

std::string_view text_or_empty(const char* text) {
    return text == nullptr ? std::string_view{} : std::string_view(text);
}

std::string_view link_target_of(archive_entry* header, EntryKind kind) {
    if (kind == EntryKind::hard_link) return text_or_empty(archive_entry_hardlink(header));
    if (kind == EntryKind::symlink) return text_or_empty(archive_entry_symlink(header));
    return {};
}

}  // namespace

/// libarchive's handle, which reads from the source, and counters of the bytes read.
class TarReader::Library {
public:
    explicit Library(Source source) : source_(std::move(source)), handle_(archive_read_new()) {}

    /// Converts the result of the last libarchive call into an error; nullopt on success.
    [[nodiscard]] std::optional<Error> error_of(int result) {
        if (source_error_) return source_error_;
        if (result == ARCHIVE_OK) return std::nullopt;
        const auto text = text_or_empty(archive_error_string(handle_.get()));
        // Expected for names that are not ASCII: the bytes stay unchanged (see CLocale).
        if (result == ARCHIVE_WARN && text.contains("can't be converted from UTF-8")) return std::nullopt;
        return damaged(text).error();
    }

    [[nodiscard]] int open() {
        if (!handle_) return ARCHIVE_FATAL;
        if (const int result = archive_read_support_format_tar(handle_.get()); result != ARCHIVE_OK)
            return result;
        return archive_read_open(handle_.get(), this, nullptr, read_more, nullptr);
    }

    [[nodiscard]] int next_header() {
        taken_in_call_ = 0;
        return archive_read_next_header(handle_.get(), &header_);
    }

    [[nodiscard]] int next_piece(std::span<const std::byte>& piece, std::uint64_t& offset) {
        const void* data = nullptr;
        std::size_t size = 0;
        la_int64_t at = 0;
        taken_in_call_ = 0;
        const int result = archive_read_data_block(handle_.get(), &data, &size, &at);
        piece = {static_cast<const std::byte*>(data), result == ARCHIVE_OK ? size : 0};
        offset = static_cast<std::uint64_t>(at);
        return result;
    }

    [[nodiscard]] archive_entry* header() const { return header_; }
    [[nodiscard]] bool is_open() const { return is_open_; }
    void set_open() { is_open_ = true; }

    /// Reads the rest of the source, which libarchive has not read. False if the source failed.
    [[nodiscard]] bool drain(std::uint64_t limit) {
        for (const auto begin = total_; total_ - begin <= limit;) {
            const auto more = take();
            if (!more) return false;
            if (more->empty()) return true;
        }
        return true;
    }

    /// Offset after the bytes that libarchive has read, at the end including the blocks of zeros.
    [[nodiscard]] std::uint64_t consumed() const {
        return static_cast<std::uint64_t>(archive_filter_bytes(handle_.get(), 0));
    }
    /// Offset of the end marker, valid after `drain`. libarchive reports where it searched for another
    /// header; pax headers may precede the end (a global one without a member).
    [[nodiscard]] std::uint64_t end_marker() const {
        const auto last_header = static_cast<std::uint64_t>(archive_read_header_position(handle_.get()));
        const auto headers_end = (end_of_content_ + block_size - 1) / block_size * block_size;
        return std::max(last_header, headers_end);
    }
    [[nodiscard]] std::uint64_t total() const { return total_; }
    [[nodiscard]] std::uint64_t end_of_content() const { return end_of_content_; }

private:
    static la_ssize_t read_more(archive* handle, void* self, const void** block) {
        const auto bytes = static_cast<Library*>(self)->take_for_call();
        if (!bytes) {
            archive_set_error(handle, EIO, "the source failed");
            return -1;
        }
        *block = bytes->data();
        return static_cast<la_ssize_t>(bytes->size());
    }

    /// For libarchive; limits the bytes that one call may read.
    std::optional<std::span<const std::byte>> take_for_call() {
        if (taken_in_call_ > largest_headers) {
            source_error_ = damaged("the headers of a member take more than " +
                                    to_text(Bytes{largest_headers}) + " of memory")
                                .error();
            return std::nullopt;
        }
        const auto bytes = take();
        if (bytes) taken_in_call_ += bytes->size();
        return bytes;
    }

    std::optional<std::span<const std::byte>> take() {
        const auto bytes = source_();
        if (!bytes) {
            source_error_ = bytes.error();
            return std::nullopt;
        }
        const auto last =
            std::find_if(bytes->rbegin(), bytes->rend(), [](std::byte byte) { return byte != std::byte{0}; });
        if (last != bytes->rend())
            end_of_content_ = total_ + static_cast<std::uint64_t>(bytes->rend() - last);
        total_ += bytes->size();
        return *bytes;
    }

    CLocale locale_;
    Source source_;
    std::unique_ptr<archive, ReadArchiveCloser> handle_;
    archive_entry* header_ = nullptr;
    std::optional<Error> source_error_;
    std::uint64_t total_ = 0;
    std::uint64_t taken_in_call_ = 0;   ///< bytes read in the current libarchive call
    std::uint64_t end_of_content_ = 0;  ///< offset after the last byte that is not zero
    bool is_open_ = false;
};

TarReader::TarReader(Source source) : library_(std::make_unique<Library>(std::move(source))) {}

TarReader::~TarReader() = default;

Expected<const TarEntry*> TarReader::next_entry() {
    if (!library_->is_open()) {
        if (auto error = library_->error_of(library_->open())) return std::unexpected(std::move(*error));
        library_->set_open();
    }
    while (!content_ended_) TRY(next_content());
    const int result = library_->next_header();
    if (result == ARCHIVE_EOF) {
        TRY(check_end());
        return nullptr;
    }
    if (auto error = library_->error_of(result)) return std::unexpected(std::move(*error));
    if (auto taken = take_over_header(); !taken) {
        const auto path = printable(text_or_empty(archive_entry_pathname(library_->header())));
        return pass_on(taken, path);
    }
    return &entry_;
}

Expected<void> TarReader::take_over_header() {
    auto* header = library_->header();
    const auto kind = kind_of(header);
    auto attributes = TRY(tar_attributes(header, kind));
    entry_.attributes = std::move(attributes.kept);
    entry_.left_out = std::move(attributes.left_out);
    entry_.description = {
        .path = text_or_empty(archive_entry_pathname(header)),
        .kind = kind,
        .link_target = link_target_of(header, kind),
        .size = kind == EntryKind::regular ? archive_entry_size(header) : 0,
        .attributes = size_of(entry_.attributes.xattrs),
    };
    returned_ = 0;
    content_ended_ = false;
    if (kind == EntryKind::regular) return {};

    auto content = TRY(next_content());
    if (!content.is_end()) return damaged("it has content but is no file");
    return {};
}

Expected<ContentPiece> TarReader::next_content() {
    const auto size = static_cast<std::uint64_t>(std::max<std::int64_t>(entry_.description.size, 0));
    std::span<const std::byte> bytes;
    std::uint64_t offset = size;
    while (bytes.empty() && !content_ended_) {
        const int result = library_->next_piece(bytes, offset);
        if (result == ARCHIVE_EOF) {
            content_ended_ = true;
            offset = size;
        } else if (auto error = library_->error_of(result)) {
            return std::unexpected(std::move(*error));
        }
    }
    if (entry_.description.kind != EntryKind::regular) return ContentPiece{0, bytes};
    if (offset < returned_ || offset > size || bytes.size() > size - offset)
        return damaged(printable(entry_.description.path) + ": the pieces of a sparse file do not fit");
    const auto hole = offset - returned_;
    returned_ = offset + bytes.size();
    return ContentPiece{hole, bytes};
}

/// libarchive accepts an end marker of one block of zeros, or none, and does not read further.
Expected<void> TarReader::check_end() {
    if (!library_->drain(largest_padding)) return std::unexpected(*library_->error_of(ARCHIVE_OK));
    if (library_->end_of_content() > library_->consumed()) return damaged("there is data after its end");
    const auto marker = library_->end_marker();
    if (library_->total() < marker + 2 * block_size)
        return damaged("its end is missing, it was cut off when it was made");
    if (library_->total() - marker > largest_padding)
        return damaged("there are too many zeros after its end");
    return {};
}

}  // namespace mox::medkit
