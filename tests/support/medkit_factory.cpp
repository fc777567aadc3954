#include "support/medkit_factory.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include "support/loop_image.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/tar_builder.hpp"

namespace mox::test_support {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_with_errno(const fs::path& path) {
    throw std::system_error(errno, std::generic_category(), path.native());
}

/// A tree under construction; paths are relative to its root.
class Tree {
public:
    Tree(fs::path root, std::uint64_t seed) : root_(std::move(root)), seed_(seed) {}

    [[nodiscard]] fs::path at(const std::string& path) const { return root_ / path; }

    void folder(const std::string& path, mode_t mode = 0755) const {
        fs::create_directories(at(path));
        set_mode(path, mode);
    }
    void file(const std::string& path, const std::string& content, mode_t mode = 0644) const {
        fs::create_directories(at(path).parent_path());
        write_file(at(path), content);
        set_mode(path, mode);
    }
    void noisy_file(const std::string& path, std::size_t length, mode_t mode = 0644) {
        file(path, noise(length, seed_ * 1'000'003 + ++files_), mode);
    }
    void symlink(const std::string& path, const std::string& target) const {
        fs::create_directories(at(path).parent_path());
        fs::create_symlink(target, at(path));
    }
    void hard_link(const std::string& path, const std::string& target) const {
        fs::create_directories(at(path).parent_path());
        fs::create_hard_link(at(target), at(path));
    }
    void node(const std::string& path, mode_t type_and_mode, dev_t device = 0) const {
        fs::create_directories(at(path).parent_path());
        if (::mknod(at(path).c_str(), type_and_mode, device) != 0) fail_with_errno(at(path));
        set_mode(path, type_and_mode & 07777);
    }
    void owner(const std::string& path, uid_t user, gid_t group) const {
        if (::lchown(at(path).c_str(), user, group) != 0) fail_with_errno(at(path));
    }
    void set_mode(const std::string& path, mode_t mode) const {
        if (::chmod(at(path).c_str(), mode) != 0) fail_with_errno(at(path));
    }
    void time(const std::string& path, time_t seconds, long nanoseconds) const {
        const std::array<timespec, 2> times{
            {{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, {.tv_sec = seconds, .tv_nsec = nanoseconds}}};
        if (::utimensat(AT_FDCWD, at(path).c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0)
            fail_with_errno(at(path));
    }
    void xattr(const std::string& path, const std::string& name, const std::string& value) const {
        if (::lsetxattr(at(path).c_str(), name.c_str(), value.data(), value.size(), 0) != 0)
            fail_with_errno(at(path));
    }

private:
    fs::path root_;
    std::uint64_t seed_;
    std::uint64_t files_ = 0;
};

void add_boot_files(Tree& tree, const std::string& version) {
    tree.noisy_file("boot/Image", 3 << 20);
    tree.noisy_file("boot/armada-3720-turris-mox.dtb", 12'345);
    tree.noisy_file("boot/boot.scr", 1'234);
    tree.file("etc/turris-version", version + "\n");
    tree.folder("etc/schnapps/rollback.d");
    tree.folder("var/log");
}

void add_packages(Tree& tree) {
    for (int package = 0; package < 24; ++package)
        for (int file = 0; file < 10; ++file)
            tree.noisy_file(
                "usr/lib/package" + std::to_string(package) + "/file" + std::to_string(file),
                static_cast<std::size_t>(package) * 997 % 20'000 + static_cast<std::size_t>(file) * 500);
}

void add_links(Tree& tree) {
    tree.noisy_file("bin/busybox", 300'000, 0755);
    for (const char* applet : {"ash", "cat", "ls", "mount"})
        tree.hard_link(std::string("bin/") + applet, "bin/busybox");
    tree.hard_link("usr/sbin/far-away", "bin/busybox");
    tree.symlink("bin/sh", "busybox");
    tree.symlink("etc/resolv.conf", "/tmp/resolv.conf");
    tree.symlink("lib64", "lib");
    tree.symlink("usr/lib/dangling", "../nowhere/" + std::string(150, 'x'));
}

void add_special_files(Tree& tree) {
    tree.node("dev/console", S_IFCHR | 0600, makedev(5, 1));
    tree.node("dev/loop0", S_IFBLK | 0660, makedev(7, 0));
    tree.owner("dev/loop0", 0, 6);
    tree.node("run/initctl", S_IFIFO | 0600);
}

void add_rights(Tree& tree) {
    tree.noisy_file("usr/bin/passwd", 5'000, 04755);
    tree.noisy_file("usr/bin/wall", 5'000, 02755);
    tree.noisy_file("etc/shadow", 500, 0000);
    tree.noisy_file("srv/large-owner", 10);
    tree.owner("srv/large-owner", 3'000'000'000U, 4'000'000'000U);
    tree.folder("tmp", 01777);
    tree.folder("root", 0700);
    tree.folder("home/user", 0750);
    tree.owner("home/user", 1000, 1001);
    tree.noisy_file("usr/bin/ping", 5'000, 0755);
    run({"setcap", "cap_net_raw+ep", tree.at("usr/bin/ping").native()});
    tree.noisy_file("srv/with-xattrs", 100);
    tree.xattr("srv/with-xattrs", "user.comment", "kept?");
    tree.xattr("srv/with-xattrs", "user.binary", std::string("\0\n=\xff", 4));
    tree.xattr("home/user", "user.folder", "yes");
}

void add_odd_names(Tree& tree) {
    for (const std::string name :
         {"blanks and [brackets] (1)", "-leading-dash", "na\xc3\xafve", "not-utf8-\xff\xfe", "tab\there",
          "new\nline", "back\\slash", "...", "trailing ", "*"})
        tree.noisy_file("srv/odd/" + name, 20);
    tree.file("srv/odd/empty", "");
    std::string deep = "srv/deep";
    for (int level = 0; level < 20; ++level) deep += "/a-folder-with-a-long-name-" + std::to_string(level);
    tree.noisy_file(deep + "/" + std::string(200, 'f'), 20);
}

void set_times(Tree& tree) {
    tree.time("usr/bin/ping", 1, 1);
    tree.time("bin/busybox", 1'600'000'000, 123'456'789);
    tree.time("bin/sh", 1'500'000'000, 987'654'321);
    tree.time("srv/large-owner", 2'240'000'000, 999'999'999);  // 2040
    tree.time("dev/console", 1'400'000'000, 5);
    tree.time("srv/odd", 1'300'000'000, 42);  // folders are last: their content changes them
    tree.time("bin", 1'200'000'000, 0);
    tree.time("", 1'700'000'000, 250'000'000);
}

}  // namespace

void make_system_tree(const fs::path& root, const std::string& version, std::uint64_t seed) {
    fs::create_directories(root);
    Tree tree(root, seed);
    add_boot_files(tree, version);
    add_packages(tree);
    add_links(tree);
    add_special_files(tree);
    add_rights(tree);
    add_odd_names(tree);
    set_times(tree);
}

void pack_with_tar(const fs::path& tree, const fs::path& archive, TarFormat format) {
    std::vector<std::string> argv{"tar", "--numeric-owner", "--sort=name", "-C", tree.native()};
    if (format == TarFormat::posix)
        argv.insert(argv.end(), {"--format=posix", "--xattrs", "--xattrs-include=*"});
    argv.insert(argv.end(), {"-czf", archive.native(), "."});
    run(argv);
}

std::string hex_by(const std::string& program, const fs::path& file) {
    const auto line = output_of({program, "--", file.native()});
    // A name with a backslash or newline makes coreutils begin the line with a backslash.
    return line.substr(line.front() == '\\' ? 1 : 0, line.find(' '));
}

void write_sha256_beside(const fs::path& archive) {
    write_file(archive.native() + ".sha256",
               hex_by("sha256sum", archive) + "  " + archive.filename().native() + "\n");
}

void write_md5_beside(const fs::path& archive) {
    write_file(archive.native() + ".md5",
               hex_by("md5sum", archive) + "  " + archive.filename().native() + "\n");
}

SigningKey make_signing_key(const fs::path& folder, const std::string& name) {
    fs::create_directories(folder);
    SigningKey key{folder / (name + ".pub"), folder / (name + ".sec"), {}};
    run({"signify-openbsd", "-G", "-n", "-p", key.public_key.native(), "-s", key.secret_key.native()});

    // Line 2 is base64 of "Ed", key number (8 bytes), key (32 bytes).
    std::ifstream file(key.public_key);
    std::string comment, base64;
    if (!std::getline(file, comment) || !std::getline(file, base64))
        throw std::runtime_error("no public key");
    std::array<unsigned char, 42> bytes{};
    std::size_t length = 0;
    if (sodium_base642bin(bytes.data(), bytes.size(), base64.data(), base64.size(), nullptr, &length, nullptr,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        length != bytes.size())
        throw std::runtime_error("not a public key: " + base64);
    std::array<char, 17> number{};
    key.number = sodium_bin2hex(number.data(), number.size(), bytes.data() + 2, 8);
    return key;
}

void trust(const SigningKey& key, const fs::path& keys) {
    fs::create_directories(keys);
    fs::copy_file(key.public_key, keys / key.number, fs::copy_options::overwrite_existing);
}

void sign_beside(const fs::path& archive, const SigningKey& key) {
    run({"signify-openbsd", "-S", "-s", key.secret_key.native(), "-m", archive.native(), "-x",
         archive.native() + ".sig"});
}

}  // namespace mox::test_support
