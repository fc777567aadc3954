#include "base/full_storage.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/mountinfo.hpp"
#include "base/unique_fd.hpp"
#include "support/temporary_directory.hpp"

namespace mox {
namespace {

TEST(Mountinfo, IsReadWithItsEscapes) {
    const auto mounts = parse_mountinfo(
        "36 35 0:45 /@ /media/My\\040stick rw,noatime shared:1 master:2 - btrfs /dev/sda1 "
        "rw,subvolid=256,subvol=/@\n"
        "not a line\n"
        "37 35 0:46 / /tmp rw - tmpfs none rw,size=64k\n");
    ASSERT_EQ(mounts.size(), 2U);
    EXPECT_EQ(mounts[0], (MountLine{.id = 36,
                                    .device = "0:45",
                                    .root = "/@",
                                    .mount_point = "/media/My stick",
                                    .options = "rw,noatime",
                                    .type = "btrfs",
                                    .source = "/dev/sda1",
                                    .super_options = "rw,subvolid=256,subvol=/@"}));
    EXPECT_EQ(mounts[1].mount_point, "/tmp");
}

TEST(FullStorage, NamesTheFileSystemAndTheDirectory) {
    const test_support::TemporaryDirectory folder;
    const auto hint = space_hint_at(folder / "no/such/file", ENOSPC).text;
    EXPECT_TRUE(hint.contains(" is full; free space in " + folder.path().native())) << hint;
    EXPECT_TRUE(hint.contains("the file system on /") || hint.contains("the RAM disk on /")) << hint;
    const auto quota = space_hint_at(folder.path(), EDQUOT).text;
    EXPECT_TRUE(quota.starts_with("a quota of the ")) << quota;
}

TEST(FullStorage, OfADeviceIsItsSize) {
    EXPECT_EQ(space_hint_for(ErrorKind::internal, "/dev/full", ENOSPC).text,
              "/dev/full takes no more data; write to another place");
    EXPECT_EQ(space_hint_for(ErrorKind::internal, "/dev/full: cannot be written", ENOSPC).text,
              "/dev/full takes no more data; write to another place");
}

TEST(FullStorage, WithoutAPathIsTheCardOrMemory) {
    const auto card = space_hint_for(ErrorKind::card, "@3", ENOSPC).text;
    EXPECT_TRUE(card.starts_with("the card is full; delete snapshots")) << card;
    EXPECT_TRUE(card.contains("`schnapps list`") && card.contains("`schnapps delete N`")) << card;
    EXPECT_TRUE(
        space_hint_for(ErrorKind::card, "@3", EDQUOT).text.starts_with("a quota of the card is reached"));
    EXPECT_TRUE(
        space_hint_for(ErrorKind::internal, "a file in memory", ENOSPC).text.starts_with("the memory is"));
    EXPECT_TRUE(space_hint_for(ErrorKind::internal, "gpg", ENOSPC).text.starts_with("a file system is full"));
}

TEST(FullStorage, IsTheHintOfEveryErrorOfThatNumber) {
    const Expected<void> full = fail_errno(ErrorKind::card, "3.info.new", ENOSPC);
    EXPECT_TRUE(
        full.error().describe().starts_with("3.info: No space left on device; the card is full; delete"))
        << full.error().describe();
    const Expected<void> known = fail_errno(ErrorKind::card, "3.info", ENOSPC, {"use a larger card"});
    EXPECT_EQ(known.error().hint(), "use a larger card");
    const Expected<void> other = fail_errno(ErrorKind::card, "3.info", EIO);
    EXPECT_EQ(other.error().hint(), "");
}

}  // namespace
}  // namespace mox
