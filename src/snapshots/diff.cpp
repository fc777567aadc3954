#include "snapshots/diff.hpp"

#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "base/units.hpp"
#include "snapshots/description.hpp"
#include "snapshots/diff_entry.hpp"
#include "snapshots/diff_text.hpp"

namespace mox::snapshots {

namespace {

/// One side of one change.
struct Shown {
    std::string label;  ///< "@3/etc/config", fit for a terminal
    std::optional<DiffEntry> entry{};
};

Expected<Shown> shown(int root, const std::string& root_name, const std::string& path) {
    auto entry = TRY(diff_entry(root, path));
    return Shown{.label = escaped_for_display(root_name + "/" + path), .entry = std::move(entry)};
}

bool is_file(const Shown& side) {
    return side.entry && S_ISREG(side.entry->status.st_mode);
}

/// True for a regular file that can be shown line by line.
Expected<bool> is_text(const Shown& side) {
    if (!is_file(side) || side.entry->unreadable) return false;
    return side.entry->is_text();
}

class DiffWriter {
public:
    DiffWriter(int left_root, int right_root, const DiffOptions& options, const TextSink& sink)
        : left_root_(left_root), right_root_(right_root), options_(options), sink_(sink) {}

    [[nodiscard]] Expected<void> write(const Change& change) const {
        auto left = TRY(shown(left_root_, options_.left_name, change.path));
        auto right = TRY(shown(right_root_, options_.right_name, change.path));
        switch (change.kind) {
            case ChangeKind::removed:
                return only_in(options_.left_name, left, change.path, Direction::removed);
            case ChangeKind::added:
                return only_in(options_.right_name, right, change.path, Direction::added);
            case ChangeKind::changed:
                break;
        }
        if (!left.entry || !right.entry) return line(left.label + ": gone by now");
        return changed(left, right, change.differences);
    }

private:
    enum class Direction { removed, added };

    [[nodiscard]] Expected<void> line(std::string text) const {
        if (options_.colours == Colours::yes) text = "\033[1m" + text + "\033[m";
        return sink_(text + "\n");
    }

    [[nodiscard]] Expected<void> only_in(const std::string& root_name, const Shown& side,
                                         const std::string& path, Direction direction) const {
        if (!side.entry) return line(side.label + ": gone by now");
        const auto text = is_text(side);
        if (!text) return line(side.label + ": " + text.error().describe());
        if (*text && side.entry->status.st_size > 0) {
            const DiffSide content{.file = side.entry->file.get(), .label = side.label};
            const DiffSide nothing{.file = -1, .label = "/dev/null"};
            return direction == Direction::removed
                       ? write_text_diff(content, nothing, options_.colours, sink_)
                       : write_text_diff(nothing, content, options_.colours, sink_);
        }
        auto what = description_of(*side.entry);
        if (is_file(side) && side.entry->status.st_size == 0) what = "empty file";
        if (is_file(side) && !*text)
            what = "binary file, " + to_text(Bytes{static_cast<std::uint64_t>(side.entry->status.st_size)});
        return line("Only in " + escaped_for_display(root_name) + ": /" + escaped_for_display(path) + " (" +
                    what + ")");
    }

    [[nodiscard]] Expected<void> changed(const Shown& left, const Shown& right,
                                         const Differences& what) const {
        const auto& before = *left.entry;
        const auto& after = *right.entry;
        const auto between = [](const std::string& one, const std::string& other) {
            return " " + one + " -> " + other;
        };
        std::vector<std::string> lines;
        if (what.type) lines.push_back("type" + between(description_of(before), description_of(after)));
        if (what.mode) lines.push_back("mode" + between(mode_text(before.status), mode_text(after.status)));
        if (what.owner)
            lines.push_back("owner" + between(owner_text(before.status), owner_text(after.status)));
        if (what.xattrs) lines.emplace_back("extended attributes differ");
        if (what.link_target)
            lines.push_back("symlink" + between("\"" + escaped_for_display(before.link_target) + "\"",
                                                "\"" + escaped_for_display(after.link_target) + "\""));
        if (what.device)
            lines.push_back("device" + between(device_text(before.status), device_text(after.status)));
        if (what.unreadable) lines.emplace_back("cannot be read on one side, so it may differ");
        for (const auto& text : lines) TRY(line(right.label + ": " + text));
        return what.content ? content(left, right) : Expected<void>();
    }

    [[nodiscard]] Expected<void> content(const Shown& left, const Shown& right) const {
        for (const auto* side : {&left, &right}) {
            const auto text = is_text(*side);
            if (!text) return line(side->label + ": " + text.error().describe());
            if (!*text) return line("Binary files " + left.label + " and " + right.label + " differ");
        }
        return write_text_diff({.file = left.entry->file.get(), .label = left.label},
                               {.file = right.entry->file.get(), .label = right.label}, options_.colours,
                               sink_);
    }

    int left_root_;
    int right_root_;
    const DiffOptions& options_;
    const TextSink& sink_;
};

}  // namespace

Expected<void> write_diff(int left_root, int right_root, std::span<const Change> changes,
                          const DiffOptions& options, const TextSink& sink) {
    try {
        const DiffWriter writer(left_root, right_root, options, sink);
        for (const auto& change : changes) TRY(writer.write(change));
        return {};
    } catch (const std::exception& trouble) {
        return fail(ErrorKind::internal, std::string("the diff failed: ") + trouble.what());
    }
}

}  // namespace mox::snapshots
