#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "config/uci_file.hpp"
#include "snapshots/snapshot.hpp"

namespace mox::snapshots {

/// How many snapshots of a type `cleanup` keeps; none: all of them.
using KeepLimit = std::optional<unsigned>;

struct KeepLimits {
    KeepLimit single{};
    KeepLimit time{5};
    KeepLimit updater{5};  ///< that many `pre` and that many `post` ones
    KeepLimit rollback{3};
};

/// Where exports are uploaded to (an old function; parsed so that nothing is lost when we write about it).
struct RemoteStore {
    std::string url;
    std::string path;
    std::string user;
    std::string password;
    std::vector<SnapshotType> sync_types;
    bool keep_forever = false;
};

/// /etc/config/schnapps and /etc/schnapps/config.
struct Configuration {
    KeepLimits keep;
    RemoteStore remote;
    std::string encryption_password;    ///< empty: exports are not encrypted
    std::filesystem::path root_device;  ///< ROOT_DEV; empty: the one that the root directory is on
    std::vector<std::string> trouble;   ///< for people: lines that were not understood
};

/// The UCI part. Negative limits mean "all"; a limit that is no number is told and replaced by its default.
[[nodiscard]] Configuration configuration_from(const config::UciFile& file);

/// ROOT_DEV of /etc/schnapps/config, read as data with the rules of info files. None: not set, or not an
/// absolute path below /dev.
[[nodiscard]] std::optional<std::filesystem::path> root_device_in(std::string_view text);

/// Both files below a root directory; missing ones mean the defaults.
/// Errors (`snapshot`): a file is there and cannot be read.
[[nodiscard]] Expected<Configuration> load_configuration(const std::filesystem::path& root);

}  // namespace mox::snapshots
