#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mox::medkit {

/// The extended attributes that hold POSIX ACLs.
inline constexpr std::string_view access_acl = "system.posix_acl_access";
inline constexpr std::string_view default_acl = "system.posix_acl_default";

/// Tags of an entry: linux/posix_acl.h.
enum class AclTag : std::uint16_t {
    owner = 0x01,
    user = 0x02,
    owning_group = 0x04,
    group = 0x08,
    mask = 0x10,
    other = 0x20
};

struct AclEntry {
    AclTag tag = AclTag::owner;
    std::uint16_t permissions = 0;  ///< bits 4 read, 2 write, 1 execute
    std::uint32_t id = UINT32_MAX;  ///< of `user` and `group`
};

/// The value of the extended attribute (linux/posix_acl_xattr.h), with the entries in the kernel's order.
[[nodiscard]] std::string to_attribute_value(std::vector<AclEntry> entries);

/// Whether the kernel takes the value as an ACL (posix_acl_valid in fs/posix_acl.c): version 2, the entries
/// in order, the three of the owner, the group and the others there, a mask where there are users or groups.
[[nodiscard]] bool is_posix_acl(std::string_view value);

/// An ACL of the right version without entries: setting it removes what is there.
[[nodiscard]] bool is_empty_acl(std::string_view value);

}  // namespace mox::medkit
