#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"
#include "medkit/entry_policy.hpp"
#include "medkit/tar_attributes.hpp"

namespace mox::medkit {

struct TarEntry {
    EntryDescription description;  ///< its views are valid until the next entry
    NodeAttributes attributes;
    std::vector<std::string> left_out;  ///< names of attributes that are not kept; "file flags"
};

/// A part of a file's content: zeros that the archive does not hold (a hole of a sparse file), then bytes.
struct ContentPiece {
    std::uint64_t hole = 0;
    std::span<const std::byte> bytes;

    [[nodiscard]] bool is_end() const { return hole == 0 && bytes.empty(); }
};

/// Reads tar (ustar, pax, GNU with long names and sparse files, extended attributes) with libarchive, and is
/// strict where libarchive goes on: a damaged header, an archive that stops without its end marker or has
/// anything but zeros behind it are errors.
///
/// Extended attributes are those of extended_attributes.hpp. POSIX ACLs are among them, whether they come as
/// such (SCHILY.xattr.system.posix_acl_access, `tar --xattrs`, bsdtar, `medkit pack`) or as text
/// (SCHILY.acl.access, `tar --acls`), where users and groups must have numbers. File flags and NFSv4 ACLs are
/// left out. A member's headers and its map of holes may take 2 MiB. One thread at a time, and always the
/// same one (it depends on the thread's locale).
class TarReader {
public:
    /// Gives the next bytes of the archive, empty at the end; valid until it is called again.
    using Source = std::function<Expected<std::span<const std::byte>>()>;

    explicit TarReader(Source source);
    TarReader(const TarReader&) = delete;
    TarReader& operator=(const TarReader&) = delete;
    ~TarReader();

    /// The next entry; nullptr at the end, when the source has been read to its end as well.
    /// What is left of the content of the entry before is skipped. Errors (`medkit`): the tar structure is
    /// damaged; those of the source.
    [[nodiscard]] Expected<const TarEntry*> next_entry();

    /// The next piece of the content of the current regular file; `is_end` at its end; valid until the next
    /// call. Holes and bytes together are as long as `description.size`.
    [[nodiscard]] Expected<ContentPiece> next_content();

private:
    class Library;

    [[nodiscard]] Expected<void> take_over_header();
    [[nodiscard]] Expected<void> check_end();

    std::unique_ptr<Library> library_;
    TarEntry entry_;

    std::uint64_t given_ = 0;  ///< of the content of the current file
    bool content_ended_ = true;
};

}  // namespace mox::medkit
