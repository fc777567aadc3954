#include "operation/normal_operation.hpp"

#include <string>
#include <utility>

namespace mox::operation {

NormalOperation::NormalOperation(Settings settings, Machine& machine, BorrowedLight& light, EventLog& log)
    : settings_(std::move(settings)),
      machine_(machine),
      light_(light),
      log_(log),
      judge_(settings_.thresholds) {}

NormalOperation::~NormalOperation() {
    light(light_.give_back());
}

void NormalOperation::light(const Expected<void>& shown) {
    if (!shown) log_.warning("led", {{"message", shown.error().describe()}});
}

void NormalOperation::carry_out(const Verdicts& verdicts) {
    for (const auto& verdict : verdicts) carry_out(verdict);
}

void NormalOperation::carry_out(const Verdict& verdict) {
    const auto held = seconds(verdict.held);
    switch (verdict.deed) {
        case Deed::announce_reset:
            light(light_.darken());
            log_.info("long-press", {{"held", held}, {"next", "release for the immediate reset"}});
            return;
        case Deed::reset:
            return long_press(verdict.held);
        case Deed::reboot:
            return reboot(verdict.held);
        case Deed::call_stuck:
            light(light_.give_back());
            log_.warning("stuck", {{"held", held}, {"next", "nothing until it is released"}});
            return;
        case Deed::call_off:
            light(light_.give_back());
            log_.warning("ignored", {{"held", held}, {"reason", "the button vanished"}});
            return;
        case Deed::ignore_stuck:
            log_.info("ignored", {{"held", held}, {"reason", "the button was stuck"}});
            return;
        case Deed::ignore_bounce:
            log_.info("ignored", {{"held", held}, {"reason", "too short"}});
            return;
        case Deed::ignore_while_busy:
            log_.info("ignored", {{"held", held}, {"reason", "the press before is being worked on"}});
            return;
    }
}

void NormalOperation::began(Work work, Expected<pid_t> child) {
    if (!child) {
        log_.error("failed", {{"message", child.error().describe()}});
        light(light_.give_back());
        return;
    }
    work_ = work;
    child_ = *child;
    judge_.work_begins();
}

void NormalOperation::reboot(Clock::duration held) {
    light(light_.give_back());
    std::string command;
    for (const auto& word : settings_.reboot_command) command += (command.empty() ? "" : " ") + word;
    log_.info("reboot", {{"held", seconds(held)}, {"command", command}});
    began(Work::reboot, machine_.start_reboot());
    going_down_ = work_ == Work::reboot;
}

void NormalOperation::long_press(Clock::duration held) {
    // While anything is under way a long press is the way out: the router resets, whatever hangs.
    if (settings_.long_press == LongPress::factory_reset && work_ == Work::none && !going_down_)
        return factory_reset(held);
    reset("long press", held);
}

void NormalOperation::factory_reset(Clock::duration held) {
    log_.info("factory-reset", {{"held", seconds(held)}});
    light(light_.show_work());
    began(Work::factory_reset, machine_.start_factory_reset());
}

void NormalOperation::reset(std::string_view reason, Clock::duration held) {
    log_.info("reset", {{"reason", std::string(reason)}, {"held", seconds(held)}});
    const auto failed = machine_.reset();
    if (!failed) log_.error("failed", {{"message", failed.error().describe()}});
    light(light_.give_back());
}

void NormalOperation::child_ended(pid_t pid, int exit_status) {
    if (pid != child_) return;
    const auto work = work_;
    const std::string name = work == Work::reboot ? "reboot command" : "factory reset";
    work_ = Work::none;
    child_.reset();
    judge_.work_ends();
    if (exit_status != 0) {
        log_.error("failed", {{"work", name}, {"status", std::to_string(exit_status)}});
        going_down_ = false;
        light(light_.give_back());
        return;
    }
    log_.info("done", {{"work", name}});
    if (work == Work::factory_reset) reset("the factory reset is done", {});
}

bool NormalOperation::may_end() {
    if (going_down_) {
        log_.info("stay", {{"reason", "a reboot is under way; a long press still resets"}});
        return false;
    }
    log_.info("stop");
    return true;
}

}  // namespace mox::operation
