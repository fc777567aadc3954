#pragma once

#include <map>
#include <string>
#include <vector>

#include "remote/backup.hpp"

namespace mox::cli::schnapps {

/// The backups as `list` shows snapshots: the number, and the size of the archive. A backup without a number
/// has 0. Pure.
[[nodiscard]] std::string backups_table(const std::vector<remote::Backup>& backups);
[[nodiscard]] std::string backups_csv(const std::vector<remote::Backup>& backups);

/// `rlist -j`: the five keys of `list -j`. Pure.
[[nodiscard]] std::string backups_parsed_json(const std::vector<remote::Backup>& backups);

/// By the name of a backup: what `--verify` has found; "" is "no flaw".
using Findings = std::map<std::string, std::string>;

/// `rlist --json`: {"backups": [...]}, all that is known about each.
[[nodiscard]] std::string backups_json(const std::vector<remote::Backup>& backups,
                                       const remote::SystemId& system, const Findings& findings);

}  // namespace mox::cli::schnapps
