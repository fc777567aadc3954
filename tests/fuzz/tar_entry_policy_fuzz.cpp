// Any sequence of entries goes through EntryPolicy. What it accepts is carried out on a model of a file
// system that follows symlinks as a careless tar would; nothing may be written outside of the root, the path
// that the policy gives has no symlink on its way, and what a link was followed to is what the model finds
// there. The model shares no code with the policy: it resolves component by component.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "medkit/entry_policy.hpp"

namespace {

using mox::medkit::EntryDescription;
using mox::medkit::EntryKind;

struct Node {
    enum class Type { directory, file, symlink, special };
    Type type = Type::directory;
    std::string target;
};

[[noreturn]] void violated(const char* what) {
    std::fputs(what, stderr);
    std::fputs("\n", stderr);
    std::abort();
}

/// Nodes by absolute path; the archive is unpacked at "/root", and everything else is outside.
class ModelFileSystem {
public:
    ModelFileSystem() { nodes_["/root"] = {}; }

    void apply(const EntryDescription& entry, const mox::medkit::AcceptedEntry& accepted) {
        const auto place = resolve("/root", accepted.path);
        if (accepted.is_followed_link) {
            const auto node = nodes_.find(place);
            if (node == nodes_.end() || node->second.type != Node::Type::directory)
                violated("a link was followed to what is no directory");
            return;
        }
        if (!is_inside(place)) violated("an accepted entry is written outside");
        if (entry.kind == EntryKind::hard_link) {
            const auto source = resolve("/root", accepted.link_target);
            const auto node = nodes_.find(source);
            if (!is_inside(source) || node == nodes_.end() || node->second.type == Node::Type::directory)
                violated("an accepted hard link leads outside");
            if (place != "/root" && !has_children(place))
                nodes_[place] = node->second;
            else
                violated("a hard link replaced a directory");
            return;
        }
        if (place == "/root") {
            if (entry.kind != EntryKind::directory) violated("the root was replaced");
            return;
        }
        if (entry.kind != EntryKind::directory && has_children(place))
            violated("a full directory was replaced");
        nodes_[place] = {type_of(entry.kind), std::string(entry.link_target)};
    }

private:
    static Node::Type type_of(EntryKind kind) {
        switch (kind) {
            case EntryKind::directory:
                return Node::Type::directory;
            case EntryKind::symlink:
                return Node::Type::symlink;
            case EntryKind::regular:
                return Node::Type::file;
            default:
                return Node::Type::special;
        }
    }

    static bool is_inside(const std::string& path) { return path == "/root" || path.starts_with("/root/"); }

    bool has_children(const std::string& path) const {
        const auto child = nodes_.upper_bound(path + "/");
        return child != nodes_.end() && child->first.starts_with(path + "/");
    }

    /// Where a path leads, the last component not followed. Missing directories are created on the way.
    std::string resolve(std::string place, std::string_view path) {
        if (path.starts_with('/')) place.clear();
        std::vector<std::string> components{""};
        for (const char c : path) {
            if (c == '/')
                components.emplace_back();
            else
                components.back() += c;
        }
        std::erase_if(components, [](const auto& each) { return each.empty() || each == "."; });
        for (std::size_t i = 0; i < components.size(); ++i) {
            if (components[i] == "..") {
                place.resize(std::min(place.size(), place.rfind('/')));
                continue;
            }
            place += '/' + components[i];
            if (i + 1 < components.size()) enter(place);
        }
        return place;
    }

    void enter(const std::string& place) {
        const auto [node, is_new] = nodes_.try_emplace(place);
        if (node->second.type == Node::Type::symlink) violated("an accepted path goes through a symlink");
        if (node->second.type != Node::Type::directory) violated("an accepted path goes through a file");
    }

    std::map<std::string, Node> nodes_;
};

/// Short paths of few letters, so that they meet; sometimes the fuzzer's own bytes.
class Input {
public:
    Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

    [[nodiscard]] bool empty() const { return rest_.empty(); }

    unsigned byte() {
        if (rest_.empty()) return 0;
        const auto value = static_cast<unsigned char>(rest_.front());
        rest_.remove_prefix(1);
        return value;
    }

    std::string path() {
        static constexpr std::string_view alphabet("ab../\0", 6);
        const auto length = byte();
        std::string text;
        for (unsigned i = 0; i < length % 16 && !rest_.empty(); ++i) {
            const auto value = byte();
            text += length < 224 ? alphabet[value % alphabet.size()] : static_cast<char>(value);
        }
        return text;
    }

private:
    std::string_view rest_;
};

void run_archive(Input& input, mox::medkit::EntryPolicy& policy, ModelFileSystem& model) {
    const unsigned entries = input.byte();
    for (unsigned i = 0; i < entries && !input.empty(); ++i) {
        const auto kind = static_cast<EntryKind>(input.byte() % 8);
        const auto path = input.path();
        const auto target = input.path();
        const auto size = static_cast<std::int64_t>(input.byte()) - 8;
        const EntryDescription entry{
            .path = path,
            .kind = kind,
            .link_target = target,
            .size = kind == EntryKind::regular ? size : 0,
        };
        const auto before = policy.unpacked();
        if (const auto accepted = policy.accept(entry)) {
            model.apply(entry, *accepted);
            if (kind == EntryKind::regular &&
                policy.unpacked().count != before.count + static_cast<std::uint64_t>(size))
                violated("sizes do not add up");
        }
        if (policy.unpacked().count > 4096) violated("more than the capacity was accepted");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    ModelFileSystem model;
    mox::medkit::ArchiveRules rules{.capacity = {4096}, .required_files = {}};
    rules.memory = {40'000};
    mox::medkit::EntryPolicy base(rules);
    run_archive(input, base, model);
    rules.unpacked_over = &base.contents();
    mox::medkit::EntryPolicy extra(rules);
    run_archive(input, extra, model);
    (void)extra.finish();
    return 0;
}
