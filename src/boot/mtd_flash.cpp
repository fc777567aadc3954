#include <fcntl.h>
#include <mtd/mtd-user.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "base/file.hpp"
#include "boot/flash.hpp"

namespace mox::boot {

namespace {

class MtdFlash final : public Flash {
public:
    MtdFlash(UniqueFd device, std::string name, const mtd_info_user& info)
        : device_(std::move(device)), name_(std::move(name)), info_(info) {}

    [[nodiscard]] Bytes size() const override { return Bytes{info_.size}; }
    [[nodiscard]] Bytes erase_block() const override { return Bytes{info_.erasesize}; }

    [[nodiscard]] Expected<void> read(std::uint64_t offset, std::span<char> buffer) override {
        while (!buffer.empty()) {
            const ssize_t got =
                ::pread(device_.get(), buffer.data(), buffer.size(), static_cast<off_t>(offset));
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) return fail_errno(ErrorKind::internal, name_, got == 0 ? EIO : errno);
            offset += static_cast<std::uint64_t>(got);
            buffer = buffer.subspan(static_cast<std::size_t>(got));
        }
        return {};
    }

    [[nodiscard]] Expected<void> erase(std::uint64_t offset) override {
        erase_info_user block{.start = static_cast<std::uint32_t>(offset), .length = info_.erasesize};
        if (::ioctl(device_.get(), MEMERASE, &block) != 0)
            return fail_errno(ErrorKind::internal, name_ + ": erasing");
        return {};
    }

    [[nodiscard]] Expected<void> write(std::uint64_t offset, std::string_view content) override {
        while (!content.empty()) {
            const ssize_t written =
                ::pwrite(device_.get(), content.data(), content.size(), static_cast<off_t>(offset));
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0)
                return fail_errno(ErrorKind::internal, name_ + ": writing", written == 0 ? EIO : errno);
            offset += static_cast<std::uint64_t>(written);
            content.remove_prefix(static_cast<std::size_t>(written));
        }
        return {};
    }

    /// Some chips start with their blocks locked; others have no locks.
    [[nodiscard]] Expected<void> unlock() const {
        erase_info_user all{.start = 0, .length = info_.size};
        if (::ioctl(device_.get(), MEMUNLOCK, &all) == 0 || errno == EOPNOTSUPP || errno == ENOTTY) return {};
        return fail_errno(ErrorKind::internal, name_ + ": unlocking");
    }

private:
    UniqueFd device_;
    std::string name_;
    mtd_info_user info_;
};

}  // namespace

Expected<std::unique_ptr<Flash>> open_flash(const FlashPartition& partition) {
    const auto name = "flash partition " + partition.label + " (" + partition.node.native() + ")";
    auto device =
        TRY(open_file(partition.node, O_RDWR, ErrorKind::internal), "flash partition " + partition.label);
    mtd_info_user info{};
    if (::ioctl(device.get(), MEMGETINFO, &info) != 0) return fail_errno(ErrorKind::internal, name);
    if (info.type != MTD_NORFLASH || info.erasesize == 0 || (info.flags & MTD_WRITEABLE) == 0)
        return fail(ErrorKind::internal, name + " is not a writable NOR flash");
    auto flash = std::make_unique<MtdFlash>(std::move(device), name, info);
    TRY(flash->unlock());
    return flash;
}

}  // namespace mox::boot
