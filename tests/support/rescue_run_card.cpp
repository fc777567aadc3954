#include "support/rescue_run_card.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <set>
#include <sstream>
#include <system_error>
#include <utility>

#include "base/child_process.hpp"
#include "base/unique_fd.hpp"
#include "support/loop_image.hpp"
#include "support/medkit_factory.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/rescue_run_loop.hpp"
#include "support/tree_digest.hpp"

namespace mox::test_support {

namespace {

namespace fs = std::filesystem;

// Of the btrfs on-disk format: place and size of things.
constexpr std::uint64_t super_block = 64 << 10;
constexpr std::size_t id_offset = 32;  ///< of the file system's id in the super block
constexpr std::size_t id_length = 16;

constexpr std::uint64_t sector = 512;

UniqueFd open_or_throw(const fs::path& path, int flags) {
    UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC));
    if (!fd) throw std::system_error(errno, std::generic_category(), path.native());
    return fd;
}

std::string read_at(int file, std::uint64_t offset, std::size_t length) {
    std::string bytes(length, '\0');
    if (::pread(file, bytes.data(), length, static_cast<off_t>(offset)) != static_cast<ssize_t>(length))
        throw std::system_error(errno, std::generic_category(), "reading an image");
    return bytes;
}

void make_old_system(const fs::path& top) {
    const auto root = top / "@";
    run({"btrfs", "-q", "subvolume", "create", root.native()});
    make_system_tree(root, "8.0.0", 2);
    fs::create_symlink("@/boot/boot.scr", top / "boot.scr");
    run({"btrfs", "-q", "subvolume", "snapshot", "-r", root.native(), (top / "@factory").native()});
    for (const std::string number : {"1", "2"}) {
        run({"btrfs", "-q", "subvolume", "snapshot", root.native(), (top / ("@" + number)).native()});
        write_file(top / (number + ".info"), "TYPE=\"single\"\nDESCRIPTION=\"mine\"\n");
    }
    write_file(root / "etc/schnapps/config", "ROOT_DEV='/dev/old'\n");
    write_file(root / "root/diary", "what only the user has\n");
    fs::create_directories(root / "var/log/mox-rescue");
    for (int number = 101; number <= 112; ++number)
        write_file(root / "var/log/mox-rescue" / ("0" + std::to_string(number) + "-reflash.log"),
                   "log number " + std::to_string(number) + "\n");
}

bool is_read_only_subvolume(const fs::path& path) {
    const auto probe = path / "tmp/.may-i-write";
    const UniqueFd file(::open(probe.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    const int reason = errno;
    if (file) ::unlink(probe.c_str());
    constexpr ino_t root_of_subvolume = 256;  // btrfs: BTRFS_FIRST_FREE_OBJECTID
    struct stat status{};
    return !file && reason == EROFS && ::stat(path.c_str(), &status) == 0 &&
           status.st_ino == root_of_subvolume;
}

bool has_holes(const fs::path& path) {
    const auto file = open_or_throw(path, O_RDONLY);
    return ::lseek(file.get(), 0, SEEK_HOLE) != static_cast<off_t>(fs::file_size(path));
}

/// Collects what is not as it should be.
class Flaws {
public:
    void unless(bool good, const std::string& flaw) {
        if (!good) flaws_.push_back(flaw);
    }
    void same(const std::string& expected, const std::string& found, const std::string& subject) {
        if (expected != found) flaws_.push_back(subject + " differs:\n" + difference(expected, found));
    }
    [[nodiscard]] std::vector<std::string> all() && { return std::move(flaws_); }

private:
    std::vector<std::string> flaws_;
};

void check_logs(const fs::path& root, Flaws& flaws) {
    const auto folder = root / "var/log/mox-rescue";
    const auto logs = fs::exists(folder) ? names_in(folder) : std::vector<std::string>{};
    flaws.unless(!logs.empty(), "no log is kept in var/log/mox-rescue");
    flaws.unless(logs.size() <= 10, std::to_string(logs.size()) + " logs are kept instead of ten");
    if (logs.empty()) return;
    flaws.unless(read_file(folder / logs.back()).contains("medkit"),
                 "the newest log (" + logs.back() + ") does not tell of a medkit");
}

void check_top_level(const fs::path& top, const std::string& medkit, Flaws& flaws) {
    const auto names = names_in(top);
    const std::vector<std::string> expected{"@", "@factory", "boot.scr"};
    std::string list;
    for (const auto& name : names) list += " " + name;
    flaws.unless(names == expected, "at the top level there is:" + list);
    if (!std::ranges::includes(names, expected)) return;

    flaws.same(medkit, describe_system(top / "@"), "@");
    flaws.same(medkit, describe_system(top / "@factory"), "@factory");
    flaws.unless(is_read_only_subvolume(top / "@factory"), "@factory is not a read-only subvolume");
    flaws.unless(!is_read_only_subvolume(top / "@"), "@ is read-only");
    flaws.unless(fs::is_symlink(top / "boot.scr") && fs::read_symlink(top / "boot.scr") == "@/boot/boot.scr",
                 "boot.scr is not a symlink to @/boot/boot.scr");
    flaws.unless(!has_holes(top / "@/boot/Image"), "boot/Image has holes");
    for (const std::string system : {"@", "@factory"}) {
        auto config = system + "/etc/schnapps/config";
        const auto text = read_file(top / config);
        flaws.unless(
            text.starts_with("ROOT_DEV='/dev/") && text.ends_with("'\n") && text != "ROOT_DEV='/dev/old'\n",
            config.append(" holds: ").append(text));
    }
    const auto record = read_file(top / "@/etc/schnapps/installed");
    flaws.unless(record.starts_with("re-flashed by the rescue system on ") && record.contains("medkit"),
                 "@/etc/schnapps/installed holds: " + record);
    check_logs(top / "@", flaws);
}

}  // namespace

void make_card_with_whole_system(const fs::path& image) {
    make_disk(image, card_size, Table::dos);
    make_filesystem(image, Table::dos, "btrfs");
    const MountedImage card(image, partition_start, "btrfs");
    make_old_system(card.path());
}

std::string btrfs_id(const fs::path& image) {
    const auto file = open_or_throw(image, O_RDONLY);
    std::string text;
    for (const char byte : read_at(file.get(), partition_start + super_block + id_offset, id_length)) {
        text += "0123456789abcdef"[static_cast<unsigned char>(byte) >> 4];
        text += "0123456789abcdef"[static_cast<unsigned char>(byte) & 15];
    }
    return text;
}

std::vector<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder))
        names.push_back(entry.path().filename().native());
    std::ranges::sort(names);
    return names;
}

std::string describe_system(const fs::path& root) {
    return describe_tree(root, files_of_the_installation);
}

std::string describe_medkit(const fs::path& archive, const fs::path& work) {
    return describe_archive(archive, work, files_of_the_installation);
}

std::string difference(const std::string& expected, const std::string& found) {
    const auto lines = [](const std::string& text) {
        std::set<std::string> all;
        std::istringstream stream(text);
        for (std::string line; std::getline(stream, line);) all.insert(line);
        return all;
    };
    const auto left = lines(expected);
    const auto right = lines(found);
    std::string text;
    int count = 0;
    const auto show = [&](const std::string& line, char side, const std::set<std::string>& other) {
        if (!other.contains(line) && ++count <= 20) text += std::string(1, side) + " " + line + "\n";
    };
    for (const auto& line : left) show(line, '-', right);
    for (const auto& line : right) show(line, '+', left);
    if (count > 20) text += "and " + std::to_string(count - 20) + " lines more\n";
    if (text.empty() && expected != found) text = "the same lines in another order\n";
    return text;
}

std::vector<std::string> flaws_of_flashed_card(const fs::path& image, const std::string& medkit) {
    Flaws flaws;
    {
        const AttachedImage card(image, Writing::forbidden, partition_start);
        const auto checked = run_child({"btrfs", "check", card.node().native()}, std::chrono::minutes(1));
        flaws.unless(checked && checked->succeeded(),
                     "btrfs check: " + (checked ? checked->output : checked.error().describe()));
    }
    const MountedImage card(image, partition_start, "btrfs");
    check_top_level(card.path(), medkit, flaws);
    return std::move(flaws).all();
}

std::vector<std::string> flaws_of_partition_table(const fs::path& image) {
    const auto file = open_or_throw(image, O_RDONLY);
    const auto table = read_at(file.get(), 0, sector);
    const auto number = [&](std::size_t at) {
        std::uint64_t value = 0;
        for (std::size_t i = 4; i > 0; --i)
            value = value << 8 | static_cast<unsigned char>(table[at + i - 1]);
        return value;
    };
    constexpr std::size_t first_entry = 446;
    const auto end = (number(first_entry + 8) + number(first_entry + 12)) * sector;
    Flaws flaws;
    flaws.unless(table.ends_with("\x55\xaa"), "there is no DOS partition table");
    flaws.unless(table[first_entry + 4] == '\x83', "partition 1 is not of type 83");
    flaws.unless(number(first_entry + 8) * sector == partition_start, "partition 1 does not begin at 1 MiB");
    flaws.unless(end <= fs::file_size(image) && end + (1 << 20) >= fs::file_size(image),
                 "partition 1 ends at " + std::to_string(end));
    flaws.unless(table.substr(first_entry + 16, 48) == std::string(48, '\0'), "there is a second partition");
    return std::move(flaws).all();
}

}  // namespace mox::test_support
