// Packing against GNU tar and coreutils, which read what we write.

#include "medkit/pack.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/child_process.hpp"
#include "base/unique_fd.hpp"
#include "medkit/medkit_files.hpp"
#include "medkit/verify.hpp"
#include "support/medkit_factory.hpp"
#include "support/rescue_run_card.hpp"
#include "support/temporary_directory.hpp"
#include "support/tree_digest.hpp"

namespace mox::medkit {
namespace {

using namespace std::chrono_literals;

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

class Packing : public testing::Test {
protected:
    Packing() {
        std::filesystem::create_directories(tree() / "boot");
        std::ofstream(tree() / "boot/Image") << "kernel";
    }

    [[nodiscard]] std::filesystem::path tree() const { return folder_ / "tree"; }
    [[nodiscard]] std::filesystem::path archive() const { return folder_ / "mox-medkit-a b.tar.gz"; }

    PackedMedkit pack(const SecretKey* key = nullptr) const {
        auto packed = pack_medkit(tree(), archive(), key, {});
        EXPECT_TRUE(packed) << packed.error().describe();
        return packed.value_or(PackedMedkit{});
    }

    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> found;
        for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
            found.push_back(entry.path().filename());
        std::ranges::sort(found);
        return found;
    }

    test_support::TemporaryDirectory folder_;
};

TEST_F(Packing, KeepsAllThatGnuTarCanUnpack) {
    std::filesystem::remove_all(tree());
    test_support::make_system_tree(tree(), "9.0.1", 1);
    pack();
    EXPECT_EQ(test_support::describe_archive(archive(), folder_.path()), test_support::describe_tree(tree()));
}

/// One gzip member of several pieces, at every speed: what gzip and BusyBox unpack is the same tar archive.
TEST_F(Packing, IsReadByGzipAndBusyBoxAtEveryLevel) {
    std::filesystem::remove_all(tree());
    test_support::make_system_tree(tree(), "9.0.1", 1);
    std::ofstream(tree() / "large") << std::string(3 << 20, 'x');
    const auto unpacked = [&](const std::string& by) {
        const auto result =
            run_child({"sh", "-c", by + " -dc < \"$1\" | sha256sum", "sh", archive().native()},
                      std::chrono::minutes(1));
        return result ? result->output : result.error().describe();
    };
    std::string tar;
    std::uint64_t before = 0;
    for (const int level : {12, 6, 1}) {
        PackRules rules;
        rules.compression.level = {level};
        const auto packed = pack_medkit(tree(), archive(), nullptr, {}, rules);
        ASSERT_TRUE(packed) << packed.error().describe();
        EXPECT_GE(packed->packed.count, before) << "level " << level;
        before = packed->packed.count;
        if (tar.empty()) tar = unpacked("gzip");
        EXPECT_EQ(unpacked("gzip"), tar) << "level " << level;
        EXPECT_EQ(unpacked("busybox gunzip"), tar) << "level " << level;
    }
    EXPECT_EQ(test_support::describe_archive(archive(), folder_.path()), test_support::describe_tree(tree()));
}

TEST_F(Packing, IsAcceptedByOurOwnReader) {
    std::filesystem::remove_all(tree());
    test_support::make_system_tree(tree(), "9.0.1", 1);
    const auto key = SecretKey::generate();
    const auto packed = pack(&*key);
    std::filesystem::create_directory(folder_ / "keys");
    std::ofstream(folder_ / ("keys/" + to_text(key->public_key().number))) << to_text(key->public_key(), "x");

    const UniqueFd folder(::open(folder_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    VerifyRules rules;
    rules.archive.capacity = Bytes{1 << 30};
    rules.keys.directory = folder_ / "keys";
    const auto listing = find_medkits(folder.get(), {});
    ASSERT_TRUE(listing && listing->medkits.size() == 1);
    const auto medkit = verify_medkit(folder.get(), listing->medkits.front(), rules, {});
    ASSERT_TRUE(medkit) << medkit.error().describe();
    EXPECT_EQ(medkit->trust, TrustLevel::signed_by_trusted_key);
    EXPECT_EQ(medkit->base.summary.version, "9.0.1");
    EXPECT_EQ(medkit->base.summary.sha256, packed.sha256);
    EXPECT_EQ(medkit->base.summary.entries, packed.entries);
    EXPECT_EQ(medkit->base.summary.unpacked, packed.unpacked);
    EXPECT_TRUE(medkit->base.md5_matched);
}

TEST_F(Packing, GivesTheSameBytesForTheSameDirectory) {
    std::filesystem::remove_all(tree());
    test_support::make_system_tree(tree(), "9.0.1", 1);
    pack();
    const auto first = content_of(archive());
    (void)content_of(tree() / "boot/Image");  // an access time must not show
    pack();
    EXPECT_TRUE(content_of(archive()) == first);
}

TEST_F(Packing, GivesTheSameBytesForACopyOfTheDirectory) {
    std::filesystem::remove_all(tree());
    test_support::make_system_tree(tree(), "9.0.1", 1);
    pack();
    const auto first = content_of(archive());
    const auto copied = run_child({"cp", "-a", tree(), folder_ / "copy"}, 60s);
    ASSERT_TRUE(copied && copied->succeeded()) << copied->output;
    ASSERT_TRUE(pack_medkit(folder_ / "copy", archive(), nullptr, {}));
    EXPECT_TRUE(content_of(archive()) == first);
}

/// What verification says of what was packed.
Expected<ArchiveSummary> inspected(const std::filesystem::path& archive) {
    const UniqueFd file(::open(archive.c_str(), O_RDONLY | O_CLOEXEC));
    return inspect_archive(file.get(), "archive", {.capacity = Bytes{1 << 30}, .required_files = {}}, {}, {});
}

TEST_F(Packing, KeepsHardLinksOfSymlinksAndDevices) {
    std::filesystem::create_symlink("nowhere", tree() / "a");
    ASSERT_EQ(::linkat(AT_FDCWD, (tree() / "a").c_str(), AT_FDCWD, (tree() / "b").c_str(), 0), 0);
    ASSERT_EQ(::mknod((tree() / "c").c_str(), S_IFCHR | 0600, makedev(5, 1)), 0);
    ASSERT_EQ(::linkat(AT_FDCWD, (tree() / "c").c_str(), AT_FDCWD, (tree() / "d").c_str(), 0), 0);
    pack();
    EXPECT_EQ(test_support::describe_archive(archive(), folder_.path()), test_support::describe_tree(tree()));
    const auto summary = inspected(archive());
    ASSERT_TRUE(summary) << summary.error().describe();
    EXPECT_EQ(summary->contents.names_of("b"), 2U);
    EXPECT_EQ(summary->contents.find("d"), NodeKind::special);
}

TEST_F(Packing, KeepsSparseFilesSparse) {
    constexpr off_t size = 3LL << 30;
    const UniqueFd file(::open((tree() / "disk.img").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    ASSERT_EQ(::ftruncate(file.get(), size), 0);
    ASSERT_EQ(::pwrite(file.get(), "data", 4, 1 << 30), 4);
    const auto packed = pack();
    EXPECT_LT(packed.packed, Bytes{1 << 20});
    const auto listed = run_child({"tar", "-tvzf", archive()}, 60s);
    ASSERT_TRUE(listed && listed->succeeded());
    EXPECT_TRUE(listed->output.contains(std::to_string(size))) << listed->output;
    // 3 GB do not fit into 1 GB: a hole may be written to tomorrow.
    const auto summary = inspected(archive());
    ASSERT_FALSE(summary);
    EXPECT_TRUE(summary.error().describe().contains("disk.img: the content does not fit"));
}

TEST_F(Packing, KeepsAFileThatIsOneHoleSparse) {
    std::ofstream(tree() / "swap").flush();
    std::filesystem::resize_file(tree() / "swap", 1 << 20);
    (void)pack();
    const auto unpacked = run_child({"tar", "-C", folder_.path(), "-xzf", archive(), "./swap"}, 60s);
    ASSERT_TRUE(unpacked && unpacked->succeeded()) << unpacked->output;
    struct stat status{};
    ASSERT_EQ(::stat((folder_ / "swap").c_str(), &status), 0);
    EXPECT_EQ(status.st_size, 1 << 20);
    EXPECT_EQ(status.st_blocks, 0) << "it was packed in full";
}

TEST_F(Packing, LeavesOutAttributesThatARouterDoesNotKeep) {
    ASSERT_EQ(::setxattr((tree() / "boot/Image").c_str(), "trusted.packer", "x", 1, 0), 0);
    ASSERT_EQ(::setxattr((tree() / "boot/Image").c_str(), "user.note", "x", 1, 0), 0);
    const auto packed = pack();
    EXPECT_EQ(packed.left_out_attributes.count(), 1U);
    EXPECT_TRUE(packed.left_out_attributes.describe().ends_with(": trusted.packer"));
    const auto summary = inspected(archive());
    ASSERT_TRUE(summary) << summary.error().describe();
    EXPECT_EQ(summary->left_out.count(), 0U);
}

TEST_F(Packing, KeepsNamesOfAttributesWhateverIsInThem) {
    for (const auto* name : {"user.a=b", "user.100%25", "user.gr\xc3\xb6\xc3\x9f", "user.two words"})
        ASSERT_EQ(::setxattr((tree() / "boot/Image").c_str(), name, "x", 1, 0), 0);
    pack();
    const UniqueFd file(::open(archive().c_str(), O_RDONLY | O_CLOEXEC));
    const auto summary = inspected(archive());
    ASSERT_TRUE(summary) << summary.error().describe();
    const auto copy = folder_ / "copy";
    std::filesystem::create_directory(copy);
    const UniqueFd root(::open(copy.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ASSERT_TRUE(unpack_archive(file.get(), "archive", root.get(), *summary, {}));
    EXPECT_EQ(test_support::describe_tree(copy), test_support::describe_tree(tree()));
}

/// Mode 4 would refuse it, so it is not made.
TEST_F(Packing, RefusesWhatCouldNotBeInstalled) {
    std::filesystem::create_directories(tree() / "etc");
    std::ofstream(tree() / "etc/schnapps") << "no directory";
    const auto packed = pack_medkit(tree(), archive(), nullptr, {});
    ASSERT_FALSE(packed);
    EXPECT_EQ(packed.error().kind(), ErrorKind::medkit);
    EXPECT_TRUE(packed.error().describe().contains("etc/schnapps is not a directory"))
        << packed.error().describe();
    EXPECT_EQ(names(), std::vector<std::string>{"tree"});
}

TEST_F(Packing, HasNoLimitOnTheNumberOfMembersButMemory) {
    constexpr int files = 4;
    constexpr int names_of_a_file = 52'500;
    for (int file = 0; file < files; ++file) {
        const auto first = tree() / std::to_string(file);
        std::ofstream(first) << file;
        for (int name = 1; name < names_of_a_file; ++name)
            ASSERT_EQ(::link(first.c_str(), (first.native() + "-" + std::to_string(name)).c_str()), 0);
    }
    EXPECT_GT(pack().entries, 200'000U);
    const auto summary = inspected(archive());
    ASSERT_TRUE(summary) << summary.error().describe();
    EXPECT_GT(summary->entries, 200'000U);
}

TEST_F(Packing, WritesChecksumsThatCoreutilsAccept) {
    pack();
    EXPECT_EQ(names(), (std::vector<std::string>{"mox-medkit-a b.tar.gz", "mox-medkit-a b.tar.gz.md5",
                                                 "mox-medkit-a b.tar.gz.sha256", "tree"}));
    const auto there = folder_.path().native();
    for (const auto* program : {"sha256sum", "md5sum"}) {
        const auto suffix = program == std::string("md5sum") ? ".md5" : ".sha256";
        const auto checked =
            run_child({"env", "--chdir=" + there, program, "-c", archive().native() + suffix}, 60s);
        EXPECT_TRUE(checked && checked->succeeded()) << checked->output;
    }
}

TEST_F(Packing, WithoutAKeyRemovesTheSignatureOfAnEarlierArchive) {
    const auto key = SecretKey::generate();
    pack(&*key);
    EXPECT_TRUE(std::filesystem::exists(archive().native() + ".sig"));
    pack();
    EXPECT_FALSE(std::filesystem::exists(archive().native() + ".sig"));
}

TEST_F(Packing, FillsHolesBecauseTheBootLoaderCannotReadSparseFiles) {
    std::filesystem::resize_file(tree() / "boot/Image", 8 << 20);
    const auto packed = pack();
    EXPECT_EQ(packed.unpacked, Bytes{8 << 20});
    const auto listed = run_child({"tar", "-tvzf", archive()}, 60s);
    ASSERT_TRUE(listed && listed->succeeded());
    const auto unpacked = run_child({"tar", "-C", folder_.path(), "-xzf", archive(), "./boot/Image"}, 60s);
    ASSERT_TRUE(unpacked && unpacked->succeeded()) << unpacked->output;
    struct stat status{};
    ASSERT_EQ(::stat((folder_ / "boot/Image").c_str(), &status), 0);
    EXPECT_EQ(status.st_size, 8 << 20);
    EXPECT_GE(status.st_blocks * 512, 8 << 20) << "GNU tar made it sparse: it was packed as such";
}

TEST_F(Packing, SaysThatASocketWasLeftOut) {
    const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = (tree() / "socket").native();
    ASSERT_LT(path.size(), sizeof address.sun_path);
    std::ranges::copy(path, address.sun_path);
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(pack().left_out, std::vector<std::string>{"./socket"});
}

TEST_F(Packing, ShowsHowFarItIs) {
    Bytes last;
    const auto packed = pack_medkit(tree(), archive(), nullptr, [&](Bytes done, Bytes total) {
        EXPECT_EQ(total, Bytes{6});
        last = done;
    });
    ASSERT_TRUE(packed);
    EXPECT_EQ(last, Bytes{6});
}

TEST_F(Packing, TouchesNoFileThatIsCalledNew) {
    for (const auto* ending : {".new", ".sha256.new", ".md5.new"})
        std::ofstream(archive().native() + ending) << "mine";
    pack();
    for (const auto* ending : {".new", ".sha256.new", ".md5.new"})
        EXPECT_EQ(content_of(archive().native() + ending), "mine") << ending;
    EXPECT_EQ(names().size(), 7U);
}

TEST_F(Packing, OfADirectoryIntoItselfIsRefused) {
    const auto before = test_support::names_in(tree());
    const auto packed = pack_medkit(tree(), tree() / "mox-medkit.tar.gz", nullptr, {});
    ASSERT_FALSE(packed);
    EXPECT_TRUE(packed.error().describe().contains("lies inside the directory that is packed"));
    EXPECT_EQ(test_support::names_in(tree()), before);
}

TEST_F(Packing, ThatFailsLeavesTheEarlierArchiveAlone) {
    std::ofstream(archive()) << "earlier";
    const auto packed = pack_medkit(folder_ / "missing", archive(), nullptr, {});
    ASSERT_FALSE(packed);
    EXPECT_EQ(packed.error().describe(), (folder_ / "missing").native() + ": No such file or directory");
    EXPECT_EQ(content_of(archive()), "earlier");
    EXPECT_EQ(names(), (std::vector<std::string>{"mox-medkit-a b.tar.gz", "tree"}));
}

}  // namespace
}  // namespace mox::medkit
