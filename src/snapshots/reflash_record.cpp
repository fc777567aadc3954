#include "snapshots/reflash_record.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "base/text.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/temporary_names.hpp"
#include "snapshots/uuid_text.hpp"

namespace mox::snapshots {

namespace {

constexpr std::string_view first_line = "re-flash 2";
constexpr std::string_view new_root_key = "new-root";
constexpr std::string_view new_factory_key = "new-factory";
constexpr std::string_view old_key = "old";
constexpr std::string_view end_key = "end";

std::string line_of(std::string_view key, const SubvolumeIdentity& one) {
    return std::string(key) + " " + std::to_string(one.id) + " " + to_text(one.uuid) + "\n";
}

/// Removes the text before `separator`, and the separator, from `text`, and returns it; nullopt: there is no
/// separator.
std::optional<std::string_view> take_before(std::string_view& text, char separator) {
    const auto end = text.find(separator);
    if (end == std::string_view::npos) return std::nullopt;
    const auto taken = text.substr(0, end);
    text.remove_prefix(end + 1);
    return taken;
}

/// "old 256 0123..." for the key "old".
std::optional<SubvolumeIdentity> identity_in(std::string_view line, std::string_view key) {
    if (take_before(line, ' ') != key) return std::nullopt;
    const auto id = take_before(line, ' ').and_then(whole_number<std::uint64_t>);
    const auto uuid = uuid_named(line);
    if (!id || !uuid) return std::nullopt;
    return SubvolumeIdentity{*id, *uuid};
}

const FoundSubvolume* named(const std::vector<FoundSubvolume>& found, std::string_view name) {
    const auto one = std::ranges::find(found, name, &FoundSubvolume::name);
    return one == found.end() ? nullptr : &*one;
}

bool is(const FoundSubvolume* one, const SubvolumeIdentity& identity) {
    return one != nullptr && one->identity == identity;
}

/// Answers questions about the origin of the card's subvolumes.
class Lineage {
public:
    Lineage(const ReflashRecord& record, const std::vector<FoundSubvolume>& found)
        : record_(record), found_(found) {}

    [[nodiscard]] bool is_old(const FoundSubvolume& one) const {
        return std::ranges::find(record_.old, one.identity) != record_.old.end();
    }

    /// `one` is the new root, or a snapshot of it or of its factory snapshot, in any generation.
    [[nodiscard]] bool belongs_to_new_system(const FoundSubvolume& one) const {
        const std::array new_ones{record_.new_root, record_.new_factory};
        return one.identity == record_.new_root || descends_from(one, new_ones);
    }

    /// Whether a subvolume that is not in the record was made from an old one: by a rollback to it.
    [[nodiscard]] bool has_descendant_of_old() const {
        return std::ranges::any_of(found_, [&](const FoundSubvolume& one) {
            return !is_old(one) && descends_from(one, record_.old);
        });
    }

private:
    [[nodiscard]] bool descends_from(const FoundSubvolume& one,
                                     std::span<const SubvolumeIdentity> ancestors) const {
        const auto* at = &one;
        // No chain is longer; a damaged one may be a cycle.
        for (std::size_t i = 0; i <= found_.size(); ++i) {
            if (at->parent == storage::Uuid{}) return false;
            const auto& parent = at->parent;
            const auto has_uuid = [&](const SubvolumeIdentity& other) { return other.uuid == parent; };
            if (std::ranges::any_of(ancestors, has_uuid)) return true;
            const auto next = std::ranges::find_if(
                found_, [&](const FoundSubvolume& other) { return has_uuid(other.identity); });
            if (next == found_.end()) return false;
            at = &*next;
        }
        return false;
    }

    const ReflashRecord& record_;
    const std::vector<FoundSubvolume>& found_;
};

/// The repair without a readable record. Before the switch the built subvolumes are younger than `@`. With a
/// damaged record an older one may be the old root: then it is kept.
ReflashRepair undo_without_record(bool damaged, const std::vector<FoundSubvolume>& found) {
    ReflashRepair repair{.outcome = ReflashOutcome::undone};
    const auto* const root = named(found, root_name);
    for (const auto name : {reflash_factory_name, reflash_root_name}) {
        const auto* const built = named(found, name);
        if (built == nullptr) continue;
        const bool may_be_old = damaged && root != nullptr && built->identity.id < root->identity.id;
        (may_be_old ? repair.keep_as_snapshot : repair.erase).emplace_back(name);
    }
    return repair;
}

ReflashRepair undo(const ReflashRecord& record, const FoundSubvolume* factory) {
    ReflashRepair repair{.outcome = ReflashOutcome::undone};
    if (factory != nullptr)
        (is(factory, record.new_factory) ? repair.erase : repair.keep_as_snapshot)
            .emplace_back(reflash_factory_name);
    repair.erase.emplace_back(reflash_root_name);
    return repair;
}

ReflashRepair abandon(const ReflashRecord& record, const FoundSubvolume* root,
                      const FoundSubvolume* factory) {
    ReflashRepair repair{.outcome = ReflashOutcome::abandoned};
    if (factory != nullptr)
        (is(factory, record.new_factory) ? repair.erase : repair.keep_as_snapshot)
            .emplace_back(reflash_factory_name);
    if (root != nullptr) repair.keep_as_snapshot.emplace_back(reflash_root_name);
    return repair;
}

/// The old root is erased last, by its name since the switch.
ReflashRepair finish(const ReflashRecord& record, const Lineage& lineage,
                     const std::vector<FoundSubvolume>& found) {
    ReflashRepair repair{.outcome = ReflashOutcome::finished};
    const auto* const built = named(found, reflash_factory_name);
    const auto* const published = named(found, factory_name);
    // A factory snapshot that is neither the old nor the new one was made later, and stays.
    repair.publish_factory =
        is(built, record.new_factory) && (published == nullptr || lineage.is_old(*published));
    for (const auto& one : found) {
        if (one.name == reflash_root_name) continue;
        if (one.name == reflash_factory_name) {
            const bool is_ours = is(&one, record.new_factory) || lineage.is_old(one);
            const bool becomes_factory = repair.publish_factory && published == nullptr;
            if (!becomes_factory) (is_ours ? repair.erase : repair.keep_as_snapshot).push_back(one.name);
            continue;
        }
        if (one.name == factory_name && repair.publish_factory)
            continue;  // it has the other name after publishing
        if (lineage.is_old(one)) repair.erase.push_back(one.name);
    }
    if (const auto* const old_root = named(found, reflash_root_name); old_root != nullptr)
        (lineage.is_old(*old_root) ? repair.erase : repair.keep_as_snapshot).push_back(old_root->name);
    return repair;
}

}  // namespace

std::string format_reflash_record(const ReflashRecord& record) {
    std::string text = std::string(first_line) + "\n";
    text += line_of(new_root_key, record.new_root);
    text += line_of(new_factory_key, record.new_factory);
    for (const auto& one : record.old) text += line_of(old_key, one);
    return text + std::string(end_key) + " " + std::to_string(record.old.size()) + "\n";
}

std::optional<ReflashRecord> parse_reflash_record(std::string_view text) {
    if (take_before(text, '\n') != first_line) return std::nullopt;
    const auto identity = [&](std::string_view key) {
        return take_before(text, '\n').and_then([&](std::string_view line) {
            return identity_in(line, key);
        });
    };
    const auto new_root = identity(new_root_key);
    const auto new_factory = identity(new_factory_key);
    if (!new_root || !new_factory) return std::nullopt;
    ReflashRecord record{.new_root = *new_root, .new_factory = *new_factory, .old = {}};
    while (auto line = take_before(text, '\n')) {
        if (const auto old = identity_in(*line, old_key)) {
            record.old.push_back(*old);
            continue;
        }
        if (take_before(*line, ' ') != end_key || whole_number<std::uint64_t>(*line) != record.old.size() ||
            !text.empty())
            return std::nullopt;
        return record;
    }
    return std::nullopt;
}

ReflashRepair plan_reflash_repair(const std::optional<std::string>& record,
                                  const std::vector<FoundSubvolume>& found) {
    const auto* const new_root = named(found, reflash_root_name);
    const auto* const new_factory = named(found, reflash_factory_name);
    if (!record && new_root == nullptr && new_factory == nullptr) return {};
    const auto known = record.and_then(parse_reflash_record);
    if (!known) return undo_without_record(record.has_value(), found);

    if (is(new_root, known->new_root)) return undo(*known, new_factory);
    const Lineage lineage(*known, found);
    const auto* const root = named(found, root_name);
    const bool switched = root != nullptr && lineage.belongs_to_new_system(*root);
    if (!switched || lineage.has_descendant_of_old()) return abandon(*known, new_root, new_factory);
    return finish(*known, lineage, found);
}

}  // namespace mox::snapshots
