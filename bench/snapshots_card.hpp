#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "base/units.hpp"
#include "snapshots/top_level.hpp"
#include "support/loop_image.hpp"
#include "support/temporary_directory.hpp"

namespace mox::bench {

/// A card (btrfs on a loop device) with a root `@` of so many files, a hundred in each directory, sizes as in
/// a router's root file system (many small ones, 16 KiB on average). Everything throws on failure.
class BenchCard {
public:
    explicit BenchCard(std::size_t files);

    [[nodiscard]] const std::filesystem::path& node() const { return disk_.node(); }
    [[nodiscard]] const snapshots::TopLevel& top() const { return *top_; }
    /// Of something at the top level, for child processes too.
    [[nodiscard]] std::string path(const std::string& name = ".") const;

    /// Gives `count` files of `@` other contents of the same length. Files are never given the same twice.
    void change_files(std::size_t count);

    /// Writes everything, unmounts, empties all caches of the kernel, mounts again.
    void make_cold();
    /// Writes everything, as the file system does it by itself, and says how long that took.
    std::chrono::nanoseconds sync() const;

private:
    void fill();

    std::size_t files_;
    std::size_t changes_ = 0;
    test_support::TemporaryDirectory folder_;
    test_support::LoopImage disk_;
    std::optional<snapshots::TopLevel> top_;
};

}  // namespace mox::bench
