#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_set>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "medkit/block_broadcaster.hpp"
#include "medkit/entry_policy.hpp"
#include "medkit/tar_reader.hpp"
#include "medkit/tree_directories.hpp"

namespace mox::medkit {

/// Writes a tree with several threads. The result is the same as if one thread wrote the entries in order: a
/// later entry replaces an earlier one of the same path, a hard link shares the file that its target names at
/// that time, directories get their times last.
///
/// One thread passes the entries and creates the directories; `workers` threads create all other entries. One
/// worker gets all content of one file, in order. Holes stay holes, except below boot/.
///
/// Memory: 48 bytes per entry, path and attributes per directory (both counted in verification, EntryPolicy),
/// pending hard links (1 MiB), and the queues of the workers (6 MiB each).
class TreeWriter {
public:
    TreeWriter(int root, std::size_t workers);

    /// Body of each worker thread. Errors: `card`.
    [[nodiscard]] Expected<void> work(std::size_t worker);

    /// Adds the next entry; all content of a regular file must follow with add_content. Errors: `card`.
    [[nodiscard]] Expected<void> begin(const AcceptedEntry& entry, const TarEntry& details);
    [[nodiscard]] Expected<void> add_content(const ContentPiece& piece);

    /// Call after the last entry: waits for the workers, creates the pending links, sets the attributes of
    /// the directories, and ends the workers. Errors: `card`.
    [[nodiscard]] Expected<void> finish();

    /// Makes every thread return soon; the tree stays incomplete.
    void stop();

private:
    struct BeginFile {
        DirectoryHandle directory;
        std::string path;
        NodeAttributes attributes;
    };
    struct Content {
        std::uint64_t hole = 0;  ///< zeros before `bytes`
        std::vector<std::byte> bytes;
    };
    struct EndFile {};
    struct CreateSpecial {
        DirectoryHandle directory;
        std::string path;
        EntryKind kind;
        std::string link_target;
        NodeAttributes attributes;
    };
    struct WholeFile {
        BeginFile file;
        Content content;
    };
    using Job = std::variant<WholeFile, BeginFile, Content, EndFile, CreateSpecial>;
    struct PendingLink {
        std::string path;
        std::string target;
    };
    class Worker;

    [[nodiscard]] Expected<void> put(Job job, std::size_t cost);
    [[nodiscard]] Expected<void> add_hard_link(const AcceptedEntry& entry);
    [[nodiscard]] Expected<void> restore_default_acls();
    [[nodiscard]] Expected<void> make_directory(const std::string& path, const NodeAttributes& attributes);
    [[nodiscard]] Expected<void> complete_earlier_entry(const AcceptedEntry& entry, EntryKind kind);
    [[nodiscard]] Expected<void> finalize();
    [[nodiscard]] Expected<void> create_pending_links();
    [[nodiscard]] Expected<void> set_attributes_of_directories();
    void choose_worker();

    TreeDirectories directories_;
    std::deque<BoundedQueue<Job>> queues_;  ///< one per worker; a deque, because queues cannot move
    std::size_t chosen_ = 0;                ///< the worker of the current file

    /// Hashes of paths. Two paths with the same hash are treated as the same path, which only costs time.
    std::unordered_set<std::size_t> seen_;
    std::map<std::string, NodeAttributes> directory_attributes_;
    std::vector<PendingLink> links_;
    std::size_t links_size_ = 0;  ///< memory of links_, in bytes

    // The current file, passed to a worker with the first piece of content, which is often the whole content.
    std::unique_ptr<BeginFile> file_;
    std::size_t file_cost_ = 0;
    std::uint64_t content_left_ = 0;
};

}  // namespace mox::medkit
