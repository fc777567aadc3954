#pragma once

#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

namespace mox::test_support {

/// Changes a tree at random in all the ways that a system does: files written small and large, in place, cut,
/// punched and cloned, links of both kinds, devices, modes, owners, xattrs, renames of files and of whole
/// directories, also over each other. The same seed makes the same changes to the same tree. Needs root and
/// btrfs.
class RandomChanges {
public:
    explicit RandomChanges(std::uint64_t seed) : random_(seed) {}

    /// Makes one change in `root`, or none when there is nothing that it could be made to.
    /// Throws on any failure that is not a matter of chance.
    void make_one(const std::filesystem::path& root);

    /// A number below `limit`.
    [[nodiscard]] std::size_t pick(std::size_t limit);

private:
    using Path = std::filesystem::path;

    [[nodiscard]] std::string content();
    [[nodiscard]] std::string new_name();
    [[nodiscard]] const Path* any_of(const std::vector<Path>& paths);

    void change_a_file(const Path& file, const std::vector<Path>& directories);
    void change_attributes(const Path& entry);
    void make_an_entry(const Path& directory);

    std::mt19937_64 random_;
};

}  // namespace mox::test_support
