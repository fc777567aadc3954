#include "medkit/tar_reader.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

namespace mox::medkit {

namespace {

constexpr std::size_t block_size = 512;
constexpr std::array<std::byte, 64 << 10> zeros{};

/// GNU tar pads to a multiple of its record, 10 KiB by default; more than this is not padding.
constexpr std::uint64_t most_padding = 64 << 20;

std::unexpected<Error> damaged(std::string_view how) {
    return fail(ErrorKind::medkit,
                "the tar archive is damaged: " + std::string(how) + ". Copy or download it again");
}

/// While it lives, this thread is in the "C" locale. libarchive converts names in pax headers from UTF-8 to
/// the locale's character set, and to a composed form on the way; in "C" it cannot, and gives us the bytes
/// as they are in the archive.
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

std::vector<ExtendedAttribute> xattrs_of(archive_entry* header) {
    std::vector<ExtendedAttribute> xattrs;
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    archive_entry_xattr_reset(header);
    while (archive_entry_xattr_next(header, &name, &value, &size) == ARCHIVE_OK)
        xattrs.push_back({name, std::string(static_cast<const char*>(value), size)});
    return xattrs;
}

/// Owner numbers are 32 bits wide, and the highest one means "leave it" to chown.
bool is_owner_number(std::int64_t number) {
    return number >= 0 && number < std::int64_t{std::numeric_limits<uid_t>::max()};
}

Expected<NodeAttributes> attributes_of(archive_entry* header) {
    const auto owner = archive_entry_uid(header);
    const auto group = archive_entry_gid(header);
    if (!is_owner_number(owner) || !is_owner_number(group))
        return fail(ErrorKind::medkit, std::string(text_or_empty(archive_entry_pathname(header))) +
                                           ": an owner number that does not exist");
    return NodeAttributes{
        .mode = archive_entry_perm(header),
        .owner = static_cast<uid_t>(owner),
        .group = static_cast<gid_t>(group),
        .mtime = {.tv_sec = archive_entry_mtime(header), .tv_nsec = archive_entry_mtime_nsec(header)},
        .device = makedev(static_cast<unsigned>(archive_entry_rdevmajor(header)),
                          static_cast<unsigned>(archive_entry_rdevminor(header))),
        .xattrs = xattrs_of(header),
    };
}

}  // namespace

/// libarchive's handle, fed from our source, and what passed through it.
class TarReader::Library {
public:
    explicit Library(Source source) : source_(std::move(source)), handle_(archive_read_new()) {}

    /// What the last call of libarchive means, as our error; nothing when it went well.
    [[nodiscard]] std::optional<Error> error_of(int result) {
        if (source_error_) return source_error_;
        if (result == ARCHIVE_OK) return std::nullopt;
        const auto text = text_or_empty(archive_error_string(handle_.get()));
        // Names that are not ASCII: we asked for the bytes as they are (see CLocale).
        if (result == ARCHIVE_WARN && text.contains("can't be converted from UTF-8")) return std::nullopt;
        return damaged(text).error();
    }

    [[nodiscard]] int open() {
        if (!handle_) return ARCHIVE_FATAL;
        if (const int result = archive_read_support_format_tar(handle_.get()); result != ARCHIVE_OK)
            return result;
        return archive_read_open(handle_.get(), this, nullptr, read_more, nullptr);
    }

    [[nodiscard]] int next_header() { return archive_read_next_header(handle_.get(), &header_); }

    [[nodiscard]] int next_piece(std::span<const std::byte>& piece, std::uint64_t& offset) {
        const void* data = nullptr;
        std::size_t size = 0;
        la_int64_t at = 0;
        const int result = archive_read_data_block(handle_.get(), &data, &size, &at);
        piece = {static_cast<const std::byte*>(data), result == ARCHIVE_OK ? size : 0};
        offset = static_cast<std::uint64_t>(at);
        return result;
    }

    [[nodiscard]] archive_entry* header() const { return header_; }
    [[nodiscard]] bool is_open() const { return is_open_; }
    void set_open() { is_open_ = true; }

    /// Reads what libarchive has not asked for. False when the source failed.
    [[nodiscard]] bool drain(std::uint64_t limit) {
        for (const auto begin = total_; total_ - begin <= limit;) {
            const auto more = take();
            if (!more) return false;
            if (more->empty()) return true;
        }
        return true;
    }

    /// Where libarchive saw the end of the archive.
    [[nodiscard]] std::uint64_t end_marker() const {
        return static_cast<std::uint64_t>(archive_read_header_position(handle_.get()));
    }
    [[nodiscard]] std::uint64_t total() const { return total_; }
    [[nodiscard]] std::uint64_t end_of_content() const { return end_of_content_; }

private:
    static la_ssize_t read_more(archive* handle, void* self, const void** block) {
        const auto bytes = static_cast<Library*>(self)->take();
        if (!bytes) {
            archive_set_error(handle, EIO, "the source failed");
            return -1;
        }
        *block = bytes->data();
        return static_cast<la_ssize_t>(bytes->size());
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
    std::uint64_t end_of_content_ = 0;  ///< behind the last byte that is not zero
    bool is_open_ = false;
};

TarReader::TarReader(Source source) : library_(std::make_unique<Library>(std::move(source))) {}

TarReader::~TarReader() = default;

Expected<const TarEntry*> TarReader::next_entry() {
    if (!library_->is_open()) {
        if (auto error = library_->error_of(library_->open())) return std::unexpected(std::move(*error));
        library_->set_open();
    }
    const int result = library_->next_header();
    if (result == ARCHIVE_EOF) {
        if (auto good = check_end(); !good) return pass_on(good);
        return nullptr;
    }
    if (auto error = library_->error_of(result)) return std::unexpected(std::move(*error));
    if (auto taken = take_over_header(); !taken) return pass_on(taken);
    return &entry_;
}

Expected<void> TarReader::take_over_header() {
    auto* header = library_->header();
    const auto kind = kind_of(header);
    auto attributes = attributes_of(header);
    if (!attributes) return pass_on(attributes);
    entry_.attributes = std::move(*attributes);
    entry_.description = {
        .path = text_or_empty(archive_entry_pathname(header)),
        .kind = kind,
        .link_target = link_target_of(header, kind),
        .size = kind == EntryKind::regular ? archive_entry_size(header) : 0,
    };
    given_ = piece_offset_ = 0;
    piece_ = {};
    pieces_ended_ = false;
    if (kind == EntryKind::regular) return {};

    auto content = next_content();
    if (!content) return pass_on(content);
    if (!content->empty())
        return damaged(std::string(entry_.description.path) + " has content but is no file");
    return {};
}

Expected<std::span<const std::byte>> TarReader::next_content() {
    const auto size = static_cast<std::uint64_t>(std::max<std::int64_t>(entry_.description.size, 0));
    while (piece_.empty() && !pieces_ended_) {
        const int result = library_->next_piece(piece_, piece_offset_);
        if (result == ARCHIVE_EOF) {
            pieces_ended_ = true;
            piece_offset_ = size;
        } else if (auto error = library_->error_of(result)) {
            return std::unexpected(std::move(*error));
        }
    }
    if (piece_offset_ < given_ || piece_offset_ > size || piece_.size() > size - piece_offset_) {
        if (entry_.description.kind != EntryKind::regular) return piece_;
        return damaged(std::string(entry_.description.path) + ": the pieces of a sparse file do not fit");
    }
    if (const auto hole = piece_offset_ - given_; hole > 0) {
        const auto part = std::span(zeros).first(std::min<std::uint64_t>(hole, zeros.size()));
        given_ += part.size();
        return part;
    }
    given_ += piece_.size();
    piece_offset_ = given_;
    return std::exchange(piece_, {});
}

/// libarchive is content with one block of zeros, or none, and looks no further.
Expected<void> TarReader::check_end() {
    const auto marker = library_->end_marker();
    if (!library_->drain(most_padding)) return std::unexpected(*library_->error_of(ARCHIVE_OK));
    if (library_->end_of_content() > marker) return damaged("there is something behind its end");
    if (library_->total() < marker + 2 * block_size)
        return damaged("its end is missing, it was cut off when it was made");
    if (library_->total() - marker > most_padding) return damaged("there are too many zeros behind its end");
    return {};
}

}  // namespace mox::medkit
