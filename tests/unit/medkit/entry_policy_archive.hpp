#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "medkit/entry_policy.hpp"

namespace mox::medkit {

using namespace mox::unit_literals;

/// A policy and an archive that is told to it entry by entry, as a test reads best.
class Archive {
public:
    explicit Archive(const ArchiveRules& rules = {.capacity = 1_MiB, .required_files = {}}) : policy(rules) {}

    Archive& file(std::string_view path, std::int64_t size = 1) {
        return accepted({.path = path, .kind = EntryKind::regular, .link_target = {}, .size = size});
    }
    Archive& directory(std::string_view path) { return accepted(entry(path, EntryKind::directory)); }
    Archive& symlink(std::string_view path, std::string_view target) {
        return accepted(entry(path, EntryKind::symlink, target));
    }
    Archive& hard_link(std::string_view path, std::string_view target) {
        return accepted(entry(path, EntryKind::hard_link, target));
    }

    void rejects(const EntryDescription& description, std::string_view reason) {
        const auto result = policy.accept(description);
        ASSERT_FALSE(result.has_value()) << description.path;
        EXPECT_EQ(result.error().kind(), ErrorKind::medkit);
        EXPECT_NE(result.error().describe().find(reason), std::string::npos) << result.error().describe();
    }
    void rejects_file(std::string_view path, std::string_view reason) {
        rejects(entry(path, EntryKind::regular), reason);
    }
    void rejects_hard_link(std::string_view path, std::string_view target, std::string_view reason) {
        rejects(entry(path, EntryKind::hard_link, target), reason);
    }

    static EntryDescription entry(std::string_view path, EntryKind kind, std::string_view target = {}) {
        return {.path = path, .kind = kind, .link_target = target, .size = 0};
    }

    EntryPolicy policy;

private:
    Archive& accepted(const EntryDescription& description) {
        const auto result = policy.accept(description);
        EXPECT_TRUE(result.has_value()) << result.error().describe();
        return *this;
    }
};

}  // namespace mox::medkit
