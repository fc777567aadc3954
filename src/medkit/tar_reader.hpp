#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"
#include "medkit/entry_policy.hpp"

namespace mox::medkit {

struct ExtendedAttribute {
    std::string name;  ///< "security.capability"
    std::string value;
};

/// Everything about a file but its name and content.
struct NodeAttributes {
    mode_t mode = 0;  ///< permissions with setuid, setgid and sticky
    uid_t owner = 0;
    gid_t group = 0;
    timespec mtime{};
    dev_t device = 0;  ///< of device nodes
    std::vector<ExtendedAttribute> xattrs;
};

struct TarEntry {
    EntryDescription description;  ///< its views are valid until the next entry
    NodeAttributes attributes;
};

/// Reads tar (ustar, pax, GNU with long names and sparse files, extended attributes) with libarchive, and is
/// strict where libarchive goes on: a damaged header, an archive that stops without its end marker or has
/// anything but zeros behind it are errors. POSIX ACLs and file flags are left out, as GNU tar does by
/// default. One thread at a time, and always the same one (it depends on the thread's locale).
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

    /// The next piece of the content of the current regular file, empty at its end; valid until the next
    /// call. Holes of sparse files come as zeros: the pieces together are as long as `description.size`.
    [[nodiscard]] Expected<std::span<const std::byte>> next_content();

private:
    class Library;

    [[nodiscard]] Expected<void> take_over_header();
    [[nodiscard]] Expected<void> check_end();

    std::unique_ptr<Library> library_;
    TarEntry entry_;

    // Where the content of the current file is: behind `given_` bytes, then a hole up to `piece_offset_`.
    std::uint64_t given_ = 0;
    std::uint64_t piece_offset_ = 0;
    std::span<const std::byte> piece_;
    bool pieces_ended_ = true;
};

}  // namespace mox::medkit
