#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "rescue/modes/reboot.hpp"
#include "rescue/session.hpp"
#include "support/fake_button.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_led.hpp"
#include "support/remembered_environment.hpp"

namespace mox::test_support {

/// No drives, until somebody waits for one: then they come, one by one.
class ComingDrives final : public storage::Drives {
public:
    Expected<std::vector<storage::Drive>> plugged_in() override { return drives; }
    boost::asio::awaitable<bool> change_before(Clock::time_point /*deadline*/) override {
        if (to_come.empty()) co_return false;
        if (wait) co_await wait();
        drives.push_back({.node = "/dev/new", .role = to_come.front()});
        to_come.erase(to_come.begin());
        co_return true;
    }

    std::vector<storage::DriveRole> to_come;
    std::function<boost::asio::awaitable<void>()> wait;  ///< for the next one to come
    std::vector<storage::Drive> drives;
};

/// What the next mode that runs does. Modes are plain functions, so it has to wait outside of them.
inline std::function<boost::asio::awaitable<Expected<rescue::ModeOutcome>>()> work;
inline int executions = 0;

inline boost::asio::awaitable<Expected<rescue::ModeOutcome>> run_work(update::Context& /*context*/) {
    ++executions;
    co_return co_await work();
}

/// What the session tells whoever shows it in words.
class Notes final : public rescue::SessionObserver {
public:
    void announcing(boot::Mode mode, int /*repetition*/) override {
        announced.push_back({FakeClock::since_start(), boot::number_of(mode)});
        notes.push_back("announce " + std::to_string(boot::number_of(mode)));
    }
    void pressed(boot::Mode /*moved_on_to*/) override { notes.emplace_back("press"); }
    void released() override { notes.emplace_back("release"); }
    void executing(boot::Mode mode) override {
        notes.push_back("execute " + std::to_string(boot::number_of(mode)));
        // What the script has after the execution is not for the execution, however long that takes.
        button->let_time_stand_still(!time_goes_on_during_execution);
    }
    void mode_ended() override { button->let_time_stand_still(false); }
    void press_ignored() override { notes.emplace_back("press ignored"); }
    void succeeded(rescue::ModeOutcome afterwards) override {
        notes.emplace_back(afterwards == rescue::ModeOutcome::reboot ? "success, reboot" : "success, stay");
    }
    void failed(const Error& error) override {
        notes.push_back("failed: " + error.describe());
        button->let_time_stand_still(time_stands_still_after_failure);
    }

    [[nodiscard]] bool has(const std::string& note) const { return std::ranges::count(notes, note) > 0; }

    struct Announced {
        std::chrono::milliseconds at{};  ///< since FakeClock::start()
        int mode = 0;
    };

    std::vector<std::string> notes;
    std::vector<Announced> announced;
    FakeButton* button = nullptr;
    bool time_goes_on_during_execution = false;
    /// Otherwise the script of the button goes on.
    bool time_stands_still_after_failure = false;
};

/// A whole rescue with a LED, a button, drives and a boot environment that tests look at. Modes do `work`.
struct RescueSessionPlay : testing::Test {
    RescueSessionPlay() {
        FakeClock::restart();
        executions = 0;
        ends_with(rescue::ModeOutcome::reboot);
        start.now = &FakeClock::now;
    }

    static void ends_with(Expected<rescue::ModeOutcome> result) {
        work = [result]() -> boost::asio::awaitable<Expected<rescue::ModeOutcome>> { co_return result; };
    }

    /// What the session asks for; nothing if it would go on for ever.
    std::optional<rescue::ModeOutcome> run(FakeButton& button) {
        std::optional<rescue::ModeOutcome> asked_for;
        observer.button = &button;
        update::Context mode_context{.board = description,
                                     .drives = drives,
                                     .environment = environment,
                                     .log = log,
                                     .progress = progress,
                                     .keys = {},
                                     .variant = {}};
        co_spawn(context, rescue::run_rescue_session(led, button, mode_context, entries, start, &observer),
                 [&](std::exception_ptr failure, rescue::ModeOutcome afterwards) {
                     if (failure) std::rethrow_exception(failure);
                     asked_for = afterwards;
                 });
        context.restart();
        context.poll();
        return asked_for;
    }

    /// The changes of the LED from the moment in which it showed `what`, with times from there.
    std::vector<LedChange> led_since(const std::string& what) const {
        auto from = std::ranges::find(led.changes(), what, &LedChange::shows);
        std::vector<LedChange> changes(from, led.changes().end());
        const auto begin = changes.empty() ? std::chrono::milliseconds(0) : changes.front().at;
        for (auto& change : changes) change.at -= begin;
        return changes;
    }

    std::size_t times_logged(const std::string& words) const {
        const auto text = log.text();
        std::size_t count = 0;
        for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++count;
        return count;
    }

    board::Description description = board::turris_mox();
    ComingDrives drives;
    Log log;
    RememberedEnvironment environment;
    Progress progress;
    std::vector<rescue::ModeEntry> entries{
        {boot::Mode::reboot, &rescue::run_reboot, rescue::PressWhileRunning::ignored},
        {boot::Mode::reflash_from_drive, &run_work, rescue::PressWhileRunning::ignored},
        {boot::Mode::rescue_shell, &run_work, rescue::PressWhileRunning::reboots}};
    rescue::SessionStart start;
    FakeLed led;
    Notes observer;
    boost::asio::io_context context;
};

}  // namespace mox::test_support
