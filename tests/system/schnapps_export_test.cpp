// What `schnapps export` leaves in a folder: files that their owner alone can read, that appear together, and
// that replace or touch nothing of the user's.

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "schnapps_transfer.hpp"

namespace mox::test_support {
namespace {

class SchnappsExport : public SchnappsTransfer {
protected:
    /// Every file in a folder with its content.
    static std::map<std::string, std::string> files_in(const fs::path& folder) {
        std::map<std::string, std::string> files;
        for (const auto& entry : fs::directory_iterator(folder))
            files[entry.path().filename()] = entry.is_directory() ? "(folder)" : read_file(entry.path());
        return files;
    }

    static std::string names_in(const fs::path& folder) {
        std::string text;
        for (const auto& [name, content] : files_in(folder)) text += (text.empty() ? "" : " ") + name;
        return text;
    }

    [[nodiscard]] std::string archive_name() const { return "mox-medkit-" + host() + "-1.tar.gz"; }
    [[nodiscard]] std::string info_name() const { return "mox-medkit-" + host() + "-1.info"; }

    static std::string host() {
        std::array<char, 256> name{};
        EXPECT_EQ(::gethostname(name.data(), name.size() - 1), 0);
        return name.data();
    }

    static std::string read_random(std::size_t size) {
        std::mt19937_64 random(1);
        std::string bytes(size, ' ');
        for (auto& byte : bytes) byte = static_cast<char>(random());
        return bytes;
    }

    void expect_verified(const fs::path& archive) const {
        const auto said = run_apart({MEDKIT_PROGRAM, "verify", "--keys", table_.keys(), archive});
        EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
    }
};

// Import and mode 4 count holes, so the backup could not be brought back on this card.
TEST_F(SchnappsExport, AFileWithMoreHolesThanTheCardHasRoomIsRefusedByName) {
    write_file(card_ / "@/disk.img", "");
    fs::resize_file(card_ / "@/disk.img", 100ULL << 30);
    const auto refused = run({"export", out_});
    EXPECT_EQ(refused.status, 2) << testing::PrintToString(refused);
    EXPECT_TRUE(refused.err.contains("disk.img: the content with its holes is more than "))
        << testing::PrintToString(refused);
    EXPECT_TRUE(refused.err.contains("leave this file out by a pattern in /etc/schnapps/export-exclude.d"))
        << testing::PrintToString(refused);
    EXPECT_EQ(names_in(out_), "") << "nothing is left behind";
    // The file is in the way of no other backup.
    EXPECT_EQ(run({"export", "1", out_}).status, 0);
}

TEST_F(SchnappsExport, SaysWhatWasExportedInTheWordsThatScriptsMatch) {
    const auto of_1 = run({"export", "1", out_});
    EXPECT_TRUE(of_1.out.starts_with("Snapshot 1 was exported into " + out_.native() + " as " +
                                     archive_name() + "\n"))
        << testing::PrintToString(of_1);
    const auto current = run({"export", out_});
    EXPECT_TRUE(
        current.out.starts_with("Current system was exported into " + out_.native() + " as mox-medkit-"))
        << testing::PrintToString(current);
    const auto in_the_words_of_the_field = run({"export", "current", card_.outside("").native()});
    EXPECT_TRUE(in_the_words_of_the_field.out.starts_with("Current system was exported into "));
}

TEST_F(SchnappsExport, CanBeReadByItsOwnerAloneAndIsVerified) {
    const auto archive = exported({"--sign", table_.key().secret_key, "1"});
    EXPECT_EQ(names_in(out_), info_name() + " " + archive_name() + " " + archive_name() + ".md5 " +
                                  archive_name() + ".sha256 " + archive_name() + ".sig");
    for (const auto& entry : fs::directory_iterator(out_)) {
        struct stat about{};
        ASSERT_EQ(::stat(entry.path().c_str(), &about), 0);
        EXPECT_EQ(about.st_mode & 07777U, 0600U) << entry.path();
    }
    expect_verified(archive);
}

TEST_F(SchnappsExport, ReplacesABackupOnlyWhenTold) {
    const auto archive = exported({"--sign", table_.key().secret_key, "1"});
    ASSERT_EQ(run({"delete", "1"}).status, 0);
    write_file(card_ / "@/etc/newer", "than the backup");
    ASSERT_EQ(run({"create", "another system"}).status, 0);
    const auto before = files_in(out_);
    const auto refused = run({"export", "1", out_});
    EXPECT_EQ(refused.status, 2) << testing::PrintToString(refused);
    EXPECT_TRUE(refused.err.contains(archive.native() + " is there already")) << refused.err;
    EXPECT_TRUE(refused.err.contains("--force")) << refused.err;
    EXPECT_EQ(files_in(out_), before);

    EXPECT_EQ(exported({"--force", "1"}), archive);
    EXPECT_EQ(names_in(out_), info_name() + " " + archive_name() + " " + archive_name() + ".md5 " +
                                  archive_name() + ".sha256")
        << "the signature was one of the other archive";
    EXPECT_TRUE(run_apart({"tar", "-tzf", archive}).out.contains("./etc/newer\n"));
    EXPECT_TRUE(read_file(info_of(archive)).contains("another system"));
    expect_verified(archive);
}

TEST_F(SchnappsExport, AnEncryptedAndAPlainBackupOfOneNameAreOneBackup) {
    const auto plain = exported_1();
    set_password("two words");
    const auto before = files_in(out_);
    EXPECT_EQ(run({"export", "1", out_}).status, 2);
    EXPECT_EQ(files_in(out_), before);
    EXPECT_EQ(exported({"--force", "1"}), plain.native() + ".gpg");
    EXPECT_EQ(names_in(out_), info_name() + " " + archive_name() + ".gpg " + archive_name() + ".gpg.md5 " +
                                  archive_name() + ".gpg.sha256");
    set_password("");
    EXPECT_EQ(run({"export", "1", out_}).status, 2) << "the encrypted one counts as well";
}

TEST_F(SchnappsExport, FilesOfTheUsersThatAreCalledNewStay) {
    for (const auto& name : {archive_name() + ".new", archive_name() + ".sha256.new", info_name() + ".new"})
        write_file(out_ / name, "mine");
    exported_1();
    for (const auto& name : {archive_name() + ".new", archive_name() + ".sha256.new", info_name() + ".new"})
        EXPECT_EQ(read_file(out_ / name), "mine") << name;
}

/// Their archive is gone; beside the new one, which they do not fit, they would be a reason to refuse it.
TEST_F(SchnappsExport, LeftoversOfAnEarlierBackupAreGone) {
    for (const std::string ending : {".sig", ".SHA256", ".md5", ".info"})
        write_file(out_ / (archive_name() + ending), "of another archive");
    write_file(out_ / info_name(), "DESCRIPTION=\"of another archive\"\n");
    const auto archive = exported_1();
    EXPECT_EQ(names_in(out_), info_name() + " " + archive_name() + " " + archive_name() + ".md5 " +
                                  archive_name() + ".sha256");
    expect_verified(archive);
}

TEST_F(SchnappsExport, AnExtraArchiveThatWouldBeUnpackedOverItIsRefused) {
    const auto extra = archive_name().substr(0, archive_name().size() - 7) + "-extra.tar.gz";
    write_file(out_ / extra, "mine");
    const auto said = run({"export", "1", out_});
    EXPECT_EQ(said.status, 2);
    EXPECT_TRUE(said.err.contains(extra)) << said.err;
    EXPECT_EQ(names_in(out_), extra);
}

TEST_F(SchnappsExport, ThatFailsLeavesNothing) {
    EXPECT_EQ(run({"export", "1", out_ / "nowhere"}).status, 2);
    write_file(out_ / "file", "x");
    EXPECT_EQ(run({"export", "1", out_ / "file"}).status, 2);
    EXPECT_EQ(run({"export", "--sign", out_ / "no-key", "1", out_}).status, 2);
    EXPECT_EQ(names_in(out_), "file");
}

/// A stick with exFAT, by the program that many systems have for it: this kernel may have no FAT at all.
class ExfatStick {
public:
    ExfatStick(const fs::path& node, fs::path place) : place_(std::move(place)) {
        fs::create_directory(place_);
        mox::test_support::run({"mount.exfat-fuse", node, place_});
    }
    ~ExfatStick() { run_apart({"umount", place_}); }
    ExfatStick(const ExfatStick&) = delete;
    ExfatStick& operator=(const ExfatStick&) = delete;

private:
    fs::path place_;
};

class SchnappsExportTo : public SchnappsExport, public testing::WithParamInterface<std::string> {
protected:
    SchnappsExportTo() {
        const auto& type = GetParam();
        if (type != "exfat" && !read_file("/proc/filesystems").contains("\t" + type + "\n")) return;
        loop_.emplace(card_.outside("stick.img"), Bytes{128ULL << 20});
        format(loop_->node(), type);
        if (type == "exfat") {
            stick_ = card_.outside("stick");
            exfat_.emplace(loop_->node(), stick_);
            return;
        }
        mount_.emplace(loop_->node(), type);
        stick_ = mount_->path() / "";
    }

    /// Neither files without a name nor hard links.
    [[nodiscard]] bool is_fat() const { return GetParam().ends_with("fat"); }

    void fill() const {
        const std::string filling(4 << 20, 'x');
        for (int i = 0; i < 32 && fs::space(stick_).available > (7U << 20); ++i)
            write_file(stick_ / ("filling" + std::to_string(i)), filling);
    }

    std::optional<LoopImage> loop_;
    std::optional<WritableMount> mount_;
    std::optional<ExfatStick> exfat_;
    fs::path stick_;
};

TEST_P(SchnappsExportTo, IsCompleteAndReplacesNothingUnasked) {
    if (stick_.empty()) GTEST_SKIP() << "this kernel has no " << GetParam();
    write_file(stick_ / ".mox-0123456789abcdef", "what a killed export has left, on FAT");
    write_file(stick_ / ".mox-mine", "mine");
    const auto before = files_in(stick_).size();
    const auto said = run({"export", "1", stick_});
    EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
    expect_verified(stick_ / archive_name());
    EXPECT_EQ(fs::exists(stick_ / ".mox-0123456789abcdef"), !is_fat());
    EXPECT_TRUE(fs::exists(stick_ / ".mox-mine"));
    const auto complete = files_in(stick_);
    EXPECT_EQ(complete.size(), before + (is_fat() ? 3 : 4));
    EXPECT_EQ(run({"export", "1", stick_}).status, 2) << "it is there";
    EXPECT_EQ(run({"export", "--force", "1", stick_}).status, 0);
    EXPECT_EQ(files_in(stick_), complete);
}

TEST_P(SchnappsExportTo, AFullStickLeavesNothingThere) {
    if (stick_.empty()) GTEST_SKIP() << "this kernel has no " << GetParam();
    if (GetParam() == "btrfs") GTEST_SKIP() << "whose last megabytes are hard to tell";
    fill();
    const auto before = files_in(stick_);
    write_file(card_ / "@/random", read_random(8 << 20));
    for (const std::string password : {"", "two words"}) {
        set_password(password);
        const auto failed = run({"export", stick_});
        EXPECT_EQ(failed.status, 2) << testing::PrintToString(failed);
        EXPECT_TRUE(failed.err.contains("No space left on device")) << failed.err;
        EXPECT_EQ(files_in(stick_), before);
    }
}

INSTANTIATE_TEST_SUITE_P(FileSystems, SchnappsExportTo, testing::Values("exfat", "vfat", "ext4", "btrfs"),
                         [](const auto& type) { return type.param; });

// The rule of mode 4, on what is in the archive: not on what is in the system.
TEST_F(SchnappsExport, WarnsWhenModeFourWouldRefuseIt) {
    const auto warned = [&](const std::string& file) {
        const auto words = file + " is missing: mode 4 refuses this medkit";
        const auto stream = run({"export", "-"});
        EXPECT_EQ(stream.status, 0);
        const auto text = run({"export", "--force", out_});
        EXPECT_EQ(text.status, 0) << testing::PrintToString(text);
        const auto json = run({"--json", "export", "--force", out_});
        EXPECT_EQ(json.status, 0) << testing::PrintToString(json);
        const bool is_warned = text.err.contains(words);
        EXPECT_EQ(stream.err.contains(words), is_warned) << stream.err;
        EXPECT_EQ(json.out.contains("\"" + file + "\""), is_warned) << json.out;
        EXPECT_TRUE(json.out.contains("\"missing_boot_files\"")) << json.out;
        EXPECT_EQ(text.err.contains("hint: schnapps import takes it"), is_warned) << text.err;
        return is_warned;
    };
    EXPECT_FALSE(warned("boot/Image"));
    const auto rules = card_ / "@/etc/schnapps/export-exclude.d/mine";
    write_file(rules, "./boot/boot.scr\n");
    EXPECT_TRUE(warned("boot/boot.scr")) << "it is left out";
    fs::remove(rules);
    write_file(card_ / "@/boot/boot.scr", "");
    EXPECT_TRUE(warned("boot/boot.scr")) << "it is empty";
    write_file(card_ / "@/etc/schnapps/export-overlay/boot/boot.scr", "script");
    EXPECT_FALSE(warned("boot/boot.scr")) << "the overlay has it";
}

}  // namespace
}  // namespace mox::test_support
