#include "rescue/choose_mode.hpp"

#include <string>
#include <utility>
#include <variant>

namespace mox::rescue {

namespace {

/// Executes the actions of the selector, and passes the events of the button to it.
class Announcer {
public:
    Announcer(board::Led& led, Log& log, SelectionObserver* observer)
        : led_(led), log_(log), observer_(observer) {}

    void execute(const Action& action) {
        if (const auto* show = std::get_if<ShowLed>(&action)) show_led(show->lit);
        if (const auto* announce = std::get_if<Announce>(&action); announce && observer_)
            observer_->announcing(announce->mode, announce->repetition);
    }

    void on_event(Selector& selector, const board::ButtonEvent& event) {
        switch (event.edge) {
            case board::ButtonEdge::pressed:
                if (selector.pressed(event.at)) report_press(selector.mode());
                break;
            case board::ButtonEdge::released:
                selector.released(event.at);
                if (observer_) observer_->released();
                break;
            case board::ButtonEdge::found_held:
                log_.info("the button is already held: this is not a press");
                selector.found_held();
                break;
        }
    }

private:
    void show_led(bool lit) {
        auto shown = led_.set(lit);
        if (!shown && !std::exchange(led_failed_, true))
            log_.warning(shown.error().describe() + "; the selection goes on without the LED");
    }

    void report_press(boot::Mode next) {
        log_.info("button pressed: mode " + std::to_string(boot::number_of(next)) + " (" +
                  std::string(boot::title_of(next)) + ") is next");
        if (observer_) observer_->pressed(next);
    }

    board::Led& led_;
    Log& log_;
    SelectionObserver* observer_;
    bool led_failed_ = false;
};

}  // namespace

boost::asio::awaitable<boot::Mode> choose_mode(board::Led& led, board::Button& button, Selector selector,
                                               Log& log, SelectionObserver* observer, Now now) {
    Announcer announcer(led, log, observer);
    for (;;) {
        // Read the button first: a press that has already happened comes before a step that is due.
        const auto event = co_await button.edge_before(selector.next_due());
        if (event) {
            announcer.on_event(selector, *event);
            continue;
        }
        const auto action = selector.advance(now());
        if (!action) continue;
        if (const auto* execute = std::get_if<Execute>(&*action)) co_return execute->mode;
        announcer.execute(*action);
    }
}

}  // namespace mox::rescue
