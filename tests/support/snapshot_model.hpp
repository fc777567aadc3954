#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace mox::test_support {

// What users of routers know about snapshots, as a small model in memory. It is written from the description
// of the commands alone and shares neither code nor types with the library that it is compared with.

/// The types in the words of info files.
inline constexpr std::array<std::string_view, 6> model_types{"single", "time",     "pre",
                                                             "post",   "rollback", "save"};

/// What `cleanup` keeps of each type; none: all.
struct ModelLimits {
    std::optional<unsigned> single, time, updater, rollback;
};

/// One command, or something that happens to the router.
struct ModelOperation {
    enum class Kind {
        work,             ///< the system in `@` changes: `text` is what it says from now on
        create,           ///< of `type`, described as `text`
        modify,           ///< the type if `type` is not empty, the description if `described`
        remove,           ///< `delete`, which is a word of C++
        clean_up,         ///< with `limits`
        step_back,        ///< `rollback` without a number
        roll_back,        ///< to `number`
        factory_reset,    ///< `rollback factory`
        savepoint,        ///< with `minutes` to commit
        commit,           ///< ends savepoints
        minutes_pass,     ///< and the process that waits for the savepoint's end looks
        router_restarts,  ///< and the same
    };
    Kind kind = Kind::work;
    std::uint32_t number = 0;
    std::string type{};
    std::string text{};
    bool described = false;
    ModelLimits limits{};
    int minutes = 0;
};

/// As one would type it: "modify 3 -t pre".
[[nodiscard]] std::string to_text(const ModelOperation& operation);

/// A description as it is stored: bytes outside `a-zA-Z0-9 .,?!()/;:<>-` are `_`, at most 1024.
[[nodiscard]] std::string model_description(std::string_view text);

/// "@3 pre content=5 roll_to= Before lunch": a snapshot in one line, for comparisons.
[[nodiscard]] std::string snapshot_line(std::uint32_t number, std::string_view type, std::string_view content,
                                        std::string_view roll_to, std::string_view description);

/// One snapshot of a history, as its info file tells it.
struct ModelSnapshot {
    std::uint32_t number = 0;
    std::string type{"single"};  ///< as without an info file
    std::string roll_to{};       ///< of type rollback: "3" or "factory"; empty: it does not tell
    std::string content{};       ///< the same text means that nothing changed in between
};

/// What `rollback` without a number goes to: "3" or "factory".
[[nodiscard]] std::string model_step_back(const std::vector<ModelSnapshot>& history);

/// What `cleanup --compare` deletes of a history in the order of numbers, lowest first: of snapshots without
/// changes between them all but the last; never those of type single or save.
[[nodiscard]] std::vector<std::uint32_t> model_compare_cleanup(const std::vector<ModelSnapshot>& history);

/// The snapshots of one card.
class SnapshotModel {
public:
    /// A router that says "start", with or without a factory state, which says "factory".
    explicit SnapshotModel(bool has_factory) : has_factory_(has_factory) {}

    /// Does it, and answers what the user sees: "created 3", "deleted 1 2", "rolled back to 2, saved as 4",
    /// "nothing", or "refused" (and nothing has changed).
    std::string apply(const ModelOperation& operation);

    /// Everything there is: a line for `@`, one for each snapshot, one for the pending savepoint if any.
    [[nodiscard]] std::string describe() const;

    /// The names at the top level of the card, sorted, but for those of a savepoint's bookkeeping.
    [[nodiscard]] std::vector<std::string> names() const;

    /// What `rollback` without a number goes to: "3" or "factory".
    [[nodiscard]] std::string one_step_back() const;
    /// What `cleanup` deletes, oldest first.
    [[nodiscard]] std::vector<std::uint32_t> superfluous(const ModelLimits& limits) const;

    [[nodiscard]] std::vector<std::uint32_t> numbers() const;

private:
    struct Snapshot {
        std::string type, description, content;
        std::string roll_to{};  ///< empty: it is not the backup of a rollback
    };
    struct Savepoint {
        std::uint32_t number = 0;
        int minutes_left = 0;
        int minutes = 0;
    };

    std::uint32_t add(Snapshot snapshot);
    std::string modify(const ModelOperation& operation);
    std::string remove(std::uint32_t number);
    std::string roll_back(const std::string& target);
    std::string start_savepoint(int minutes);
    std::string commit();
    std::string look_at_savepoint();
    std::vector<std::uint32_t> remove_savepoints_but(std::optional<std::uint32_t> kept);

    bool has_factory_;
    std::string root_ = "start";
    std::map<std::uint32_t, Snapshot> snapshots_;
    std::optional<Savepoint> savepoint_;
};

/// Thinks of the next operation: mostly sensible, sometimes with a number that does not exist.
[[nodiscard]] ModelOperation random_operation(const SnapshotModel& model, std::mt19937_64& random);

}  // namespace mox::test_support
