#pragma once

#include <sys/types.h>

#include <ctime>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "medkit/entry_policy.hpp"
#include "medkit/extended_attributes.hpp"

struct archive_entry;

namespace mox::medkit {

/// All properties of a file except name and content.
struct NodeAttributes {
    mode_t mode = 0;  ///< permissions with setuid, setgid and sticky
    uid_t owner = 0;
    gid_t group = 0;
    timespec mtime{};
    dev_t device = 0;                       ///< of device nodes
    std::vector<ExtendedAttribute> xattrs;  ///< those that are kept, including ACLs
};

/// The attributes of a header, and the names of those that are left out.
struct TarAttributes {
    NodeAttributes kept;
    std::vector<std::string> left_out;  ///< names of extended attributes; "file flags", "NFSv4 ACL"
};

/// The attributes in a header that libarchive has read. Errors (`medkit`): numbers out of Linux' range, or
/// extended attributes that must be kept and cannot be (sort_attributes).
[[nodiscard]] Expected<TarAttributes> tar_attributes(archive_entry* header, EntryKind kind);

}  // namespace mox::medkit
