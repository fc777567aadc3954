#include "button/button_daemon.hpp"

#include <string>
#include <utility>

#include "base/text.hpp"

namespace mox::button {

ButtonDaemon::ButtonDaemon(Settings settings, SystemControl& system, LedOverride& led, EventLog& log)
    : settings_(std::move(settings)),
      system_(system),
      led_(led),
      log_(log),
      classifier_(settings_.thresholds) {}

ButtonDaemon::~ButtonDaemon() {
    log_led_error(led_.restore());
}

void ButtonDaemon::log_led_error(const Expected<void>& result) {
    if (!result) log_.warning("led", {{"message", result.error().describe()}});
}

void ButtonDaemon::execute(const PressResults& results) {
    for (const auto& result : results) execute(result);
}

void ButtonDaemon::execute(const PressResult& result) {
    const auto held = seconds(result.held);
    switch (result.action) {
        case Action::announce_reset:
            log_led_error(led_.darken());
            log_.info("long-press", {{"held", held}, {"next", "release for the immediate reset"}});
            return;
        case Action::reset:
            return long_press(result.held);
        case Action::reboot:
            return reboot(result.held);
        case Action::call_stuck:
            log_led_error(led_.restore());
            log_.warning("stuck", {{"held", held}, {"next", "nothing until it is released"}});
            return;
        case Action::call_off:
            log_led_error(led_.restore());
            log_.warning("ignored", {{"held", held}, {"reason", "the button vanished"}});
            return;
        case Action::ignore_stuck:
            log_.info("ignored", {{"held", held}, {"reason", "the button was stuck"}});
            return;
        case Action::ignore_bounce:
            log_.info("ignored", {{"held", held}, {"reason", "too short"}});
            return;
        case Action::ignore_while_busy:
            log_.info("ignored", {{"held", held}, {"reason", "the press before is being worked on"}});
            return;
    }
}

void ButtonDaemon::began(Work work, Expected<pid_t> child) {
    if (!child) {
        log_.error("failed", {{"message", child.error().describe()}});
        log_led_error(led_.restore());
        return;
    }
    work_ = work;
    child_ = *child;
    classifier_.work_begins();
}

void ButtonDaemon::reboot(Clock::duration held) {
    log_led_error(led_.restore());
    const auto command = joined(settings_.reboot_command, " ");
    log_.info("reboot", {{"held", seconds(held)}, {"command", command}});
    began(Work::reboot, system_.start_reboot());
    going_down_ = work_ == Work::reboot;
}

void ButtonDaemon::long_press(Clock::duration held) {
    // While a reboot or a factory reset runs, a long press resets the router: it works even when these hang.
    if (settings_.long_press == LongPress::factory_reset && work_ == Work::none && !going_down_)
        return factory_reset(held);
    reset("long press", held);
}

void ButtonDaemon::factory_reset(Clock::duration held) {
    log_.info("factory-reset", {{"held", seconds(held)}});
    log_led_error(led_.show_work());
    began(Work::factory_reset, system_.start_factory_reset());
}

void ButtonDaemon::reset(std::string_view reason, Clock::duration held) {
    log_.info("reset", {{"reason", std::string(reason)}, {"held", seconds(held)}});
    const auto failed = system_.reset();
    if (!failed) log_.error("failed", {{"message", failed.error().describe()}});
    log_led_error(led_.restore());
}

void ButtonDaemon::child_ended(pid_t pid, int exit_status) {
    if (pid != child_) return;
    const auto work = work_;
    const std::string name = work == Work::reboot ? "reboot command" : "factory reset";
    work_ = Work::none;
    child_.reset();
    classifier_.work_ends();
    if (exit_status != 0) {
        log_.error("failed", {{"work", name}, {"status", std::to_string(exit_status)}});
        going_down_ = false;
        log_led_error(led_.restore());
        return;
    }
    log_.info("done", {{"work", name}});
    if (work == Work::factory_reset) reset("the factory reset is done", {});
}

bool ButtonDaemon::may_end() {
    if (going_down_) {
        log_.info("stay", {{"reason", "a reboot is under way; a long press still resets"}});
        return false;
    }
    log_.info("stop");
    return true;
}

}  // namespace mox::button
