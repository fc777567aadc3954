#include "medkit/posix_acl.hpp"

#include <algorithm>
#include <cstddef>
#include <tuple>

namespace mox::medkit {

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

/// The tag that must come next, in turn: an owner, users, the group, groups, a mask, others, nothing more.
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
