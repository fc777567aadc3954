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
#include "medkit/gzip_writer.hpp"

namespace mox::medkit {

struct DataExtent;

/// Writes a gzipped tar archive into a file and hashes it (pax headers only where ustar is not enough).
/// Threads of its own compress (GzipWriter) and write, while `add` reads. An error of writing is returned by
/// a later `add`, or by `finish`. The output does not depend on the time or the user: no time in the gzip
/// header, no user names, no atime and ctime.
class ArchiveWriter {
public:
    /// `file` is empty, is not owned, and must outlive the writer. Errors (`internal`): libarchive fails.
    [[nodiscard]] static Expected<ArchiveWriter> into(int file, std::string name, GzipSettings settings = {});

    ArchiveWriter(ArchiveWriter&&) noexcept;
    ArchiveWriter& operator=(ArchiveWriter&&) noexcept;
    ~ArchiveWriter();

    /// Appends a member; a file's content is read from `root`. Holes stay holes (pax 1.0), except below
    /// boot/. `content_written` is called with the size of each piece of content and each hole. Errors
    /// (`medkit`): the member cannot be read, changes while it is read, or cannot be written.
    [[nodiscard]] Expected<void> add(int root, const ScannedEntry& entry,
                                     const std::function<void(Bytes)>& content_written);

    struct Digests {
        Sha256Digest sha256{};
        Md5Digest md5{};
        Bytes packed;
    };

    /// Writes the end of the archive. Errors (`medkit`): it cannot be written, for example no space is left.
    [[nodiscard]] Expected<Digests> finish();

    struct State;  ///< defined in archive_writer.cpp

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
