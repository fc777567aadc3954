#include "panel/server/board_controller.hpp"

#include <utility>

namespace mox::virtual_mox::panel {

using Result = BoardController::Result;

namespace {

constexpr auto kind = ErrorKind::internal;
constexpr auto stick_name = "stick";

/// Errors: there is no card or stick to insert.
Expected<void> check_available(const SlotState& slot, std::string_view what) {
    if (slot.making) return fail(kind, "the " + std::string(what) + " is just being made");
    if (!slot.failure.empty())
        return fail(kind, "the new " + std::string(what) + " could not be made: " + slot.failure +
                              ". Make another one");
    if (slot.content.empty()) return fail(kind, "there is no " + std::string(what) + " yet: make one");
    return {};
}

}  // namespace

Result BoardController::plug_in_power() {
    const auto turn = co_await turn_.lock();
    if (machine_.has_power()) co_return Expected<void>();
    if (view_.state().card.making) co_return fail(kind, "the card is just being made");
    powering_on_ = true;
    auto on = co_await power_on();
    powering_on_ = false;
    co_return on;
}

Result BoardController::power_on() {
    view_.power_comes();
    auto on = co_await machine_.power_on();
    if (on)
        view_.power_has_come();
    else
        view_.power_is_gone("The power does not come.");
    co_return on;
}

Result BoardController::pull_plug() {
    // QEMU cannot be stopped during its start.
    if (powering_on_) static_cast<void>(co_await turn_.lock());
    machine_.pull_plug();
    view_.power_is_gone("The plug is pulled.");
    co_return Expected<void>();
}

Result BoardController::reset() {
    const auto turn = co_await turn_.lock();
    co_return co_await machine_.reset();
}

Result BoardController::move_button(MoveButton move, ButtonOwner holder) {
    holder_ = move.down && !move.locked ? holder : nullptr;
    view_.change([&](BoardState& state) { state.button_locked = move.down && move.locked; });
    auto moved = co_await move_machine_button(move.down);
    if (!machine_.button_is_down()) view_.change([](BoardState& state) { state.button_locked = false; });
    co_return moved;
}

Result BoardController::press_for(Clock::duration length) {
    return machine_.press_for(length);
}

Result BoardController::let_go(ButtonOwner holder) {
    if (holder_ != holder) co_return Expected<void>();
    holder_ = nullptr;
    co_return co_await machine_.release();
}

Result BoardController::move_machine_button(bool down) {
    return down ? machine_.press() : machine_.release();
}

Result BoardController::move_machine_cable(bool plugged) {
    return plugged ? machine_.plug_cable() : machine_.unplug_cable();
}

Result BoardController::move_machine_card(bool in) {
    return in ? machine_.insert_card(Medium(builder_.card())) : machine_.pull_card();
}

Result BoardController::move_machine_stick(bool in) {
    return in ? machine_.insert_stick(stick_name, Medium(builder_.stick())) : machine_.pull_stick(stick_name);
}

Result BoardController::move_cable(bool plugged) {
    const auto turn = co_await turn_.lock();
    if (machine_.cable_is_plugged() == plugged) co_return Expected<void>();
    auto moved = co_await move_machine_cable(plugged);
    view_.change([&](BoardState& state) { state.cable = machine_.cable_is_plugged(); });
    if (!moved) co_return moved;
    view_.add_event(plugged ? EventKind::cable_in : EventKind::cable_out,
                    plugged ? "The network cable is plugged in." : "The network cable is pulled.");
    co_return moved;
}

Result BoardController::move_card(bool in) {
    const auto turn = co_await turn_.lock();
    if (machine_.has_card() == in) co_return Expected<void>();
    if (in)
        if (auto available = check_available(view_.state().card, "card"); !available) co_return available;
    auto moved = co_await move_machine_card(in);
    view_.change([&](BoardState& state) { state.card.in = machine_.has_card(); });
    if (!moved) co_return moved;
    view_.add_event(in ? EventKind::card_in : EventKind::card_out,
                    in ? "The card is put in: " + view_.state().card.content + "." : "The card is pulled.");
    co_return moved;
}

Result BoardController::move_stick(bool in) {
    const auto turn = co_await turn_.lock();
    if (machine_.has_stick(stick_name) == in) co_return Expected<void>();
    if (in)
        if (auto available = check_available(view_.state().stick, "stick"); !available) co_return available;
    auto moved = co_await move_machine_stick(in);
    view_.change([&](BoardState& state) { state.stick.in = machine_.has_stick(stick_name); });
    if (!moved) co_return moved;
    view_.add_event(
        in ? EventKind::stick_in : EventKind::stick_out,
        in ? "The stick is plugged in: " + view_.state().stick.content + "." : "The stick is pulled.");
    co_return moved;
}

}  // namespace mox::virtual_mox::panel
