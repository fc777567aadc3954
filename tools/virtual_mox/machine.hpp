#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"
#include "virtual_mox/board_event.hpp"
#include "virtual_mox/console.hpp"
#include "virtual_mox/machine_setup.hpp"
#include "virtual_mox/medium.hpp"
#include "virtual_mox/running_qemu.hpp"
#include "virtual_mox/slots.hpp"

namespace mox::virtual_mox {

/// A virtual MOX: power, one button, one LED, a card slot, USB, a network cable, a serial console. With power
/// it is a QEMU process; button, cable and the media in the slots keep their state without power.
///
/// All on one event loop and one thread. Coroutines that use a machine must end before it does; the
/// destructor cuts the power. Times are CLOCK_MONOTONIC at the arrival in this process: an edge of the LED
/// arrives about 1 ms after the guest's write. An edge is reported when the LED has kept its state for 5 ms.
///
/// All errors are `internal`: the fault is in the virtual board, not in the rescue system.
class Machine {
public:
    using Result = boost::asio::awaitable<Expected<void>>;

    explicit Machine(MachineSetup setup) : setup_(std::move(setup)), slots_(events_) {}
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;
    ~Machine();

    // Power.

    /// Plugs in the power adapter: with the button held, if it is pressed now. Returns when the processor
    /// starts. Errors: the board has power already; QEMU does not start, with QEMU's message.
    [[nodiscard]] Result power_on();
    /// Cuts the power at once. The images have all data that the board has written.
    void pull_plug();
    /// Resets as the reset pin or the watchdog does.
    [[nodiscard]] Result reset();
    [[nodiscard]] bool has_power() const { return qemu_ != nullptr; }
    /// Sets the start of the processor from the next power-on on; nullopt: the boot loader in the NOR.
    void set_start(std::optional<DirectStart> start) { setup_.start = std::move(start); }
    /// The last start of the processor.
    [[nodiscard]] Clock::time_point powered_on_at() const { return powered_on_at_; }
    /// Waits until the board has no power, because it has switched itself off (or QEMU crashed).
    [[nodiscard]] Result powers_off(Clock::duration timeout);

    // Button. It stays pressed over a reset.

    [[nodiscard]] Result press();
    [[nodiscard]] Result release();
    /// Down, and up again after exactly `length` of the board's time; without power, of this process's time.
    [[nodiscard]] Result press_for(Clock::duration length);
    /// Down, up, down, ... for these lengths one after another, and up at the end: by the board's time.
    /// Precondition: an odd number of lengths, 63 at most (the machine queues 64 commands).
    [[nodiscard]] Result move_button(std::vector<Clock::duration> lengths);
    [[nodiscard]] bool button_is_down() const { return button_down_; }
    [[nodiscard]] ButtonHistory& button_edges() { return button_edges_; }

    /// The clock for `LedReader` and other code that measures lengths: monotonic, follows the board's time
    /// while it has power (up to 0.1 s behind), and this process's time otherwise.
    [[nodiscard]] Clock::time_point board_clock() const;
    /// The time of this process at which `board_clock` may reach `when`: the caller checks it again then.
    [[nodiscard]] Clock::time_point not_before(Clock::time_point when) const;
    /// Waits for `length` by `board_clock`.
    [[nodiscard]] boost::asio::awaitable<void> passes(Clock::duration length) const;

    // LED. Dark without power.

    [[nodiscard]] bool led_is_lit() const { return lit_; }
    [[nodiscard]] LedHistory& led_edges() { return led_edges_; }

    // Resets, each with the board's time. The first one is at power-on.

    [[nodiscard]] ResetHistory& resets() { return resets_; }

    // Serial console.

    [[nodiscard]] Console& console() { return console_; }

    // Card slot, USB port, cable: with or without power. Pulling is immediate: pending requests fail.

    [[nodiscard]] Result insert_card(Medium medium) { return slots_.insert_card(qemu_, std::move(medium)); }
    [[nodiscard]] Result pull_card() { return slots_.pull_card(qemu_); }
    [[nodiscard]] bool has_card() const { return slots_.has_card(); }
    /// From now on requests to the card fail by `faults`. Precondition: it has power and a card without
    /// faults.
    [[nodiscard]] Result inject_card_faults(std::vector<MediumFault> faults);

    /// `name` is for `pull_stick`: several sticks can be in a hub.
    [[nodiscard]] Result insert_stick(std::string name, Medium medium) {
        return slots_.insert_stick(qemu_, std::move(name), std::move(medium));
    }
    [[nodiscard]] Result pull_stick(std::string name) { return slots_.pull_stick(qemu_, std::move(name)); }
    [[nodiscard]] bool has_stick(const std::string& name) const { return slots_.has_stick(name); }

    [[nodiscard]] Result plug_cable() { return set_cable(true); }
    [[nodiscard]] Result unplug_cable() { return set_cable(false); }
    [[nodiscard]] bool cable_is_plugged() const { return cable_plugged_; }

    // Events of QEMU.

    [[nodiscard]] BoardEventHistory& events() { return events_; }
    /// Waits for an event called `name` at or behind position `since`, e.g. a position taken from
    /// `events().end()` before. Errors: not within `timeout`.
    [[nodiscard]] boost::asio::awaitable<Expected<BoardEvent>> event(std::string name,
                                                                     BoardEventHistory::Position since,
                                                                     Clock::duration timeout);
    /// A command of QEMU's monitor, for functions that this class does not have. Precondition: the board has
    /// power.
    [[nodiscard]] boost::asio::awaitable<Expected<nlohmann::json>> execute(std::string command,
                                                                           nlohmann::json arguments);

    [[nodiscard]] const MachineSetup& setup() const { return setup_; }
    /// Process number of QEMU; nullopt without power.
    [[nodiscard]] std::optional<pid_t> pid() const;

private:
    [[nodiscard]] QemuListeners listeners();
    [[nodiscard]] Result prepare_start();
    [[nodiscard]] Result set_button(bool down);
    [[nodiscard]] Expected<void> plan_button(const std::vector<Clock::duration>& lengths);
    [[nodiscard]] boost::asio::awaitable<void> until_button_rests(Clock::duration timeout);
    void time_says(VirtualTime at);
    [[nodiscard]] BoardInstant instant(VirtualTime at) const;
    [[nodiscard]] BoardInstant instant_without_power() const;
    void led_says(bool lit, VirtualTime at);
    void button_says(bool down, VirtualTime at);
    [[nodiscard]] Result set_cable(bool plugged);
    [[nodiscard]] Result order(std::string command, nlohmann::json arguments);
    void panel_says(const PanelMessage& message);
    void notice(QmpNotice notice);
    void power_is_gone();

    MachineSetup setup_;
    LedHistory led_edges_;
    ButtonHistory button_edges_;
    ResetHistory resets_;
    BoardEventHistory events_;
    Console console_;
    async::Event changed_;  ///< the power is gone, or the button has moved
    Slots slots_;
    std::shared_ptr<RunningQemu> qemu_;
    Clock::time_point powered_on_at_{};
    Clock::time_point clock_base_ = Clock::now();  ///< board_clock at power-on, or when the power went
    Clock::time_point base_set_ = Clock::now();    ///< time of this process at `clock_base_`
    VirtualTime latest_time_{};                    ///< the latest time from the board
    VirtualTime next_tick_{};
    bool has_board_time_ = false;
    bool lit_ = false;
    struct UnseenEdge {
        LedEdge edge;
        VirtualTime seen_at;
    };
    std::optional<UnseenEdge> unseen_edge_;
    bool button_down_ = false;       ///< the wanted state
    bool button_reported_ = false;   ///< the last edge in the journal
    std::size_t planned_moves_ = 0;  ///< moves of the button that the machine makes
    bool cable_plugged_ = true;
};

}  // namespace mox::virtual_mox
