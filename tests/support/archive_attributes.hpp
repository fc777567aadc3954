#pragma once

#include <linux/capability.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "support/archive_generator.hpp"
#include "support/tar_builder.hpp"
#include "support/tar_forms.hpp"

namespace mox::test_support {

/// Room for name and value of one attribute in a btrfs with nodes of 16 KiB.
inline constexpr std::size_t attribute_room = 16384 - 101 - 25 - 30;

inline std::string little_endian(std::uint64_t number, std::size_t bytes) {
    std::string text;
    for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>((number >> (8 * i)) & 0xff);
    return text;
}

/// Makes the extended attributes of one member, and says what must become of them.
class AttributeMaker {
public:
    AttributeMaker(Choices& choices, Oddities oddities) : choices_(choices), oddities_(oddities) {}

    /// Adds to the records of `member` and to what its node keeps. Returns why the archive must be refused.
    std::string add(FormedMember& member) {
        const bool may_have_user =
            member.node.kind == ModelKind::file || member.node.kind == ModelKind::directory;
        const auto count = choices_.below(4);
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto choice = choices_.below(oddities_ == Oddities::none ? 7 : 11);
            if (choice < 2 && may_have_user)
                keep(member, "user.n" + std::to_string(choices_.below(5)), value());
            if (choice == 2 && member.node.kind == ModelKind::file) keep_capability(member);
            if (choice == 3 && member.node.kind != ModelKind::symlink)
                keep_acl(member, "system.posix_acl_access");
            if (choice == 4 && member.node.kind == ModelKind::directory)
                keep_acl(member, "system.posix_acl_default");
            if (choice == 5 || choice == 6) leave_out(member);
            if (choice > 6)
                if (auto reason = add_impossible(member); !reason.empty()) return reason;
        }
        return {};
    }

private:
    void write(FormedMember& member, const std::string& name, const std::string& value) {
        if (choices_.in_percent(15))
            member.records.emplace_back("LIBARCHIVE.xattr." + name, base64(value));
        else
            member.records.emplace_back("SCHILY.xattr." + name, value);
    }

    std::string value() {
        const auto length =
            choices_.in_percent(90) ? choices_.below(60) : choices_.below(attribute_room - 10);
        return noise(length, choices_.below(1000));
    }

    void keep(FormedMember& member, const std::string& name, const std::string& value) {
        if (member.node.xattrs.contains(name)) return;
        write(member, name, value);
        member.node.xattrs.emplace(name, value);
    }

    void keep_capability(FormedMember& member) {
        const auto flags = choices_.below(2);
        const auto sets = noise(16, choices_.below(1000));
        if (choices_.in_percent(50))
            return keep(member, "security.capability", little_endian(VFS_CAP_REVISION_2 | flags, 4) + sets);
        keep(member, "security.capability",
             little_endian(VFS_CAP_REVISION_3 | flags, 4) + sets +
                 little_endian(1000 + choices_.below(100), 4));
    }

    /// Sets the mode that goes with it, as tar finds it on the machine that packs. A user or a group is in
    /// it: an ACL that says no more than the mode is the mode.
    void keep_acl(FormedMember& member, const std::string& name) {
        if (member.node.xattrs.contains(name)) return;
        struct Line {
            unsigned tag, permissions;
            std::uint64_t id;
        };
        constexpr std::uint64_t no_id = 0xffffffff;
        const auto permissions = [&] { return static_cast<unsigned>(choices_.below(8)); };
        const unsigned owner = permissions();
        const unsigned mask = permissions();
        const unsigned other = permissions();
        std::vector<Line> lines{{1, owner, no_id}};
        for (std::uint64_t i = 0; i <= choices_.below(3); ++i) lines.push_back({2, permissions(), 1000 + i});
        lines.push_back({4, permissions(), no_id});
        for (std::uint64_t i = 0; i < choices_.below(3); ++i) lines.push_back({8, permissions(), 70'000 + i});
        lines.push_back({16, mask, no_id});
        lines.push_back({32, other, no_id});
        std::string binary = little_endian(2, 4);
        for (const auto& line : lines)
            binary +=
                little_endian(line.tag, 2) + little_endian(line.permissions, 2) + little_endian(line.id, 4);
        member.node.xattrs.emplace(name, binary);
        const bool is_access = name == "system.posix_acl_access";
        if (is_access) member.node.mode = (member.node.mode & 07000U) | owner << 6U | mask << 3U | other;
        if (choices_.in_percent(50)) return write(member, name, binary);

        std::string text;
        const auto letters = [](unsigned bits) {
            return std::string{(bits & 4) != 0 ? 'r' : '-', (bits & 2) != 0 ? 'w' : '-',
                               (bits & 1) != 0 ? 'x' : '-'};
        };
        const std::map<unsigned, std::string> words{{1, "user:"},  {2, "user:"},  {4, "group:"},
                                                    {8, "group:"}, {16, "mask:"}, {32, "other:"}};
        for (const auto& line : lines)
            text += words.at(line.tag) + (line.id == no_id ? "" : std::to_string(line.id)) + ":" +
                    letters(line.permissions) + "\n";
        member.records.emplace_back(is_access ? "SCHILY.acl.access" : "SCHILY.acl.default", text);
    }

    void leave_out(FormedMember& member) {
        using namespace std::string_view_literals;
        static constexpr std::array names{
            "com.apple.provenance"sv, "system.nfs4_acl"sv, "trusted.overlay.opaque"sv, "security.selinux"sv,
            "btrfs.compression"sv,    "nothing"sv,         "system.cifs_acl"sv,        "security.ima"sv};
        const std::string name(choices_.of<std::string_view>(names));
        if (!choices_.in_percent(10)) return write(member, name, value());
        member.records.emplace_back("SCHILY.fflags", "uappnd,nodump");
    }

    std::string add_impossible(FormedMember& member) {
        if (choices_.in_percent(70)) return {};
        switch (choices_.below(7)) {
            case 0:
                write(member, "user.large", std::string(attribute_room - 9, 'n'));
                return "an attribute that is too large";
            case 1:
                write(member, "security.capability", noise(choices_.below(30), 3));
                return "a capability that is none";
            case 2:
                write(member, "security.capability",
                      little_endian(VFS_CAP_REVISION_1, 4) + std::string(8, '\0'));
                return "a capability of revision 1";
            case 3:
                write(member, "system.posix_acl_access", little_endian(2, 4) + noise(16, 5));
                return "an ACL that is none";
            case 4:
                write(member, "user." + std::string(251, 'n'), "x");
                return "an attribute's name of 256 bytes";
            case 5:
                if (member.node.kind == ModelKind::file || member.node.kind == ModelKind::directory)
                    return {};
                write(member, "user.x", "x");
                return "an attribute that such a member cannot have";
            default:
                if (member.node.kind == ModelKind::directory) return {};
                write(member, "system.posix_acl_default",
                      little_endian(2, 4) + little_endian(1, 8) + little_endian(4, 8) + little_endian(32, 8));
                return "a default ACL of a file";
        }
    }

    Choices& choices_;
    Oddities oddities_;
};

}  // namespace mox::test_support
