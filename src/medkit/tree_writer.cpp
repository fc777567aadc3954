#include "medkit/tree_writer.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <optional>
#include <ranges>
#include <utility>

#include "medkit/tree_node.hpp"

namespace mox::medkit {

namespace {

/// Limit of the jobs in the queue of one worker, in bytes; enough work for times when the file system blocks.
constexpr std::size_t queue_capacity = 6 << 20;
/// Cost of a job without its content, names and extended attributes.
constexpr std::size_t job_cost = 1 << 10;
/// Limit of the pending hard links, in bytes. When it is reached, all files so far are completed and linked.
constexpr std::size_t largest_pending_links = 1 << 20;

constexpr std::array<std::byte, 64 << 10> zeros{};

/// U-Boot reads these files, and its btrfs driver does not read holes reliably.
bool is_boot_file(std::string_view path) {
    return path.starts_with("boot/");
}

Expected<void> write_content(int fd, std::span<const std::byte> bytes, std::string_view path) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail_on_card(path, errno);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

Expected<void> write_zeros(int fd, std::uint64_t count, std::string_view path) {
    while (count > 0) {
        const auto part = std::span(zeros).first(std::min<std::uint64_t>(count, zeros.size()));
        TRY(write_content(fd, part, path));
        count -= part.size();
    }
    return {};
}

std::size_t cost_of(const AcceptedEntry& entry, const NodeAttributes& attributes) {
    constexpr std::size_t cost_of_attribute = 96;
    return job_cost + entry.path.size() + entry.link_target.size() + size_of(attributes.xattrs) +
           attributes.xattrs.size() * cost_of_attribute;
}

std::unexpected<Error> stopped() {
    return fail(ErrorKind::internal, "stopped, because another part failed");
}

}  // namespace

/// Executes the jobs of one worker thread.
class TreeWriter::Worker {
public:
    Expected<void> operator()(const WholeFile& job) {
        TRY((*this)(job.file));
        TRY((*this)(job.content));
        return (*this)(EndFile{});
    }

    Expected<void> operator()(const BeginFile& job) {
        auto fd = TRY(create_file(job.directory->get(), job.path, job.attributes.mode));
        fd_ = std::move(fd);
        path_ = job.path;
        attributes_ = job.attributes;
        has_hole_at_end_ = false;
        return {};
    }

    Expected<void> operator()(const Content& job) {
        if (job.hole > 0) TRY(leave_hole(job.hole));
        has_hole_at_end_ = job.hole > 0 && job.bytes.empty();
        return write_content(fd_.get(), job.bytes, path_);
    }

    Expected<void> operator()(const EndFile&) {
        if (has_hole_at_end_ && ::ftruncate(fd_.get(), ::lseek(fd_.get(), 0, SEEK_CUR)) != 0)
            return fail_on_card(path_, errno);
        auto set = set_attributes(fd_.get(), path_, attributes_);
        fd_.reset();
        return set;
    }

    Expected<void> operator()(const CreateSpecial& job) {
        return create_special(job.directory->get(), job.path, job.kind, job.link_target, job.attributes);
    }

private:
    Expected<void> leave_hole(std::uint64_t size) {
        if (is_boot_file(path_)) return write_zeros(fd_.get(), size, path_);
        if (::lseek(fd_.get(), static_cast<off_t>(size), SEEK_CUR) < 0) return fail_on_card(path_, errno);
        return {};
    }

    UniqueFd fd_;
    std::string path_;
    NodeAttributes attributes_;
    bool has_hole_at_end_ = false;
};

TreeWriter::TreeWriter(int root, std::size_t workers) : directories_(root) {
    for (std::size_t i = 0; i < workers; ++i) queues_.emplace_back(queue_capacity);
}

Expected<void> TreeWriter::work(std::size_t worker) {
    Worker executor;
    while (auto job = queues_.at(worker).take()) TRY(std::visit(executor, *job));
    return {};
}

Expected<void> TreeWriter::begin(const AcceptedEntry& entry, const TarEntry& details) {
    const auto kind = details.description.kind;
    TRY(complete_earlier_entry(entry, kind));
    if (kind == EntryKind::directory) return make_directory(entry.path, details.attributes);
    if (kind == EntryKind::hard_link) return add_hard_link(entry);
    auto directory = TRY(directories_.open(split_path(entry.path).directory));
    choose_worker();
    if (kind != EntryKind::regular)
        return put(
            CreateSpecial{std::move(directory), entry.path, kind, entry.link_target, details.attributes},
            cost_of(entry, details.attributes));
    file_ = std::make_unique<BeginFile>(std::move(directory), entry.path, details.attributes);
    file_cost_ = cost_of(entry, details.attributes);
    content_left_ = static_cast<std::uint64_t>(details.description.size);
    if (content_left_ == 0) return put(WholeFile{std::move(*std::exchange(file_, nullptr)), {}}, file_cost_);
    return {};
}

Expected<void> TreeWriter::add_hard_link(const AcceptedEntry& entry) {
    links_.push_back({entry.path, entry.link_target});
    links_size_ += sizeof(PendingLink) + entry.path.size() + entry.link_target.size();
    return links_size_ > largest_pending_links ? finalize() : Expected<void>{};
}

Expected<void> TreeWriter::add_content(const ContentPiece& piece) {
    content_left_ -= std::min<std::uint64_t>(content_left_, piece.hole + piece.bytes.size());
    Content content{piece.hole, {piece.bytes.begin(), piece.bytes.end()}};
    const auto size = piece.bytes.size();
    if (file_ && content_left_ == 0)
        return put(WholeFile{std::move(*std::exchange(file_, nullptr)), std::move(content)},
                   size + file_cost_);
    if (file_) TRY(put(std::move(*std::exchange(file_, nullptr)), file_cost_));
    TRY(put(std::move(content), size + job_cost));
    return content_left_ == 0 ? put(EndFile{}, job_cost) : Expected<void>{};
}

Expected<void> TreeWriter::finish() {
    TRY(finalize());
    TRY(restore_default_acls());
    TRY(set_attributes_of_directories());
    for (auto& queue : queues_) queue.close();
    return {};
}

void TreeWriter::stop() {
    for (auto& queue : queues_) queue.stop();
}

void TreeWriter::choose_worker() {
    const auto least = std::ranges::min_element(queues_, {}, &BoundedQueue<Job>::load);
    chosen_ = static_cast<std::size_t>(least - queues_.begin());
}

Expected<void> TreeWriter::put(Job job, std::size_t cost) {
    if (!queues_.at(chosen_).put(std::move(job), cost)) return stopped();
    return {};
}

Expected<void> TreeWriter::make_directory(const std::string& path, const NodeAttributes& attributes) {
    directory_attributes_.insert_or_assign(path, attributes);
    return directories_.make(path);
}

/// If the path was seen before, completes all entries so far, because this one replaces an earlier one. The
/// target of a hard link counts as seen: it must not be replaced before the link is created.
Expected<void> TreeWriter::complete_earlier_entry(const AcceptedEntry& entry, EntryKind kind) {
    const std::hash<std::string> hash;
    const bool is_new = seen_.insert(hash(entry.path)).second;
    if (kind == EntryKind::hard_link) seen_.insert(hash(entry.link_target));
    const bool stays = kind == EntryKind::directory && directory_attributes_.contains(entry.path);
    if (is_new || stays) return {};
    directory_attributes_.erase(entry.path);
    auto finalized = finalize();
    directories_.close_all();
    return finalized;
}

/// After this all entries so far are in the tree.
Expected<void> TreeWriter::finalize() {
    for (auto& queue : queues_)
        if (!queue.wait_until_done()) return stopped();
    return create_pending_links();
}

Expected<void> TreeWriter::create_pending_links() {
    links_size_ = 0;
    for (const auto& link : std::exchange(links_, {})) {
        const auto directory = TRY(directories_.open(split_path(link.path).directory));
        const auto target = TRY(directories_.open(split_path(link.target).directory));
        TRY(create_hard_link(directory->get(), link.path, target->get(), link.target));
    }
    return {};
}

/// Inner directories first: without root rights an outer one may become unreadable.
Expected<void> TreeWriter::set_attributes_of_directories() {
    for (const auto& [path, attributes] : directory_attributes_ | std::views::reverse) {
        const auto directory = TRY(directories_.open(path));
        const std::string_view shown = path.empty() ? "/" : std::string_view(path);
        TRY(remove_xattrs(directory->get(), shown));
        TRY(set_attributes(directory->get(), shown, attributes));
    }
    return {};
}

/// For directories that existed before and that the archive does not name.
Expected<void> TreeWriter::restore_default_acls() {
    for (const auto& [path, acl] : directories_.suspended_default_acls()) {
        if (directory_attributes_.contains(path)) continue;
        const auto directory = TRY(directories_.open(path));
        TRY(set_xattr(directory->get(), path, acl));
    }
    return {};
}

}  // namespace mox::medkit
