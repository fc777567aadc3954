#include "storage/mount.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

namespace mox::storage {
namespace {

// A card is formatted when its file system is damaged. So every error number that Linux has is judged here,
// and one that is not expected of a damaged file system spares the card.
TEST(FileSystemDamage, OnlyTheseOfAllErrorNumbers) {
    const std::set<int> damage{EUCLEAN, EBADMSG, EINVAL,  ENOENT,    EOVERFLOW, EFBIG,
                               ENOSPC,  EIO,     ENODATA, EREMOTEIO, EILSEQ};
    for (int number = 0; number <= 4095; ++number)
        EXPECT_EQ(is_file_system_damage(number), damage.contains(number)) << "error number " << number;
}

TEST(FileSystemDamage, WhatAMachineOrItsUserCausesIsNone) {
    for (const int number :
         {ENODEV, EBUSY,  EEXIST, EPERM, EACCES, ENOMEM, ENOMEDIUM, ENXIO,     EMFILE, ENFILE,
          EINTR,  EAGAIN, EDQUOT, EROFS, ENOSYS, EFAULT, EBADF,     ETIMEDOUT, ELOOP,  ENOTBLK})
        EXPECT_FALSE(is_file_system_damage(number)) << "error number " << number;
}

}  // namespace
}  // namespace mox::storage
