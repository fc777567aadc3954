#include "cli/schnapps/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "cli/version.hpp"
#include "snapshots/description.hpp"

namespace mox::cli::schnapps {

namespace {

using snapshots::Number;
using snapshots::Target;
using Words = std::vector<std::string>;

constexpr auto footer =
    "N is the number of a snapshot. A and B are numbers, `factory`, or `@` for the current system.\n"
    "Exit status: 0 done, 2 the medkit is not usable, 3 card, 4 snapshots, 5 internal, 64 wrong command "
    "line.\n"
    "Results go to standard output, messages to standard error. See schnapps(1).";

constexpr auto default_keys = "/etc/mox-rescue/keys";

Number number_in(const std::string& word) {
    const auto number = snapshots::number_named(word);
    if (!number) throw CLI::ValidationError("\"" + word + "\" is not the number of a snapshot");
    return *number;
}

Target target_in(const std::string& word) {
    const auto target = snapshots::target_named(word);
    if (!target)
        throw CLI::ValidationError("\"" + word + "\" is neither the number of a snapshot nor factory");
    return *target;
}

snapshots::SnapshotType type_in(const std::string& word) {
    if (const auto type = snapshots::type_named(word)) return *type;
    std::string known;
    for (const auto type : snapshots::all_types())
        known += (known.empty() ? "" : ", ") + std::string(name_of(type));
    throw CLI::ValidationError("\"" + word + "\" is not a type of snapshots; there are " + known);
}

std::string joined(const Words& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

std::optional<Side> side_in(const std::string& word) {
    if (word == snapshots::root_name || word == "current") return CurrentSystem{};
    if (const auto target = snapshots::target_named(word)) return *target;
    return std::nullopt;
}

/// "[A] [B] [PATH]"; a path that reads like a number can be written "./5" or "/5".
ComparisonRange sides_in(const Words& words) {
    ComparisonRange sides;
    auto word = words.begin();
    if (word != words.end())
        if (const auto left = side_in(*word)) {
            sides.left = *left;
            ++word;
        }
    if (word != words.begin() && word != words.end())
        if (const auto right = side_in(*word)) {
            sides.right = *right;
            ++word;
        }
    if (word != words.end()) sides.path = *word++;
    if (word != words.end()) throw CLI::ValidationError("\"" + *word + "\" is one argument too many");
    while (sides.path.starts_with('/')) sides.path.erase(0, 1);
    return sides;
}

/// The parser, and the values that it collects until the command is known.
class CommandLine {
public:
    CommandLine() {
        app_.footer(footer);
        app_.require_subcommand(0, 1);  // reported in take(), with a better message
        app_.fallthrough();
        app_.set_version_flag("--version", std::string(version));
        app_.add_option("-d,--root", place_, "work on the file system of this directory or block device")
            ->type_name("ROOT");
        app_.add_flag("--json", request_.options.json, "print the result as JSON");
        add_changes();
        add_queries();
        add_rollbacks();
        add_transfers();
        add("help", "show this help", [this] { return ShowText{help()}; });
        add("version", "show the version", [] { return ShowText{std::string(version) + "\n"}; });
    }

    CLI::App& app() { return app_; }

    Request take() {
        if (app_.get_subcommands().empty()) throw CLI::RequiredError("a command");
        if (!place_.empty()) request_.options.place = place_;
        return std::move(request_);
    }

private:
    /// The help of the whole program: CLI11's `help()` would return that of the command `help`.
    std::string help() const {
        return app_.get_formatter()->make_help(&app_, "schnapps", CLI::AppFormatMode::Normal);
    }

    /// Adds a subcommand; `make` is called when it is chosen and all its words are read.
    template <typename Make>
    CLI::App& add(const char* name, const char* what, Make make) {
        auto* command = app_.add_subcommand(name, what);
        command->callback([this, make = std::move(make)] { request_.command = make(); });
        return *command;
    }

    void add_words(CLI::App& command, const char* name, const char* what) {
        command.add_option(name, words_, what);
    }

    void add_type(CLI::App& command, const char* what) {
        command.add_option("-t,--type", type_, what)->type_name("TYPE");
    }

    void add_changes() {
        auto& create =
            add("create", "make a snapshot of the current system", [this] { return make_create(); });
        create.add_flag("-n,--number", flag_, "print the number alone");
        add_type(create, "type of the snapshot, single by default");
        add_words(create, "DESCRIPTION", "what it is");

        auto& modify =
            add("modify", "change the type or description of a snapshot", [this] { return make_modify(); });
        add_type(modify, "new type");
        modify.add_option("-d,--description", description_, "new description");
        modify.add_option("N", word_, "number of the snapshot")->required();

        auto& remove = add("delete", "delete snapshots", [this] { return make_delete(); });
        add_type(remove, "delete all of this type");
        remove.add_flag("--nested", flag_, "with the subvolumes that they hold (containers, for example)");
        add_words(remove, "N", "numbers of the snapshots");

        auto& cleanup = add("cleanup", "delete snapshots that the configuration does not keep",
                            [this] { return Cleanup{flag_}; });
        cleanup.add_flag("-c,--compare", flag_, "delete those that are the same as the next one, too");
    }

    void add_queries() {
        auto& list = add("list", "list the snapshots", [this] { return make_list(); });
        auto* json = list.add_flag("-j", flag_, "as JSON, with the keys that scripts use");
        list.add_flag("-c,--csv", second_flag_, "as comma separated values")->excludes(json);

        auto& compare =
            add("cmp", "list what changed between two states", [this] { return Compare{sides_in(words_)}; });
        add_words(compare, "A_B_PATH", "[A] [B] [PATH]; the newest snapshot and the current system");
        auto& diff =
            add("diff", "show what changed between two states", [this] { return Diff{sides_in(words_)}; });
        add_words(diff, "A_B_PATH", "[A] [B] [PATH]; the newest snapshot and the current system");

        auto& mount = add("mount", "mount snapshots on /mnt/snapshot-@N", [this] { return make_mount(); });
        mount.add_option("N", words_, "numbers of the snapshots, or factory")->required();

        auto& quota = add("quota", "show or switch the counting of space", [this] { return make_quota(); });
        quota.add_option("WHAT", word_, "on, off or status")->required();

        add("factory-version", "show the version of the factory image", [] { return FactoryVersion{}; });
    }

    void add_rollbacks() {
        auto& rollback = add("rollback", "go back to a snapshot, one step back without a number",
                             [this] { return make_rollback(); });
        rollback.add_option("N", word_, "number of the snapshot, or factory");

        auto& savepoint = add("savepoint", "roll back in some minutes, unless `commit` is run before",
                              [this] { return make_savepoint(); });
        savepoint.add_option("MINUTES", word_, "time until the rollback, 10 by default");
        savepoint.add_flag("--no-reboot", flag_, "do not reboot after the rollback");
        savepoint.add_flag("--resume", second_flag_,
                           "wait for the savepoint that is pending: for the boot script");

        add("commit", "keep the current state: ends the savepoint", [] { return Commit{}; });
    }

    void add_transfers() {
        auto& exporting =
            add("export", "write a snapshot as a medkit into a directory, or to standard output (-)",
                [this] { return make_export(); });
        exporting.add_flag("-c,--current", flag_,
                           "the current state; this is also the default without a number");
        exporting.add_flag("-f,--force", second_flag_, "replace a backup of the same name");
        exporting.add_option("--sign", key_, "secret key to sign with")->type_name("KEY");
        exporting.add_option("N_DIR", words_, "[N] DIR or [N] -")->required()->expected(1, 2);

        auto& importing =
            add("import", "make a snapshot of an exported file", [this] { return make_import(); });
        importing.add_flag("-f,--factory", flag_,
                           "make it the factory image instead; FILE may be its https:// address");
        importing.add_flag("--force", second_flag_,
                           "even without signature and checksum, or if it does not boot a router");
        importing.add_option("FILE", word_, "the .info of an export, or the .tar.gz beside it")->required();
        add_keys(importing);

        auto& update = add("update-factory", "take a medkit as the new factory image",
                           [this] { return UpdateFactory{.source = word_, .keys = keys_}; });
        update.add_option("FILE", word_,
                          "the medkit: a .tar.gz file, or its https:// address; without one the latest is "
                          "downloaded");
        add_keys(update);
    }

    void add_keys(CLI::App& command) {
        command.add_option("--keys", keys_, "directory of trusted public keys, named by key number")
            ->capture_default_str();
    }

    Command make_create() {
        Create create{.number_only = flag_};
        if (!type_.empty()) create.type = type_in(type_);
        if (!words_.empty()) create.description = joined(words_);
        return create;
    }

    Command make_modify() {
        Modify modify{.number = number_in(word_), .modification = {.type = {}, .description = description_}};
        if (!type_.empty()) modify.modification.type = type_in(type_);
        if (!modify.modification.type && !description_)
            throw CLI::ValidationError("nothing to change; use -t TYPE or -d DESCRIPTION");
        return modify;
    }

    Command make_delete() {
        Delete remove;
        if (flag_) remove.nested = snapshots::Nested::remove;
        if (words_.empty() == type_.empty())
            throw CLI::ValidationError("delete needs either numbers or -t TYPE");
        for (const auto& word : words_) remove.numbers.push_back(number_in(word));
        if (!type_.empty()) remove.type = type_in(type_);
        return remove;
    }

    Command make_list() {
        if (flag_) return List{ListFormat::json};
        return List{second_flag_ ? ListFormat::csv : ListFormat::table};
    }

    Command make_mount() {
        Mount mount;
        for (const auto& word : words_) mount.targets.push_back(target_in(word));
        return mount;
    }

    Command make_quota() {
        if (word_ == "on") return Quota{Quota::What::on};
        if (word_ == "off") return Quota{Quota::What::off};
        if (word_ == "status") return Quota{Quota::What::status};
        throw CLI::ValidationError("quota is on, off or status, not \"" + word_ + "\"");
    }

    Command make_rollback() {
        Rollback rollback;
        if (!word_.empty()) rollback.target = target_in(word_);
        return rollback;
    }

    Command make_savepoint() {
        const auto afterwards = flag_ ? AfterRollback::stay : AfterRollback::reboot;
        if (second_flag_) return ResumeSavepoint{afterwards};
        Savepoint savepoint{.afterwards = afterwards};
        if (word_.empty()) return savepoint;
        const auto minutes = snapshots::number_named(word_);
        if (!minutes || std::chrono::minutes(minutes->value) > snapshots::longest_savepoint_time)
            throw CLI::ValidationError("a savepoint waits for 1 to " +
                                       std::to_string(snapshots::longest_savepoint_time.count()) +
                                       " minutes");
        savepoint.time = std::chrono::minutes(minutes->value);
        return savepoint;
    }

    Command make_export() {
        // Routers in the field also have `export current DIR`.
        if (words_.size() == 2 && words_.front() == "current") {
            words_.erase(words_.begin());
            flag_ = true;
        }
        Export exporting{.number = {}, .destination = words_.back(), .key = key_, .force = second_flag_};
        if (words_.size() == 2) exporting.number = number_in(words_.front());
        if (flag_ && exporting.number) throw CLI::ValidationError("either a number or -c, not both");
        if (key_ && exporting.destination == "-")
            throw CLI::ValidationError("a signature needs a directory as the destination");
        return exporting;
    }

    Command make_import() {
        if (flag_) return ImportFactory{.source = word_, .keys = keys_, .force = second_flag_};
        return Import{.file = word_, .keys = keys_, .force = second_flag_};
    }

    CLI::App app_{"Snapshots of the system: make them, list them, go back to them.", "schnapps"};
    Request request_;
    std::string place_;

    // Only one subcommand is chosen, so they share these values.
    Words words_;
    std::string word_;
    std::string type_;
    std::optional<std::string> description_;
    std::optional<std::filesystem::path> key_;
    std::filesystem::path keys_{default_keys};
    bool flag_ = false;
    bool second_flag_ = false;
};

}  // namespace

std::variant<Request, int> read_command_line(int argc, const char* const* argv) {
    CommandLine line;
    try {
        line.app().parse(argc, argv);
        return line.take();
    } catch (const CLI::Success& success) {  // --help, --version
        return line.app().exit(success);
    } catch (const CLI::Error& error) {
        std::cerr << "schnapps: " << snapshots::escaped_for_display(error.what())
                  << "\nTry `schnapps help`.\n";
        return exit_usage;
    }
}

}  // namespace mox::cli::schnapps
