#include "medkit/tar_attributes.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "medkit/extended_attributes.hpp"

namespace mox::medkit {

namespace {

std::string_view text_or_empty(const char* text) {
    return text == nullptr ? std::string_view{} : std::string_view(text);
}

int hexadecimal_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// Decodes a name in the key of a pax record. GNU tar writes "%3D" and "%25" for "=" and "%", libarchive
/// encodes every byte that is not plain ASCII.
std::string decoded(std::string_view name) {
    std::string text;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const bool may_be_code = name[i] == '%' && i + 2 < name.size();
        const int high = may_be_code ? hexadecimal_digit(name[i + 1]) : -1;
        const int low = may_be_code ? hexadecimal_digit(name[i + 2]) : -1;
        const bool is_code = high >= 0 && low >= 0 && high + low > 0;
        text += is_code ? static_cast<char>(high * 16 + low) : name[i];
        if (is_code) i += 2;
    }
    return text;
}

/// libarchive reads and writes "-1.5" as one second before 1970 plus half a second; POSIX, GNU tar and Linux
/// use it as the number -1.5.
timespec mtime_of(archive_entry* header) {
    const timespec time{.tv_sec = archive_entry_mtime(header), .tv_nsec = archive_entry_mtime_nsec(header)};
    if (time.tv_sec >= 0 || time.tv_nsec == 0 || time.tv_sec == std::numeric_limits<time_t>::min())
        return time;
    return {.tv_sec = time.tv_sec - 1, .tv_nsec = 1'000'000'000 - time.tv_nsec};
}

/// Of two attributes with the same name the later one counts, as for pax records; libarchive lists it first.
std::vector<ExtendedAttribute> xattrs_of(archive_entry* header) {
    std::vector<ExtendedAttribute> xattrs;
    std::set<std::string, std::less<>> names;
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    archive_entry_xattr_reset(header);
    while (archive_entry_xattr_next(header, &name, &value, &size) == ARCHIVE_OK) {
        auto text = size == 0 ? std::string() : std::string(static_cast<const char*>(value), size);
        auto plain_name = decoded(name);
        if (names.insert(plain_name).second) xattrs.push_back({std::move(plain_name), std::move(text)});
    }
    return xattrs;
}

std::optional<AclTag> acl_tag(int tag) {
    switch (tag) {
        case ARCHIVE_ENTRY_ACL_USER_OBJ:
            return AclTag::owner;
        case ARCHIVE_ENTRY_ACL_USER:
            return AclTag::user;
        case ARCHIVE_ENTRY_ACL_GROUP_OBJ:
            return AclTag::owning_group;
        case ARCHIVE_ENTRY_ACL_GROUP:
            return AclTag::group;
        case ARCHIVE_ENTRY_ACL_MASK:
            return AclTag::mask;
        case ARCHIVE_ENTRY_ACL_OTHER:
            return AclTag::other;
        default:
            return std::nullopt;
    }
}

/// An ACL that the archive holds as text.
Expected<std::vector<AclEntry>> acl_of(archive_entry* header, int which) {
    std::vector<AclEntry> entries;
    int type = 0;
    int permissions = 0;
    int tag = 0;
    int id = 0;
    const char* name = nullptr;
    archive_entry_acl_reset(header, which);
    while (archive_entry_acl_next(header, which, &type, &permissions, &tag, &id, &name) == ARCHIVE_OK) {
        const auto known = acl_tag(tag);
        if (!known) return fail(ErrorKind::medkit, "its ACL has an entry of an unknown kind");
        const bool has_id = *known == AclTag::user || *known == AclTag::group;
        if (has_id && id < 0)
            return fail(ErrorKind::medkit,
                        "its ACL names \"" + printable(text_or_empty(name)) + "\" without a number",
                        {"pack it with --numeric-owner or --xattrs"});
        entries.push_back({*known, static_cast<std::uint16_t>(permissions & 7),
                           has_id ? static_cast<std::uint32_t>(id) : UINT32_MAX});
    }
    return entries;
}

/// Adds the ACLs that the archive holds as text to those that it holds as extended attributes.
Expected<void> add_acls(archive_entry* header, std::vector<ExtendedAttribute>& xattrs) {
    for (const auto& [which, attribute] : {std::pair(ARCHIVE_ENTRY_ACL_TYPE_ACCESS, access_acl),
                                           std::pair(ARCHIVE_ENTRY_ACL_TYPE_DEFAULT, default_acl)}) {
        auto entries = TRY(acl_of(header, which));
        const bool is_there = std::ranges::any_of(
            xattrs, [&](const ExtendedAttribute& xattr) { return xattr.name == attribute; });
        if (!entries.empty() && !is_there)
            xattrs.push_back({std::string(attribute), to_attribute_value(std::move(entries))});
    }
    return {};
}

Expected<SortedAttributes> sorted_attributes_of(archive_entry* header, EntryKind kind) {
    auto xattrs = xattrs_of(header);
    TRY(add_acls(header, xattrs));
    auto sorted = sort_attributes(kind, std::move(xattrs));
    if (!sorted) return sorted;
    unsigned long set = 0;
    unsigned long cleared = 0;
    archive_entry_fflags(header, &set, &cleared);
    if (set != 0) sorted->left_out.emplace_back("file flags");
    if ((archive_entry_acl_types(header) & ARCHIVE_ENTRY_ACL_TYPE_NFS4) != 0)
        sorted->left_out.emplace_back("NFSv4 ACL");
    return sorted;
}

/// Linux has 12 bits for the major number (the driver) and 20 bits for the minor number (the device).
Expected<dev_t> device_of(archive_entry* header, EntryKind kind) {
    if (kind != EntryKind::character_device && kind != EntryKind::block_device) return dev_t{0};
    const auto driver = archive_entry_rdevmajor(header);
    const auto device = archive_entry_rdevminor(header);
    if (driver >= (1U << 12) || device >= (1U << 20))
        return fail(ErrorKind::medkit, "a device number that does not exist");
    return makedev(static_cast<unsigned>(driver), static_cast<unsigned>(device));
}

/// Owner numbers have 32 bits; chown uses the highest one for "do not change".
bool is_owner_number(std::int64_t number) {
    return number >= 0 && number < std::int64_t{std::numeric_limits<uid_t>::max()};
}

/// All attributes except the extended ones.
Expected<NodeAttributes> plain_attributes_of(archive_entry* header, EntryKind kind) {
    const auto owner = archive_entry_uid(header);
    const auto group = archive_entry_gid(header);
    if (!is_owner_number(owner) || !is_owner_number(group))
        return fail(ErrorKind::medkit, "an owner number that does not exist");
    auto device = TRY(device_of(header, kind));
    return NodeAttributes{
        .mode = archive_entry_perm(header),
        .owner = static_cast<uid_t>(owner),
        .group = static_cast<gid_t>(group),
        .mtime = mtime_of(header),
        .device = device,
        .xattrs = {},
    };
}

}  // namespace

Expected<TarAttributes> tar_attributes(archive_entry* header, EntryKind kind) {
    auto attributes = TRY(plain_attributes_of(header, kind));
    auto sorted = TRY(sorted_attributes_of(header, kind));
    attributes.xattrs = std::move(sorted.kept);
    return TarAttributes{std::move(attributes), std::move(sorted.left_out)};
}

}  // namespace mox::medkit
