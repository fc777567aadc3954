#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstddef>
#include <filesystem>
#include <iterator>

#include "base/atomic_file.hpp"
#include "base/file.hpp"
#include "support/temporary_directory.hpp"

namespace mox {
namespace {

class Files : public ::testing::Test {
protected:
    [[nodiscard]] std::ptrdiff_t number_of_files() const {
        return std::distance(std::filesystem::directory_iterator(folder.path()),
                             std::filesystem::directory_iterator());
    }

    test_support::TemporaryDirectory folder;
};

TEST_F(Files, AreReplacedAsAWhole) {
    const auto path = folder.path() / "config";
    ASSERT_TRUE(replace_file_durably(path, "one\n", ErrorKind::internal));
    ASSERT_TRUE(replace_file_durably(path, "two\n", ErrorKind::internal));
    EXPECT_EQ(read_small_file(path, ErrorKind::internal).value(), "two\n");
    EXPECT_EQ(number_of_files(), 1) << "something temporary is left";
}

TEST_F(Files, ThatCannotBeReplacedStayAsTheyAre) {
    const auto path = folder.path() / "config";
    std::filesystem::create_directories(path / "in-the-way");
    const auto replaced = replace_file_durably(path, "x", ErrorKind::card);
    ASSERT_FALSE(replaced);
    EXPECT_EQ(replaced.error().kind(), ErrorKind::card);
    EXPECT_TRUE(std::filesystem::exists(path / "in-the-way"));
    EXPECT_EQ(number_of_files(), 1) << "something temporary is left";
}

TEST_F(Files, ThatAreTooLargeAreRefused) {
    const auto path = folder.path() / "large";
    ASSERT_TRUE(replace_file_durably(path, std::string(5000, 'x'), ErrorKind::internal));
    EXPECT_FALSE(read_small_file(path, ErrorKind::internal, Bytes{4999}));
    EXPECT_TRUE(read_small_file(path, ErrorKind::internal, Bytes{5000}));
}

TEST_F(Files, ThatAreMissingAreNamed) {
    const auto missing = read_small_file(folder.path() / "nowhere", ErrorKind::medkit);
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().describe().find("nowhere: No such file"), std::string::npos);
}

TEST_F(Files, CalledNewAreTheUsers) {
    const auto path = folder.path() / "config";
    ASSERT_TRUE(replace_file_durably(folder.path() / "config.new", "mine", ErrorKind::internal));
    ASSERT_TRUE(replace_file_durably(path, "one\n", ErrorKind::internal));
    ASSERT_TRUE(replace_file_durably(path, "two\n", ErrorKind::internal));
    EXPECT_EQ(read_small_file(folder.path() / "config.new", ErrorKind::internal).value(), "mine");
}

TEST_F(Files, AreThereUnderTheirNameWhenTheyArePublishedAndNotBefore) {
    const auto path = folder.path() / "archive";
    {
        auto file = AtomicFile::create(path, ErrorKind::medkit, 0600);
        ASSERT_TRUE(file);
        ASSERT_TRUE(write_all(file->file(), "content", "archive", ErrorKind::medkit));
        struct stat about{};
        ASSERT_EQ(::fstat(file->file(), &about), 0);
        EXPECT_EQ(about.st_mode & 07777U, 0600U);
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    auto file = AtomicFile::create(path, ErrorKind::medkit);
    ASSERT_TRUE(file && file->sync() && file->publish(Existing::keep));
    auto another = AtomicFile::create(path, ErrorKind::medkit);
    ASSERT_TRUE(another && write_all(another->file(), "x", "archive", ErrorKind::medkit));
    const auto refused = another->publish(Existing::keep);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().describe().contains("archive: File exists"));
    EXPECT_TRUE(another->publish(Existing::replace));
    EXPECT_EQ(read_small_file(path, ErrorKind::medkit).value(), "x");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

}  // namespace
}  // namespace mox
