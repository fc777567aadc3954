#pragma once

#include <filesystem>
#include <set>
#include <string>

namespace mox::test_support {

/// Paths relative to the tree's root ("etc/schnapps/config", "var/log/mox-rescue"); an excluded directory is
/// left out with everything below it, and the time of the directory that holds it is not compared.
using ExcludedPaths = std::set<std::string>;

/// What the rescue system itself writes into a system that it installs.
inline const ExcludedPaths files_of_the_installation{"etc/schnapps/config", "etc/schnapps/installed",
                                                     "var/log/mox-rescue"};

/// One line for everything in the tree, sorted by path: type, mode, owner, mtime in ns, size, SHA-256 of
/// content, target of a symlink, device numbers, xattrs, and the first path of the same hard link group.
/// Two trees with the same text are the same in all that an archive keeps. Compare the texts where a person
/// should see the difference. Throws on any error.
[[nodiscard]] std::string describe_tree(const std::filesystem::path& root,
                                        const ExcludedPaths& excluded = {});

/// SHA-256 of `describe_tree`, in hexadecimal.
[[nodiscard]] std::string tree_digest(const std::filesystem::path& root, const ExcludedPaths& excluded = {});

/// The same for what a tar.gz archive holds, by a route that shares no code with ours: GNU tar unpacks it
/// (with xattrs and numeric owners) into a temporary directory in `work`, which must be on a file system that
/// keeps all of it. Needs root.
[[nodiscard]] std::string describe_archive(const std::filesystem::path& archive,
                                           const std::filesystem::path& work,
                                           const ExcludedPaths& excluded = {});
[[nodiscard]] std::string archive_digest(const std::filesystem::path& archive,
                                         const std::filesystem::path& work,
                                         const ExcludedPaths& excluded = {});

}  // namespace mox::test_support
