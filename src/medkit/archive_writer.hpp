#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/error.hpp"
#include "base/units.hpp"
#include "medkit/digest.hpp"
#include "medkit/directory_scan.hpp"

namespace mox::medkit {

struct DataExtent;

/// Writes a gzipped tar archive (pax, only where ustar does not do) into a file and hashes it on the way.
/// Nothing in it depends on when or by whom it was written: no time in the gzip header, no user names, no
/// atime and ctime.
class ArchiveWriter {
public:
    /// `file` is not owned, empty, and outlives the writer. Errors (`internal`): libarchive refuses.
    [[nodiscard]] static Expected<ArchiveWriter> into(int file, std::string name);

    ArchiveWriter(ArchiveWriter&&) noexcept;
    ArchiveWriter& operator=(ArchiveWriter&&) noexcept;
    ~ArchiveWriter();

    /// Appends a member; a file's content is read from `root`. Holes stay holes (pax 1.0), but not below
    /// boot/. `content_written` is told the size of every piece of content and of holes. Errors (`medkit`):
    /// it cannot be read, changes while it is read, or cannot be written.
    [[nodiscard]] Expected<void> add(int root, const ScannedEntry& entry,
                                     const std::function<void(Bytes)>& content_written);

    struct Digests {
        Sha256Digest sha256{};
        Md5Digest md5{};
        Bytes packed;
    };

    /// Writes the archive's end. Errors (`medkit`): no space left, or the like.
    [[nodiscard]] Expected<Digests> finish();

    struct State;  ///< known to archive_writer.cpp only

private:
    struct Content;
    [[nodiscard]] static Expected<Content> open_content(int root, const ScannedEntry& entry);
    [[nodiscard]] Expected<void> write_content(const Content& content, const ScannedEntry& entry,
                                               const std::function<void(Bytes)>& content_written);
    [[nodiscard]] Expected<void> write_extent(int file, const DataExtent& extent, const ScannedEntry& entry,
                                              const std::function<void(Bytes)>& content_written);
    [[nodiscard]] Expected<void> write_hole(std::uint64_t size,
                                            const std::function<void(Bytes)>& content_written);

    explicit ArchiveWriter(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

}  // namespace mox::medkit
