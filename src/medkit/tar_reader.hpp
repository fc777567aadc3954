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
    EntryDescription description;  ///< its string views are valid until the next entry
    NodeAttributes attributes;
    std::vector<std::string> left_out;  ///< names of attributes that are not kept, also "file flags"
};

/// A part of a file's content: a hole of a sparse file, then bytes.
struct ContentPiece {
    std::uint64_t hole = 0;  ///< size of the hole in bytes
    std::span<const std::byte> bytes;

    [[nodiscard]] bool is_end() const { return hole == 0 && bytes.empty(); }
};

/// Reads tar (ustar, pax, GNU with long names and sparse files, extended attributes) with libarchive. It is
/// stricter than libarchive: a damaged header, a missing end marker, and data other than zeros after the end
/// are errors.
///
/// Extended attributes are those of extended_attributes.hpp. They include POSIX ACLs, both as attributes
/// (SCHILY.xattr.system.posix_acl_access, `tar --xattrs`, bsdtar, `medkit pack`) and as text
/// (SCHILY.acl.access, `tar --acls`), in which users and groups must have numbers. File flags and NFSv4 ACLs
/// are left out. The headers of a member and its map of holes may take 2 MiB. Use an object from one thread
/// only, because it depends on the thread's locale.
class TarReader {
public:
    /// Returns the next bytes of the archive, empty at the end; valid until the next call.
    using Source = std::function<Expected<std::span<const std::byte>>()>;

    explicit TarReader(Source source);
    TarReader(const TarReader&) = delete;
    TarReader& operator=(const TarReader&) = delete;
    ~TarReader();

    /// The next entry; nullptr at the end, after the source was read to its end too. Skips the rest of the
    /// previous entry's content. Errors: `medkit`: the tar structure is damaged; those of the source.
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

    std::uint64_t returned_ = 0;  ///< bytes of the current file's content that were returned, with holes
    bool content_ended_ = true;
};

}  // namespace mox::medkit
