#include "support/archive_generator.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <map>

#include "support/archive_attributes.hpp"
#include "support/tar_builder.hpp"
#include "support/tar_forms.hpp"

namespace mox::test_support {

namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t page = 4096;
class Generator {
public:
    Generator(Choices& choices, Oddities oddities) : choices_(choices), oddities_(oddities) {
        medkit_.is_plain = oddities == Oddities::none;
        static constexpr std::array<unsigned, 4> rates{0, 2, 10, 100};
        if (oddities == Oddities::some) wildness_ = choices_.of<unsigned>(rates);
    }

    GeneratedMedkit run() {
        medkit_.base = archive();
        if (choices_.in_percent(40)) medkit_.extra = archive();
        return std::move(medkit_);
    }

private:
    [[nodiscard]] bool odd(unsigned percent) {
        return choices_.in_percent(wildness_) && choices_.in_percent(percent * 5);
    }

    std::string archive() {
        medkit_.tree.begin_archive();
        medkit_.story.emplace_back("-- archive");
        std::string bytes;
        if (choices_.in_percent(10)) bytes += pax_header('g', pax_record("comment", "made by a generator"));
        const auto members = 1 + choices_.below(30);
        for (std::uint64_t i = 0; i < members; ++i) bytes += member();
        medkit_.tree.end_archive();
        return bytes + std::string(choices_.in_percent(80) ? 1024 : 10240, '\0');
    }

    std::string member() {
        const auto choice = choices_.below(20);
        if (choice < 3) return hard_link();
        FormedMember member;
        member.node = node(choice);
        member.path = spelled(path(member.node.kind));
        if (member.node.kind == ModelKind::directory && choices_.in_percent(70)) member.path += '/';
        if (member.node.kind == ModelKind::symlink) member.node.target = symlink_target();
        member.link = member.node.target;
        member.form = form();
        const bool is_device =
            member.node.kind == ModelKind::character_device || member.node.kind == ModelKind::block_device;
        if (is_device && member.form == TarForm::v7) member.form = TarForm::ustar;  // v7 knew no numbers
        member.type = type_of(member.node.kind);
        choose_sparse_form(member);
        auto refusal =
            AttributeMaker(choices_, choices_.in_percent(wildness_) ? oddities_ : Oddities::none).add(member);
        medkit_.story.push_back(std::string(1, member.type) + " " + member.path + " -> " +
                                member.link.substr(0, 80) + " form " +
                                std::to_string(static_cast<int>(member.form)) + " sparse " +
                                std::to_string(static_cast<int>(member.sparse)) + " " + refusal);
        refusal += impossible_numbers(member);
        if (!refusal.empty()) medkit_.tree.refuse(refusal);
        medkit_.tree.add(member.path, member.node);
        return formed(member);
    }

    std::string hard_link() {
        FormedMember member;
        member.form = form();
        member.type = '1';
        const auto target = medkit_.tree.existing(choices_.number());
        member.link = target && !odd(5) ? *target : path(ModelKind::file);
        if (choices_.in_percent(50)) member.link = "./" + member.link;
        if (odd(2)) member.link = "./" + std::string("././././") + member.link;
        member.path = spelled(path(ModelKind::file));
        // A plain medkit links to what is there.
        if (!choices_.in_percent(wildness_)) {
            auto trial = medkit_.tree;
            trial.add_hard_link(member.path, member.link);
            if (!trial.refusal().empty()) return {};
        }
        medkit_.story.push_back("1 " + member.path + " = " + member.link);
        medkit_.tree.add_hard_link(member.path, member.link);
        return formed(member);
    }

    ModelNode node(std::uint64_t choice) {
        ModelNode node;
        node.kind = choice < 8    ? ModelKind::file
                    : choice < 13 ? ModelKind::directory
                    : choice < 16 ? ModelKind::symlink
                    : choice < 17 ? ModelKind::character_device
                    : choice < 18 ? ModelKind::block_device
                    : choice < 19 ? ModelKind::fifo
                                  : ModelKind::file;
        node.mode = static_cast<unsigned>(choices_.below(010000));
        node.owner = owner();
        node.group = owner();
        node.mtime = mtime();
        node.device_major = static_cast<unsigned>(choices_.in_percent(90) ? choices_.below(300) : 4095);
        node.device_minor =
            static_cast<unsigned>(choices_.in_percent(80) ? choices_.below(300) : (1U << 20) - 1);
        if (node.kind == ModelKind::file) fill(node);
        return node;
    }

    std::uint64_t owner() {
        static constexpr std::array<std::uint64_t, 6> owners{0, 0, 1000, 65'534, 2'097'152, 4'294'967'294};
        return choices_.of<std::uint64_t>(owners);
    }

    timespec mtime() {
        static constexpr std::array<std::int64_t, 9> seconds{
            1'700'000'000,  0, 1, -1, -1'000'000'000, 2'147'483'648, 8'589'934'592, 99'999'999'999,
            -62'135'596'800};
        timespec time{.tv_sec = choices_.of<std::int64_t>(seconds), .tv_nsec = 0};
        if (choices_.in_percent(40) && time.tv_sec != -1)
            time.tv_nsec = static_cast<long>(choices_.below(1'000'000'000));
        return time;
    }

    void fill(ModelNode& node) {
        const auto choice = choices_.below(10);
        if (choice == 0) return;
        if (choice < 8) {
            node.size = choice < 6 ? choices_.below(3000) : choices_.below(200'000);
            node.content = {{0, noise(node.size, choices_.below(1000))}};
            return;
        }
        // Extents and holes in turn, in whole pages as file systems have them, some with an odd end.
        const auto extents = choices_.below(choices_.in_percent(90) ? 6 : 60);
        std::uint64_t offset = choices_.below(3) * 16 * page;
        for (std::uint64_t i = 0; i < extents; ++i) {
            node.content.push_back({offset, noise(page * (1 + choices_.below(3)), choices_.below(1000))});
            offset += node.content.back().bytes.size() + page * 16 * (1 + choices_.below(3));
        }
        node.size = offset;
        if (choices_.in_percent(50)) node.size -= std::min<std::uint64_t>(node.size, choices_.below(page));
        if (choices_.in_percent(30) && !node.content.empty())
            node.size = node.content.back().offset + node.content.back().bytes.size();
    }

    void choose_sparse_form(FormedMember& member) {
        auto& extents = member.node.content;
        if (member.node.kind != ModelKind::file || (extents.size() < 2 && choices_.in_percent(95))) return;
        member.sparse = static_cast<SparseForm>(1 + choices_.below(4));
        member.node.has_holes = true;
        // As GNU tar writes them: its own kind with its own magic, records with ustar's.
        member.form = member.sparse == SparseForm::old_gnu ? TarForm::gnu : TarForm::pax;
        // As GNU tar tells where a hole at the end ends.
        const auto end = extents.empty() ? 0 : extents.back().offset + extents.back().bytes.size();
        if (end < member.node.size) extents.push_back({member.node.size, {}});
    }

    TarForm form() { return static_cast<TarForm>(choices_.below(4)); }

    static char type_of(ModelKind kind) {
        switch (kind) {
            case ModelKind::file:
                return '0';
            case ModelKind::directory:
                return '5';
            case ModelKind::symlink:
                return '2';
            case ModelKind::character_device:
                return '3';
            case ModelKind::block_device:
                return '4';
            case ModelKind::fifo:
                return '6';
        }
        return '0';
    }

    std::string name() {
        if (choices_.in_percent(75)) return std::string(1, static_cast<char>('a' + choices_.below(6)));
        switch (choices_.below(8)) {
            case 0:
                return "größe";
            case 1:
                return "gro\xcc\x88\xc3\x9f";  // not composed
            case 2:
                return "\xff\xfe invalid";
            case 3:
                return std::string(255, static_cast<char>('a' + choices_.below(3)));
            case 4:
                return "two words\nand a line";
            case 5:
                return "...";
            case 6:
                return "boot";
            default:
                return "n" + std::string(100 + choices_.below(60), 'x') + std::to_string(choices_.below(3));
        }
    }

    /// A path that is free or may be replaced, if the medkit is plain; else anything.
    std::string path(ModelKind kind) {
        for (int tries = 0; tries < 20; ++tries) {
            std::string candidate;
            if (choices_.in_percent(35))
                if (const auto there = medkit_.tree.existing(choices_.number())) candidate = *there + "/";
            const auto depth = 1 + choices_.below(choices_.in_percent(95) ? 3 : 20);
            for (std::uint64_t i = 0; i < depth; ++i) candidate += (i == 0 ? "" : "/") + name();
            if (kind == ModelKind::directory && choices_.in_percent(4)) candidate = ".";
            if (candidate.size() > 3000 || choices_.in_percent(wildness_)) return candidate;
            if (is_accepted(candidate, kind)) return candidate;
        }
        return "unused" + std::to_string(++unused_);
    }

    /// What the product may refuse although nothing is wrong, a plain medkit does not have.
    bool is_accepted(const std::string& candidate, ModelKind kind) {
        auto trial = medkit_.tree;
        ModelNode node;
        node.kind = kind;
        trial.add(candidate, node);
        trial.end_archive();
        if (!trial.refusal().empty()) return false;
        return oddities_ == Oddities::some || !medkit_.tree.goes_through_link(candidate);
    }

    /// The same path as somebody may have written it.
    std::string spelled(std::string path) {
        if (odd(1)) return "/" + path;
        if (odd(1)) return "../" + path;
        if (odd(1)) return path + "/../x";
        if (odd(1)) return std::string(256, 'l') + "/" + path;
        if (choices_.in_percent(60)) path = "./" + path;
        if (choices_.in_percent(5)) path = ".//./" + path;
        return path;
    }

    std::string symlink_target() {
        if (choices_.in_percent(40))
            if (const auto there = medkit_.tree.existing(choices_.number()))
                return (choices_.in_percent(30) ? "/" : "") + *there;
        if (choices_.in_percent(5)) return std::string(4095, 't');
        if (choices_.in_percent(10)) return "../" + name();
        if (odd(1)) return std::string(4096, 't');
        return choices_.in_percent(20) ? "/" + name() : name();
    }

    /// Numbers that a header can hold and Linux cannot.
    std::string impossible_numbers(FormedMember& member) {
        if (member.node.kind == ModelKind::symlink && member.node.target.size() > 4095)
            return "a long target";
        if (!odd(2)) return {};
        const bool is_device =
            member.node.kind == ModelKind::character_device || member.node.kind == ModelKind::block_device;
        switch (choices_.below(is_device ? 5 : 3)) {
            case 0:
                member.node.owner = 0xffffffff;
                return "an owner that does not exist";
            case 1:
                member.node.group = std::uint64_t{1} << 32;
                return "a group that does not exist";
            case 2:
                member.records.emplace_back("uid", "-7");
                return "a negative owner";
            case 3:
                member.node.device_major = 4096;
                return "a driver that does not exist";
            default:
                member.node.device_minor = 1U << 20;
                return "a device that does not exist";
        }
    }

    Choices& choices_;
    Oddities oddities_;
    GeneratedMedkit medkit_;
    unsigned wildness_ = 0;  ///< per cent: how often what cannot be is tried
    int unused_ = 0;
};

}  // namespace

std::uint64_t ByteChoices::number() {
    if (bytes_.empty()) return 0;
    const std::uint64_t first = bytes_.front();
    bytes_ = bytes_.subspan(1);
    if (first < 250 || bytes_.size() < 2) return first;
    const auto more = std::uint64_t{bytes_[0]} << 8 | bytes_[1];
    bytes_ = bytes_.subspan(2);
    return first << 16 | more;
}

GeneratedMedkit generate_medkit(Choices& choices, Oddities oddities) {
    return Generator(choices, oddities).run();
}

}  // namespace mox::test_support
