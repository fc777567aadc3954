#include "base/directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/descriptor_path.hpp"
#include "support/temporary_directory.hpp"

namespace mox {
namespace {

namespace fs = std::filesystem;

class DirectoryTest : public testing::Test {
protected:
    DirectoryTest() {
        std::ofstream(folder_.path() / "file") << "content";
        fs::create_directory(folder_.path() / "inner");
        fs::create_symlink("nowhere", folder_.path() / "link");
        fd_ = UniqueFd(::open(folder_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    }

    test_support::TemporaryDirectory folder_;
    UniqueFd fd_;
};

TEST_F(DirectoryTest, EachEntryHasItsType) {
    std::map<std::string, unsigned char, std::less<>> types;
    ASSERT_TRUE(for_each_entry(open_again(fd_.get()), [&](std::string_view name, unsigned char type) {
        types.emplace(name, type);
    }));
    EXPECT_EQ(types, (std::map<std::string, unsigned char, std::less<>>{
                         {"file", DT_REG}, {"inner", DT_DIR}, {"link", DT_LNK}}));
}

/// A directory that is read to its end stays at its end: open_again has its own position.
TEST_F(DirectoryTest, CanBeReadTwice) {
    for (int i = 0; i < 2; ++i) {
        const auto names = names_in_directory(open_again(fd_.get()));
        ASSERT_TRUE(names);
        EXPECT_EQ(names->size(), 3);
    }
}

TEST_F(DirectoryTest, WhatIsNoDirectoryIsAnError) {
    UniqueFd file(::open((folder_.path() / "file").c_str(), O_RDONLY | O_CLOEXEC));
    EXPECT_EQ(names_in_directory(std::move(file)).error(), ENOTDIR);
    EXPECT_EQ(names_in_directory(UniqueFd()).error(), EBADF);
}

TEST_F(DirectoryTest, DescriptorPathReachesARenamedFile) {
    const UniqueFd file(::open((folder_.path() / "file").c_str(), O_RDONLY | O_CLOEXEC));
    fs::rename(folder_.path() / "file", folder_.path() / "other");
    std::string content;
    std::ifstream(descriptor_path(file.get())) >> content;
    EXPECT_EQ(content, "content");
    EXPECT_EQ(fs::read_symlink(descriptor_path(fd_.get(), "link")), "nowhere");
}

}  // namespace
}  // namespace mox
