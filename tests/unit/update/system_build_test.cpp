// What the owner is told about the system that the rescue system has installed.

#include "update/system_build.hpp"

#include <gtest/gtest.h>

namespace mox::update {
namespace {

constexpr auto date = "2026-11-28 10:00:00 +0000";

medkit::VerifiedMedkit medkit_named(std::string name) {
    medkit::VerifiedMedkit medkit;
    medkit.base.name = std::move(name);
    return medkit;
}

TEST(OriginOfSystem, NamesDateFileAndKey) {
    auto medkit = medkit_named("mox-medkit-latest.tar.gz");
    EXPECT_EQ(
        origin_of_system(medkit, date),
        "re-flashed by the rescue system on 2026-11-28 10:00:00 +0000 from mox-medkit-latest.tar.gz, not "
        "verified");
    medkit.trust = medkit::TrustLevel::checksummed;
    EXPECT_TRUE(origin_of_system(medkit, date).ends_with("from mox-medkit-latest.tar.gz, not signed"));
    medkit.trust = medkit::TrustLevel::signed_by_trusted_key;
    medkit.signer = "dcb20e535c62dd5b";
    EXPECT_TRUE(origin_of_system(medkit, date).ends_with(", signed by key dcb20e535c62dd5b"));
}

TEST(OriginOfSystem, IsOneLineWhateverTheFileIsCalled) {
    const auto text = origin_of_system(medkit_named("mox\nmedkit\x1b.tar.gz"), date);
    EXPECT_FALSE(text.contains('\n')) << text;
    EXPECT_FALSE(text.contains('\x1b')) << text;
}

}  // namespace
}  // namespace mox::update
