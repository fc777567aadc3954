#include "storage/disk_summary.hpp"

#include <fcntl.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <tuple>
#include <utility>

#include "base/file.hpp"
#include "base/text.hpp"
#include "storage/block_device.hpp"

namespace mox::storage {

namespace {

namespace fs = std::filesystem;

/// Empty when the file cannot be read: such a disk has none.
std::string first_line(const fs::path& file) {
    const auto text = read_small_file(file, ErrorKind::internal);
    return text ? text->substr(0, text->find('\n')) : std::string();
}

/// A label may be any bytes.
std::string printable(std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
    return text;
}

/// "/dev/disk/by-id/usb-X (/dev/sdb)": a link as the user has written it, and where it leads.
std::string node_text(const fs::path& node) {
    std::error_code unreadable;
    const auto real = fs::canonical(node, unreadable);
    return unreadable || real == node ? node.native() : node.native() + ", which is " + real.native();
}

std::string describe(const Volume& volume) {
    auto text = volume.partition == 0 ? std::string()
                : volume.node.empty() ? "partition " + std::to_string(volume.partition)
                                      : volume.node.filename().native();
    const auto add = [&](const std::string& word) { text += (text.empty() ? "" : " ") + word; };
    if (!volume.filesystem.empty())
        add(std::string(filesystem_name(volume.filesystem)));
    else
        add(volume.error.empty() ? "without a known file system" : "(" + printable(volume.error) + ")");
    if (!volume.label.empty()) add("\"" + printable(volume.label) + "\"");
    if (volume.partition != 0) add(to_text(volume.size));
    return text;
}

bool is_blank(const Volume& volume) {
    return volume.partition == 0 && volume.filesystem.empty() && volume.error.empty();
}

auto fields_of(const Volume& volume) {
    return std::tie(volume.partition, volume.size, volume.filesystem, volume.uuid, volume.label);
}

}  // namespace

std::string DiskSummary::describe() const {
    auto text = node_text(drive.node) + " (" + to_text(drive.size);
    if (!drive.model.empty()) text += ", " + printable(drive.model);
    if (!image.empty()) text += ", image " + printable(image);
    text += "): ";
    if (std::ranges::all_of(volumes, is_blank)) return text + "nothing";
    return text + joined(volumes, ", ", [](const Volume& volume) { return storage::describe(volume); });
}

Expected<DiskSummary> summarize(const Drive& drive) {
    const auto kind = error_kind(drive.role);
    DiskSummary summary{.drive = drive};
    {
        auto disk = TRY(open_block_device(drive.node, O_RDONLY, kind), drive.describe());
        auto number = TRY(block_device_number(disk.get(), drive.node, kind));
        summary.drive.size = TRY(block_device_size(disk.get(), drive.node, kind));
        const auto sysfs = sysfs_directory(number);
        summary.sequence = first_line(sysfs / "diskseq");
        summary.image = first_line(sysfs / "loop/backing_file");
        if (summary.drive.model.empty()) summary.drive.model = model_of(sysfs);
    }
    auto volumes = TRY(volumes_of(drive));
    summary.volumes = std::move(volumes);
    return summary;
}

bool is_same(const DiskSummary& left, const DiskSummary& right) {
    return left.sequence == right.sequence && left.image == right.image &&
           left.drive.size == right.drive.size && left.drive.model == right.drive.model &&
           std::ranges::equal(left.volumes, right.volumes, {}, &fields_of, &fields_of);
}

}  // namespace mox::storage
