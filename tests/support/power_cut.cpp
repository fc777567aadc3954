#include "support/power_cut.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "base/unique_fd.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/rescue_run_loop.hpp"
#include "support/storage_daemon.hpp"

namespace mox::test_support {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_with_errno(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

void make_empty_file(const fs::path& path, std::uint64_t size) {
    if (!std::ofstream(path)) fail_with_errno(path.native());
    fs::resize_file(path, size);
}

bool is_zero(std::span<const std::byte> bytes) {
    return bytes.empty() || (bytes.front() == std::byte{} &&
                             std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

void apply(int image, const LoggedWrite& write) {
    if (write.length == 0) return;
    const auto offset = static_cast<off_t>(write.offset);
    if (write.discard || is_zero(write.data)) {
        if (::fallocate(image, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset,
                        static_cast<off_t>(write.length)) != 0)
            fail_with_errno("punching a hole");
        return;
    }
    if (::pwrite(image, write.data.data(), write.data.size(), offset) !=
        static_cast<ssize_t>(write.data.size()))
        fail_with_errno("writing a card");
}

UniqueFd open_for_writing(const fs::path& path) {
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!fd) fail_with_errno(path.native());
    return fd;
}

}  // namespace

MappedFile::MappedFile(const fs::path& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) fail_with_errno(path.native());
    const auto size = fs::file_size(path);
    void* const address = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd.get(), 0);
    if (address == MAP_FAILED) fail_with_errno(path.native());
    bytes_ = {static_cast<const std::byte*>(address), size};
}

MappedFile::~MappedFile() {
    ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

RecordedCard::RecordedCard(const fs::path& image, const fs::path& folder,
                           const std::function<void(const fs::path& node)>& use)
    : carried_forward_(folder / "card-at-cut.img") {
    constexpr std::uint64_t more_than_any_run_writes = 8ULL << 30;
    const auto log = folder / "writes.log";
    const auto shown = folder / "recorded-card.img";
    copy_sparse(image, carried_forward_);
    make_empty_file(log, more_than_any_run_writes);
    make_empty_file(shown, fs::file_size(image));

    auto daemon = StorageDaemon::recording(image, log, shown);
    AttachedImage card(shown);
    use(card.node());
    if (const auto device = open_for_writing(card.node()); ::fsync(device.get()) != 0)
        fail_with_errno(card.node().native());
    card.detach();
    daemon.stop();

    mapped_ = std::make_unique<MappedFile>(log);
    // The daemon writes its super block with the first flush, and drops a flush when nothing was written.
    if (is_zero(mapped_->bytes().first(4096))) return;
    auto parsed = parse_write_log(mapped_->bytes());
    if (!parsed) throw std::runtime_error(parsed.error().describe());
    log_ = std::move(*parsed);
}

void RecordedCard::write_card_at(const Cut& cut, const fs::path& copy) {
    if (cut.durable < applied_) throw std::logic_error("cuts must come in their order");
    {
        const auto image = open_for_writing(carried_forward_);
        for (; applied_ < cut.durable; ++applied_) apply(image.get(), log_[applied_]);
    }
    copy_sparse(carried_forward_, copy);
    const auto image = open_for_writing(copy);
    for (std::size_t i = cut.durable; i < cut.end; ++i)
        if (!std::ranges::binary_search(cut.lost, i)) apply(image.get(), log_[i]);
}

}  // namespace mox::test_support
