// `schnapps delete`.

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "cli/schnapps/entry.hpp"
#include "cli/schnapps/json.hpp"
#include "snapshots/changes.hpp"
#include "snapshots/listing.hpp"

namespace mox::cli::schnapps {

namespace {

using snapshots::Number;
using snapshots::Writer;

Expected<std::vector<Number>> numbers_of_type(const Writer& writer, snapshots::SnapshotType type) {
    auto list = TRY(snapshots::list_snapshots(writer.top()));
    std::vector<Number> numbers;
    for (const auto& snapshot : list)
        if (snapshot.usable() && snapshot.type == type) numbers.push_back(snapshot.number);
    return numbers;
}

/// A snapshot that cannot be deleted does not stop the deletion of the others: the last error is the result,
/// earlier ones are printed.
Expected<std::vector<std::int64_t>> delete_each(const Writer& writer, const std::vector<Number>& numbers,
                                                snapshots::Nested nested, const Session& session) {
    std::vector<std::int64_t> deleted;
    std::optional<Error> failure;
    for (const auto number : numbers) {
        if (auto done = snapshots::delete_snapshot(writer, number, nested); !done) {
            if (failure) session.print(failure->describe());
            failure = std::move(done).error();
            continue;
        }
        deleted.push_back(number.value);
        session.print("snapshot " + to_text(number) + " deleted");
    }
    if (failure) return std::unexpected(std::move(*failure));
    return deleted;
}

constexpr std::array options{
    OptionEntry{.names = "-t,--type", .value = "TYPE", .help = "delete all of this type"},
    OptionEntry{.names = "--nested", .help = "with the subvolumes that they hold (containers, for example)"},
};

/// "1-3". nullopt: the word has no dash.
Expected<std::optional<NumberRange>> range_in(const std::string& word) {
    const auto dash = word.find('-');
    if (dash == std::string::npos) return std::nullopt;
    const auto first = TRY(number_in(word.substr(0, dash)));
    const auto last = TRY(number_in(word.substr(dash + 1)));
    if (last < first) return wrong_usage("the range " + word + " is empty; write the smaller number first");
    return NumberRange{first, last};
}

Expected<Command> make(const Parsed& parsed) {
    Delete remove;
    if (parsed.has("--nested")) remove.nested = snapshots::Nested::remove;
    const auto type = parsed.value("--type");
    if (parsed.words.empty() != type.has_value())
        return wrong_usage("delete needs either numbers or -t TYPE");
    for (const auto& word : parsed.words) {
        if (const auto range = TRY(range_in(word)))
            remove.ranges.push_back(*range);
        else
            remove.numbers.push_back(TRY(number_in(word)));
    }
    if (type) remove.type = TRY(type_in(*type));
    return remove;
}

/// Adds the existing snapshots of the ranges. Errors (`snapshot`): a range holds none.
Expected<void> add_ranges(const Writer& writer, const std::vector<NumberRange>& ranges,
                          std::vector<Number>& numbers) {
    if (ranges.empty()) return {};
    const auto list = TRY(snapshots::list_snapshots(writer.top()));
    for (const auto& range : ranges) {
        const auto before = numbers.size();
        for (const auto& snapshot : list)
            if (range.first <= snapshot.number && snapshot.number <= range.last)
                numbers.push_back(snapshot.number);
        if (numbers.size() == before)
            return fail(ErrorKind::snapshot,
                        "there is no snapshot from " + to_text(range.first) + " to " + to_text(range.last));
    }
    std::ranges::sort(numbers);
    const auto repeated = std::ranges::unique(numbers);
    numbers.erase(repeated.begin(), repeated.end());
    return {};
}

}  // namespace

const Entry delete_command{{.name = "delete",
                            .words = "[N|N-N...]",
                            .help = "delete snapshots: numbers, ranges like 1-3, or all of a type",
                            .options = options},
                           &make};

Expected<std::string> run(const Delete& command, Session& session) {
    return session.change([&](const Writer& writer) -> Expected<std::string> {
        auto numbers = command.numbers;
        TRY(add_ranges(writer, command.ranges, numbers));
        if (command.type) {
            auto found = TRY(numbers_of_type(writer, *command.type));
            numbers = std::move(found);
            if (numbers.empty())
                session.print("there is no snapshot of type " + std::string(name_of(*command.type)));
        }
        auto deleted = TRY(delete_each(writer, numbers, command.nested, session));
        return session.json() ? json_of({{"deleted", std::move(deleted)}}) : std::string();
    });
}

}  // namespace mox::cli::schnapps
