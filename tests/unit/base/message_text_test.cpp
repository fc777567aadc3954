#include "base/message_text.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/descriptor_path.hpp"
#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "support/temporary_directory.hpp"

namespace mox {
namespace {

TEST(ReadableText, NamesTheFileBehindADescriptor) {
    const test_support::TemporaryDirectory folder;
    const auto path = folder.path().native();
    const UniqueFd open(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    EXPECT_EQ(readable_text(descriptor_path(open.get(), "etc/x") + ": No such file"),
              path + "/etc/x: No such file");
    EXPECT_EQ(readable_text(descriptor_path(open.get())), path);
    EXPECT_EQ(readable_text("a " + descriptor_path(open.get()) + "/ b"), "a " + path + " b");
    const auto by_process = "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(open.get());
    EXPECT_EQ(readable_text(by_process + "/etc/x"), path + "/etc/x");
    const UniqueFd root(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    EXPECT_EQ(readable_text(descriptor_path(root.get(), "etc/x")), "/etc/x");
}

TEST(ReadableText, NamesWhatHasNoName) {
    const UniqueFd memory(::memfd_create("secret", MFD_CLOEXEC));
    EXPECT_EQ(readable_text(descriptor_path(memory.get()) + ": x"), "a file in memory: x");
    EXPECT_EQ(readable_text("/proc/self/fd/1000000/etc/x"), "etc/x") << "it is closed already";
    const test_support::TemporaryDirectory folder;
    const UniqueFd unnamed(::open(folder.path().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    ASSERT_TRUE(unnamed);
    EXPECT_EQ(readable_text(descriptor_path(unnamed.get())), folder.path().native());
}

TEST(ReadableText, TellsWhatATemporaryNameStandsFor) {
    EXPECT_EQ(readable_text("subvolume @create.new: x"), "the new snapshot: x");
    EXPECT_EQ(readable_text("snapshot @create.new of @: x"), "the new snapshot of @: x");
    EXPECT_EQ(readable_text("3.info.new: x"), "3.info: x");
    EXPECT_EQ(readable_text("@delete.3 -> @3"), "@3 -> @3");
    EXPECT_EQ(readable_text("lock of @backup.12"), "lock of the working copy");
    EXPECT_EQ(readable_text("rollback.journal.new: x"), "the journal of the rollback: x");
    EXPECT_EQ(readable_text("boot.scr.new: x"), "boot.scr: x");
}

TEST(ReadableText, LeavesTheFilesOfTheUserAlone) {
    for (const auto* text : {"my.new: x", "/srv/@backup.5/savepoint.info: x", "/srv/3.info.new",
                             "@3 and @factory", "/proc/mounts: x", "/proc/1/fd/5", "fd/5", "wörter.new", "",
                             "1.info", "@delete.x", "user@create.new.org"})
        EXPECT_EQ(readable_text(text), text);
}

TEST(ReadableText, IsThatOfEveryError) {
    const auto error = Error(ErrorKind::card, "subvolume @create.new")
                           .with_context("@delete.3")
                           .with_hint({"look into @rollback.new"});
    EXPECT_EQ(error.describe(), "@3: the new snapshot; look into the root of the rollback");
}

TEST(ReadableText, KeepsErrno) {
    errno = EEXIST;
    const Error error(ErrorKind::card, "/proc/self/fd/1000000");
    EXPECT_EQ(errno, EEXIST);
}

}  // namespace
}  // namespace mox
