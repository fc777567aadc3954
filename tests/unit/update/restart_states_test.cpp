// What starts a MOX after a power cut: every boot loader of the field, in every state that a write of the
// boot environment can leave, with and without the button, with and without a rescue image. The table of
// docs/restart-contracts.md is made of what this sees: MOX_UPDATE_DOCS=1 writes it anew.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <set>

#include "base/file.hpp"
#include "boot/restart_marker.hpp"
#include "boot/uboot_environment.hpp"
#include "support/boot_loader_model.hpp"
#include "support/memory_flash.hpp"
#include "support/power_cut_table.hpp"
#include "support/temporary_directory.hpp"
#include "update/environment_reset.hpp"

namespace mox::update {
namespace {

using namespace test_support;
using boot::Variables;

const auto board = board::turris_mox();

class NoDrives final : public storage::Drives {
public:
    Expected<std::vector<storage::Drive>> plugged_in() override { return std::vector<storage::Drive>{}; }
    boost::asio::awaitable<bool> change_before(Clock::time_point /*deadline*/) override { co_return false; }
};

/// An environment that a MOX may have before mode 4 begins; nullopt: this content of the flash, no variables.
struct Before {
    std::string name;
    std::optional<Variables> variables;
    char content = '\xff';
};

std::vector<Before> environments_of(const BootLoader& loader) {
    auto saved = loader.defaults;
    auto changed = saved;
    changed["contract"] = "turris_lists=contracts/x y";
    changed["rescue_keys"] = "it's; $HOME";
    changed["bootcmd"] = "run a; run distro_bootcmd";
    changed["a"] = "echo mine";
    auto no_command = saved;
    no_command.erase("bootcmd");
    auto older_marker = saved;
    older_marker["boot_targets"] = "rescue";
    older_marker["rescue_boot_targets"] = "mmc0";
    older_marker["force_mode"] = "6";
    return {{.name = "never saved", .variables = std::nullopt},
            {.name = "damaged", .variables = std::nullopt, .content = 'x'},
            {.name = "saved as it was", .variables = saved},
            {.name = "changed", .variables = changed},
            {.name = "without bootcmd", .variables = no_command},
            {.name = "with an older marker", .variables = older_marker}};
}

/// A mode 4 that formats the card, write by write, on the flash of a MOX.
class RestartStates : public testing::Test {
protected:
    void begin(const Before& before) {
        set_flash(before.variables ? environment_image(*before.variables)
                                   : std::string(0x10000, before.content));
    }

    void set_flash(const std::string& bytes) const { std::ofstream(file_, std::ios::binary) << bytes; }
    std::string flash() const { return read_small_file(file_, ErrorKind::internal, Bytes{1 << 20}).value(); }

    boot::UbootEnvironment environment() const {
        return boot::UbootEnvironment::open({.node = file_,
                                             .label = "u-boot-env",
                                             .size = Bytes{0x10000},
                                             .erase_block = Bytes{0x10000}})
            .value();
    }

    /// The states of one write.
    std::vector<std::string> states_of(const std::function<void(boot::UbootEnvironment&)>& write) {
        const auto before = flash();
        auto opened = environment();
        write(opened);
        const auto after = flash();
        return before == after ? std::vector{before} : states_between(before, after);
    }
    std::vector<std::string> states_of_mark(boot::Tries tries) {
        return states_of([&](auto& environment) {
            const boot::RestartMark mark{.mode = boot::Mode::reflash_from_drive, .disk = {}, .tries = tries};
            EXPECT_TRUE(boot::mark_for_restart(environment, board, mark, &rescue_partition_));
        });
    }
    std::vector<std::string> states_of_settle(EnvironmentReset reset) {
        return states_of([&](auto& environment) {
            Context context{.board = board,
                            .drives = drives_,
                            .environment = environment,
                            .log = log_,
                            .progress = progress_,
                            .keys = {},
                            .variant = {}};
            EXPECT_TRUE(finalize_environment(context, reset));
        });
    }

    /// What starts in each of these states.
    std::set<Started> starts(const BootLoader& loader, const std::vector<std::string>& states,
                             const ModelMox& mox) {
        std::set<Started> seen;
        for (const auto& state : states) {
            auto router = mox;
            router.environment = state;
            seen.insert(power_on(loader, router));
        }
        return seen;
    }

    /// Notes for the table, and checks that nothing else starts.
    void expect(const std::string& step, const BootLoader& loader, const std::vector<std::string>& states,
                ModelMox mox, const std::set<Started>& allowed) {
        const auto seen = starts(loader, states, mox);
        for (const auto started : seen)
            EXPECT_TRUE(allowed.contains(started))
                << name_of(started) << " starts: " << step << ", " << loader.version << ", " << name_
                << (mox.button_held ? ", button held" : "") << (mox.rescue_image ? "" : ", no rescue image");
        const int column = (mox.button_held ? 1 : 0) + (mox.rescue_image ? 0 : 2);
        auto& cell = cells_[step][column];
        for (const auto started : seen) cell.insert(name_of(started));
    }

    void expect_for_all(const std::string& step, const BootLoader& loader,
                        const std::vector<std::string>& states, bool card_boots,
                        const std::set<Started>& allowed) {
        for (const bool held : {false, true})
            expect(step, loader, states, {.environment = {}, .card_boots = card_boots, .button_held = held},
                   held && card_boots ? std::set{Started::card, Started::rescue} : allowed);
        if (!card_boots) return;
        // Without a rescue image newer boot loaders end at the prompt while the button is held: as ever.
        expect(step, loader, states, {.environment = {}, .rescue_image = false}, {Started::card});
    }

    std::string table() const {
        std::string text =
            "| Power cut | Starts | With the button held | Without a rescue image |\n|---|---|---|---|\n";
        for (const auto& [step, columns] : cells_) {
            text += "| " + step;
            for (const int column : {0, 1, 2}) {
                text += " | ";
                const auto cell = columns.find(column);
                std::string names;
                if (cell != columns.end())
                    for (const auto& name : cell->second) names += (names.empty() ? "" : " or ") + name;
                text += names.empty() ? "(never in this state)" : names;
            }
            text += " |\n";
        }
        return text;
    }

    TemporaryDirectory folder_;
    std::filesystem::path file_ = folder_.path() / "environment";
    MemoryFlash rescue_partition_{0x40000, 0x10000};
    NoDrives drives_;
    Log log_;
    Progress progress_;
    std::string name_;
    std::map<std::string, std::map<int, std::set<std::string>>> cells_;
};

using Some = std::set<Started>;

TEST_F(RestartStates, OfEveryWriteBootTheCardOrComeBackToRescue) {
    for (const auto& loader : boot_loaders_of_the_field())
        for (const auto& before : environments_of(loader)) {
            name_ = before.name;
            const bool booted = before.name != "without bootcmd" && before.name != "with an older marker";
            begin(before);
            auto marking = states_of_mark(boot::Tries::fresh);
            // A card that must be formatted although it boots is one that is too full.
            if (!booted) marking.erase(marking.begin());  // did not boot before, either
            expect_for_all("1. while the marker is set, card as it was", loader, marking, true,
                           {Started::card, Started::rescue});

            const std::vector marked{flash()};
            expect_for_all("2. while the card holds no system", loader, marked, false, {Started::rescue});
            auto counted = environment();
            ASSERT_EQ(*boot::count_forced_try(counted, &rescue_partition_), boot::ForcedTry::allowed);
            EXPECT_EQ(states_of_mark(boot::Tries::go_on), marked) << "written while the card is empty";
            EXPECT_EQ(flash(), marked.front()) << "written while the card is empty";

            expect_for_all("3. while the marker is taken away, new system complete", loader,
                           states_of_settle(EnvironmentReset::to_defaults), true,
                           {Started::card, Started::rescue});

            const auto settled = flash();
            const bool stored = variables_in(settled).has_value();
            EXPECT_EQ(stored, before.variables.has_value());
            // The boot loader's own write.
            for (std::size_t state = 0; stored && state < states_of_a_write; ++state) {
                ModelMox mox{.environment = settled, .power_goes_after = state};
                EXPECT_EQ(power_on(loader, mox), Started::lost_power) << loader.version << ", " << name_;
                expect_for_all("4. while the boot loader resets its environment", loader, {mox.environment},
                               true, {Started::card});
            }
            ModelMox mox{.environment = settled};
            EXPECT_EQ(power_on(loader, mox), Started::card);
            auto expected = loader.defaults;
            if (before.name == "changed") {
                expected["contract"] = before.variables->at("contract");
                expected["rescue_keys"] = before.variables->at("rescue_keys");
            }
            if (before.name == "with an older marker") expected["boot_targets"] = "mmc0";
            EXPECT_EQ(variables_in(mox.environment).value_or(loader.defaults), expected)
                << loader.version << ", " << name_;
        }
    const std::filesystem::path document = MOX_PROJECT_DIR "/docs/restart-contracts.md";
    if (std::getenv("MOX_UPDATE_DOCS") != nullptr)
        replace_table_in(document, table(), "modes_restart_states_test");
    else
        EXPECT_EQ(table_in(document, "modes_restart_states_test"), table());
}

TEST_F(RestartStates, AreAsBeforeWhenTheUserRebootsInstead) {
    for (const auto& loader : boot_loaders_of_the_field())
        for (const auto& before : environments_of(loader)) {
            name_ = before.name;
            if (name_ == "with an older marker") continue;
            begin(before);
            states_of_mark(boot::Tries::fresh);
            states_of_settle(EnvironmentReset::none);
            EXPECT_EQ(variables_in(flash()), before.variables) << loader.version << ", " << name_;
        }
}

// What the marker was before: a boot target, which no boot loader of the field honours.
TEST_F(RestartStates, OfAMarkerInTheBootTargetsAreDead) {
    for (const auto& loader : boot_loaders_of_the_field()) {
        auto variables = loader.defaults;
        variables["boot_targets"] = "rescue";
        variables["force_mode"] = "4";
        ModelMox mox{.environment = environment_image(variables), .card_boots = false};
        EXPECT_EQ(power_on(loader, mox), Started::nothing) << loader.version;
    }
}

// Where tries are counted in the environment itself, a cut in that write while the card is empty needs the
// button: why they are not, where the flash has room.
TEST_F(RestartStates, OfTriesInTheEnvironmentNeedTheButton) {
    for (const auto& loader : boot_loaders_of_the_field()) {
        begin({.name = "saved", .variables = loader.defaults});
        states_of_mark(boot::Tries::fresh);
        const auto counting =
            states_of([](auto& environment) { EXPECT_TRUE(boot::count_forced_try(environment)); });
        const ModelMox empty{.environment = {}, .card_boots = false};
        EXPECT_EQ(starts(loader, counting, empty), (Some{Started::rescue, Started::nothing}));
        auto held = empty;
        held.button_held = true;
        EXPECT_EQ(starts(loader, counting, held), (Some{Started::rescue}));
    }
}

}  // namespace
}  // namespace mox::update
