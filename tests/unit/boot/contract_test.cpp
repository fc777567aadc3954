#include <gtest/gtest.h>

#include "boot/contract.hpp"

namespace mox::boot {
namespace {

TEST(Contract, BecomesAPartOfTheMedkitsName) {
    EXPECT_EQ(medkit_variant("turris_lists=contracts/shield"), "-contract-shield");
    EXPECT_EQ(medkit_variant("turris_lists=contracts/cz.nic_2-a"), "-contract-cz.nic_2-a");
}

TEST(Contract, IsNoneWhenItCannotBeRead) {
    EXPECT_EQ(medkit_variant(std::nullopt), "");
    for (const auto* odd :
         {"", "shield", "turris_lists=", "turris_lists=contracts/", "turris_lists=contracts/a b",
          "turris_lists=contracts/../x", "turris_lists=contracts/a;reboot", "turris_lists=contracts/a\nb",
          "contracts/shield"})
        EXPECT_EQ(medkit_variant(odd), "") << odd;
}

}  // namespace
}  // namespace mox::boot
