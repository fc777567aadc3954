#include "snapshots/temporary_names.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/message_text.hpp"
#include "snapshots/stale_work.hpp"

namespace mox::snapshots {
namespace {

// base/message_text.cpp cannot include this module's names.
TEST(TemporaryNames, AreNotShown) {
    for (const auto name : {created_name, new_root_name, journal_name, savepoint_name, reserve_name,
                            reflash_root_name, reflash_factory_name, reflash_record_name}) {
        const std::string text(name);
        EXPECT_FALSE(readable_text(text).contains(text)) << text;
        EXPECT_FALSE(readable_text(text + ".new: x").contains(text)) << text;
        EXPECT_TRUE(readable_text("subvolume " + text).starts_with("the ")) << text;
    }
    EXPECT_EQ(readable_text(deleted_name(Number{3})), "@3");
    EXPECT_FALSE(readable_text(std::string(work_prefix) + "1").contains(work_prefix));
    EXPECT_EQ(readable_text(subvolume_of(Number{3})), "@3");
}

}  // namespace
}  // namespace mox::snapshots
