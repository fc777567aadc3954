#include "medkit/extended_attributes.hpp"

#include <linux/capability.h>
#include <linux/limits.h>

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

#include "medkit/entry_policy.hpp"

namespace mox::medkit {

namespace {

/// btrfs: BTRFS_MAX_XATTR_SIZE for nodes of 16 KiB, the default of mkfs.btrfs since 2013: the leaf without
/// its header (101), the header of an item (25) and a directory item (30). The sum of name and value.
constexpr std::size_t largest_attribute = (16 << 10) - 101 - 25 - 30;

/// Sum of all attributes of one member. Readers of archives (such as libarchive) limit the headers of a
/// member.
constexpr std::size_t largest_attributes_of_member = 512 << 10;

std::unexpected<Error> reject(std::string_view name, std::string_view reason) {
    return fail(ErrorKind::medkit,
                "the extended attribute " + printable(name) + " cannot be kept: " + std::string(reason));
}

std::uint32_t little_endian_32(std::string_view bytes, std::size_t offset) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < sizeof number; ++i)
        number |= std::uint32_t{static_cast<unsigned char>(bytes[offset + i])} << (8 * i);
    return number;
}

/// The values that the kernel accepts (security/commoncap.c, validheader): revision 2 or 3 with its size.
/// Revision 1 can be read from old file systems, but cannot be set.
bool is_capability(std::string_view value) {
    if (value.size() < sizeof(std::uint32_t)) return false;
    const auto magic = little_endian_32(value, 0) & ~std::uint32_t{VFS_CAP_FLAGS_EFFECTIVE};
    if (value.size() == XATTR_CAPS_SZ_2) return magic == VFS_CAP_REVISION_2;
    if (value.size() != XATTR_CAPS_SZ_3 || magic != VFS_CAP_REVISION_3) return false;
    return little_endian_32(value, XATTR_CAPS_SZ_2) != UINT32_MAX;  // the user that is root there
}

Expected<void> check_acl(EntryKind kind, const ExtendedAttribute& attribute) {
    if (kind == EntryKind::symlink) return reject(attribute.name, "a symbolic link has no ACL");
    if (attribute.name == default_acl && kind != EntryKind::directory)
        return reject(attribute.name, "only a directory has a default ACL");
    if (!is_posix_acl(attribute.value)) return reject(attribute.name, "it is not a POSIX ACL");
    return {};
}

Expected<void> check_user_attribute(EntryKind kind, const ExtendedAttribute& attribute) {
    if (kind != EntryKind::regular && kind != EntryKind::directory)
        return reject(attribute.name, "only files and directories have attributes of users");
    if (attribute.name == "user.") return reject(attribute.name, "it has no name");
    if (attribute.name.size() > XATTR_NAME_MAX)
        return reject(attribute.name, "its name is longer than 255 bytes");
    return {};
}

Expected<void> check(EntryKind kind, const ExtendedAttribute& attribute) {
    if (attribute.name.size() + attribute.value.size() > largest_attribute)
        return reject(attribute.name, "name and value have " +
                                          std::to_string(attribute.name.size() + attribute.value.size()) +
                                          " bytes, and btrfs holds " + std::to_string(largest_attribute));
    if (attribute.name.starts_with("user.")) return check_user_attribute(kind, attribute);
    if (attribute.name != "security.capability") return check_acl(kind, attribute);
    if (kind != EntryKind::regular) return reject(attribute.name, "only a file has capabilities");
    if (!is_capability(attribute.value)) return reject(attribute.name, "its value is no capability");
    return {};
}

}  // namespace

bool is_kept_attribute(std::string_view name) {
    return name == "security.capability" || name == access_acl || name == default_acl ||
           name.starts_with("user.");
}

std::size_t size_of(const std::vector<ExtendedAttribute>& attributes) {
    std::size_t sum = 0;
    for (const auto& attribute : attributes) sum += attribute.name.size() + attribute.value.size();
    return sum;
}

Expected<SortedAttributes> sort_attributes(EntryKind kind, std::vector<ExtendedAttribute> attributes) {
    SortedAttributes sorted;
    if (kind == EntryKind::hard_link) return sorted;  // the attributes are those of the first name
    std::size_t names = 0;
    std::size_t sum = 0;
    for (auto& attribute : attributes) {
        if (!is_kept_attribute(attribute.name)) {
            sorted.left_out.push_back(std::move(attribute.name));
            continue;
        }
        const bool is_acl = attribute.name == access_acl || attribute.name == default_acl;
        if (is_acl && is_empty_acl(attribute.value)) continue;
        TRY(check(kind, attribute));
        names += attribute.name.size() + 1;
        sum += attribute.name.size() + attribute.value.size();
        sorted.kept.push_back(std::move(attribute));
    }
    if (names > XATTR_LIST_MAX)
        return fail(ErrorKind::medkit, "the names of its extended attributes take " + std::to_string(names) +
                                           " bytes, and Linux lists not more than 65536");
    if (sum > largest_attributes_of_member)
        return fail(ErrorKind::medkit, "its extended attributes take more than " +
                                           to_text(Bytes{largest_attributes_of_member}) + " together");
    std::ranges::sort(sorted.kept, {}, &ExtendedAttribute::name);
    return sorted;
}

void LeftOutAttributes::add(const std::vector<std::string>& names) {
    constexpr std::size_t most_names = 20;
    count_ += names.size();
    for (const auto& name : names) {
        if (names_.size() < most_names)
            names_.insert(printable(name));
        else if (!names_.contains(printable(name)))
            has_more_names_ = true;
    }
}

std::string LeftOutAttributes::describe() const {
    if (count_ == 0) return {};
    std::string text =
        count_ == 1
            ? "1 extended attribute is left out, this system does not keep it: "
            : std::to_string(count_) + " extended attributes are left out, this system does not keep them: ";
    for (const auto& name : names_) text += (name == *names_.begin() ? "" : ", ") + name;
    return has_more_names_ ? text + " and others" : text;
}

namespace {

constexpr std::uint32_t version = 2;  // POSIX_ACL_XATTR_VERSION
constexpr std::size_t header_size = 4;
constexpr std::size_t entry_size = 8;
constexpr std::uint16_t all_permissions = 7;

template <typename Number>
void append(std::string& bytes, Number number) {
    for (std::size_t i = 0; i < sizeof number; ++i) bytes += static_cast<char>((number >> (8 * i)) & 0xff);
}

std::uint32_t number_at(std::string_view bytes, std::size_t offset, std::size_t size) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < size; ++i)
        number |= std::uint32_t{static_cast<unsigned char>(bytes[offset + i])} << (8 * i);
    return number;
}

bool has_version(std::string_view value) {
    return value.size() >= header_size && number_at(value, 0, 4) == version;
}

/// Checks the order of the tags: an owner, users, the group, groups, a mask, others, then the end.
class Order {
public:
    bool accept(std::uint32_t tag, std::uint32_t id) {
        const auto before = last_;
        last_ = tag;
        switch (tag) {
            case 0x01:
                return before == 0;
            case 0x02:
                needs_mask_ = true;
                return (before == 0x01 || before == 0x02) && id != UINT32_MAX;
            case 0x04:
                return before == 0x01 || before == 0x02;
            case 0x08:
                needs_mask_ = true;
                return (before == 0x04 || before == 0x08) && id != UINT32_MAX;
            case 0x10:
                has_mask_ = true;
                return before == 0x04 || before == 0x08;
            case 0x20:
                return before == 0x10 || (before == 0x04 && !needs_mask_);
            default:
                return false;
        }
    }
    [[nodiscard]] bool is_complete() const { return last_ == 0x20 && (has_mask_ || !needs_mask_); }

private:
    std::uint32_t last_ = 0;
    bool needs_mask_ = false;
    bool has_mask_ = false;
};

}  // namespace

std::string to_attribute_value(std::vector<AclEntry> entries) {
    std::ranges::sort(entries, {}, [](const AclEntry& entry) { return std::tuple(entry.tag, entry.id); });
    std::string value;
    append(value, version);
    for (const auto& entry : entries) {
        const bool has_id = entry.tag == AclTag::user || entry.tag == AclTag::group;
        append(value, static_cast<std::uint16_t>(entry.tag));
        append(value, entry.permissions);
        append(value, has_id ? entry.id : UINT32_MAX);
    }
    return value;
}

bool is_posix_acl(std::string_view value) {
    if (!has_version(value) || (value.size() - header_size) % entry_size != 0) return false;
    Order order;
    for (auto at = header_size; at < value.size(); at += entry_size) {
        if (number_at(value, at + 2, 2) > all_permissions) return false;
        if (!order.accept(number_at(value, at, 2), number_at(value, at + 4, 4))) return false;
    }
    return order.is_complete();
}

bool is_empty_acl(std::string_view value) {
    return has_version(value) && value.size() == header_size;
}

}  // namespace mox::medkit
