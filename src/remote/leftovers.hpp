#pragma once

#include <string>
#include <vector>

#include "remote/store.hpp"

namespace mox::remote {

/// The name that a file has while it is uploaded: with the UUID of the file system that it comes from, so
/// that another router's upload is not taken for a leftover.
[[nodiscard]] std::string name_while_incomplete(const std::string& name, const std::string& file_system);

/// What an interrupted upload or removal of this file system left behind, in the order in which the files
/// must be removed; each order that breaks off leaves something that the next call recognises. Files that
/// have no ending of this file system are in it only if their incomplete info file says so: see upload.cpp.
/// Pure.
[[nodiscard]] std::vector<std::string> leftovers(const std::vector<RemoteFile>& files,
                                                 const std::string& file_system);

}  // namespace mox::remote
