#include <gtest/gtest.h>

#include <cerrno>

#include "base/error.hpp"

namespace mox {
namespace {

TEST(Error, IsDescribedFromTheOutsideIn) {
    const Error error = Error(ErrorKind::medkit, "signature does not match")
                            .with_context("mox-medkit-latest.tar.gz")
                            .with_context("USB drive (sda1, FAT32)");
    EXPECT_EQ(error.describe(),
              "USB drive (sda1, FAT32): mox-medkit-latest.tar.gz: signature does not match");
    EXPECT_EQ(error.message(), "signature does not match");
}

TEST(Error, KeepsItsKindAndCodeThroughContext) {
    const Expected<int> failed = fail(ErrorKind::card, "full");
    const Expected<std::string> handed_up = pass_on(Expected<int>(failed), "writing");
    ASSERT_FALSE(handed_up);
    EXPECT_EQ(handed_up.error().kind(), ErrorKind::card);
    EXPECT_EQ(led_code(handed_up.error().kind()), 3);
    EXPECT_EQ(handed_up.error().describe(), "writing: full");
}

TEST(Error, OfASystemCallSaysTheReasonInWords) {
    const Expected<void> failed = fail_errno(ErrorKind::card, "/dev/mmcblk0", EIO);
    EXPECT_EQ(failed.error().describe(), "/dev/mmcblk0: Input/output error");
}

TEST(Error, OfASystemCallKeepsItsNumberForDecisions) {
    Expected<void> failed = fail_errno(ErrorKind::card, "/dev/mmcblk0", ENOSPC);
    EXPECT_EQ(std::move(failed.error()).with_context("writing").as(ErrorKind::medkit).reason(), ENOSPC);
    EXPECT_EQ(fail(ErrorKind::card, "too small").error().reason(), 0);
}

TEST(Error, CanBeSeenAsAnotherKind) {
    const Error error = Error(ErrorKind::card, "read error").as(ErrorKind::medkit);
    EXPECT_EQ(error.kind(), ErrorKind::medkit);
}

TEST(ErrorKinds, AreTheLedCodesOfTheManual) {
    EXPECT_EQ(led_code(ErrorKind::network), 1);
    EXPECT_EQ(led_code(ErrorKind::medkit), 2);
    EXPECT_EQ(led_code(ErrorKind::card), 3);
    EXPECT_EQ(led_code(ErrorKind::snapshot), 4);
    EXPECT_EQ(led_code(ErrorKind::internal), 5);
}

/// Who found the error knows best what helps: a caller's general advice does not replace it.
TEST(Error, KeepsTheHintOfTheOneWhoFoundIt) {
    auto failed = fail(ErrorKind::card, "the card is full", {"delete snapshots"});
    const auto error = std::move(failed).error().with_context("writing").with_hint({"use another card"});
    EXPECT_EQ(error.headline(), "writing: the card is full");
    EXPECT_EQ(error.hint(), "delete snapshots");
    EXPECT_EQ(error.describe(), "writing: the card is full; delete snapshots");
}

TEST(Error, TakesAHintLaterOrAnotherOneWhenMoreIsKnown) {
    auto failed = fail_errno(ErrorKind::card, "/dev/mmcblk0", EIO);
    auto error = std::move(failed).error();
    EXPECT_EQ(error.describe(), error.headline());
    error = std::move(error).with_hint({"try again"});
    EXPECT_EQ(error.hint(), "try again");
    error = std::move(error).replace_hint({"use another card"}).as(ErrorKind::internal);
    EXPECT_EQ(error.describe(), "/dev/mmcblk0: Input/output error; use another card");
    EXPECT_EQ(error.reason(), EIO);
}

}  // namespace
}  // namespace mox
