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

/// Writes a tree with several threads, so that it looks as if one had done it in order: a later entry
/// replaces an earlier one of the same path, hard links share the file that stood there at their time,
/// directories get their times last.
///
/// One thread tells it the entries and makes the directories; `workers` threads create everything else.
/// All content of one file goes to one worker, in order. Holes stay holes, but not below boot/.
///
/// What is kept in memory: 48 bytes per entry, path and attributes per directory (both counted in
/// verification, EntryPolicy), hard links that are to be made (1 MiB), and the workers' queues (6 MiB each).
class TreeWriter {
public:
    TreeWriter(int root, std::size_t workers);

    /// Body of each working thread. Errors: `card`.
    [[nodiscard]] Expected<void> work(std::size_t worker);

    /// The next entry; for a regular file all its content must follow. Errors: `card`.
    [[nodiscard]] Expected<void> begin(const AcceptedEntry& entry, const TarEntry& details);
    [[nodiscard]] Expected<void> add_content(const ContentPiece& piece);

    /// After the last entry: waits for the workers, then links and attributes of directories; the workers'
    /// threads end. Errors: `card`.
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
    [[nodiscard]] Expected<void> make_room_for(const AcceptedEntry& entry, EntryKind kind);
    [[nodiscard]] Expected<void> finalize();
    [[nodiscard]] Expected<void> create_pending_links();
    [[nodiscard]] Expected<void> set_attributes_of_directories();
    void choose_worker();

    TreeDirectories directories_;
    std::deque<BoundedQueue<Job>> queues_;  ///< one per worker; a deque, because queues cannot move
    std::size_t chosen_ = 0;                ///< the worker of the current file

    /// Hashes of paths: two paths with the same one are only thought to be the same, which costs time.
    std::unordered_set<std::size_t> seen_;
    std::map<std::string, NodeAttributes> directory_attributes_;
    std::vector<PendingLink> links_;
    std::size_t links_size_ = 0;  ///< memory that they take

    // The current file: not handed to a worker before the first piece of content, which is often all of it.
    std::unique_ptr<BeginFile> file_;
    std::size_t file_cost_ = 0;
    std::uint64_t content_left_ = 0;
};

}  // namespace mox::medkit
