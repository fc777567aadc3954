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

/// How many snapshots of a type `cleanup` keeps; nullopt: all of them.
using KeepLimit = std::optional<unsigned>;

struct KeepLimits {
    KeepLimit single{};
    KeepLimit time{5};
    KeepLimit updater{5};  ///< for `pre` and for `post`, each
    KeepLimit rollback{3};
};

/// The server for backups (src/remote/).
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
    std::filesystem::path root_device;  ///< ROOT_DEV; empty: the device of the root directory
    std::vector<std::string> warnings;  ///< messages about invalid lines
};

/// The UCI part. Negative limits mean "all". A limit that is not a number gets its default, and a warning.
[[nodiscard]] Configuration configuration_from(const config::UciFile& file);

/// ROOT_DEV of /etc/schnapps/config, parsed as data with the rules of info files. nullopt: not set, or not an
/// absolute path below /dev.
[[nodiscard]] std::optional<std::filesystem::path> root_device_in(std::string_view text);

/// /etc/schnapps/installed, which the rescue system writes: when and from which medkit the system was
/// installed, one line; empty: nothing is known. Errors (`snapshot`): it cannot be read.
[[nodiscard]] Expected<std::string> installation_record(const std::filesystem::path& root);

/// /etc/config/schnapps below a root directory, for what other modules keep in it; empty if it does not
/// exist. Symbolic links never lead out of the root directory. Errors (`snapshot`): it cannot be read.
[[nodiscard]] Expected<config::UciFile> load_uci(const std::filesystem::path& root);

/// Reads both files below a root directory; a missing file means the defaults. Errors (`snapshot`): a file
/// exists but cannot be read.
[[nodiscard]] Expected<Configuration> load_configuration(const std::filesystem::path& root);

}  // namespace mox::snapshots
