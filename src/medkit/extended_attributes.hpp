#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace mox::medkit {

enum class EntryKind;

struct ExtendedAttribute {
    std::string name;  ///< "security.capability"
    std::string value;

    bool operator==(const ExtendedAttribute&) const = default;
};

/// Size of all names and values together, in bytes.
[[nodiscard]] std::size_t size_of(const std::vector<ExtendedAttribute>& attributes);

/// Whether an attribute of this name must be kept, see sort_attributes.
[[nodiscard]] bool is_kept_attribute(std::string_view name);

/// A member's extended attributes, sorted into those that the new system gets and the names of the others.
struct SortedAttributes {
    std::vector<ExtendedAttribute> kept;
    std::vector<std::string> left_out;
};

/// Selects the attributes of a member of kind `kind` that a router's btrfs gets. Pure.
///
/// - Kept, because they matter: `security.capability`, `system.posix_acl_access`, `system.posix_acl_default`,
///   `user.*`.
/// - Left out, because they belong to another system or to the packing machine: every other name
///   (com.apple.*, system.nfs4_acl, security.selinux, trusted.*, btrfs.*). An ACL without entries has no
///   effect and is left out too, but not listed in `left_out`.
///
/// Errors (`medkit`): an attribute that matters cannot be kept. It is not well-formed (linux/capability.h,
/// linux/posix_acl_xattr.h), is too large for an item of btrfs, or such a member cannot have it.
[[nodiscard]] Expected<SortedAttributes> sort_attributes(EntryKind kind,
                                                         std::vector<ExtendedAttribute> attributes);

/// The attributes of an archive that were left out.
class LeftOutAttributes {
public:
    void add(const std::vector<std::string>& names);

    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] const std::set<std::string>& names() const { return names_; }

    /// "3 extended attributes are left out: com.apple.provenance, trusted.overlay.opaque"; empty if none is.
    [[nodiscard]] std::string describe() const;

private:
    std::uint64_t count_ = 0;
    std::set<std::string> names_;  ///< printable, at most 20
    bool has_more_names_ = false;
};

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

/// Whether the kernel accepts the value as an ACL (posix_acl_valid in fs/posix_acl.c): version 2, entries in
/// order, with those of the owner, the group and the others, and a mask if there are users or groups.
[[nodiscard]] bool is_posix_acl(std::string_view value);

/// Whether the value is an ACL of the right version without entries: setting it removes the present ACL.
[[nodiscard]] bool is_empty_acl(std::string_view value);

}  // namespace mox::medkit
