#include "panel/server/board_view.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "async/spawn.hpp"

namespace mox::virtual_mox::panel {

namespace asio = boost::asio;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

constexpr auto for_ever = Clock::time_point::max();
constexpr std::size_t most_history = 5000;
constexpr std::size_t most_console = 256 << 10;
/// The state is sent at once, and then at most this often: a LED that a program toggles changes it often, and
/// its edges are sent anyway.
constexpr auto between_states = 20ms;

void keep(std::deque<json>& entries, const json& entry) {
    entries.push_back(entry);
    if (entries.size() > most_history) entries.pop_front();
}

/// The newest edges of a journal, up to position `sent`.
template <typename Entries, typename IsOn>
std::vector<json> edges_of(const Entries& journal, typename Entries::Position sent, const PanelClock& clock,
                           IsOn is_on) {
    std::vector<json> entries;
    auto from = std::max(journal.begin(), sent > most_history ? sent - most_history : 0);
    for (; from < sent; ++from)
        entries.push_back(edge_entry(is_on(journal[from]), clock.at(journal[from].at)));
    return entries;
}

double wall_clock() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(now).count()) / 1000;
}

}  // namespace

BoardView::BoardView(const asio::any_io_executor& executor, Machine& machine, ClientRegistry& clients,
                     PanelClock clock)
    : executor_(executor), machine_(machine), clients_(clients), clock_(clock), model_(Clock::now()) {}

void BoardView::begin() {
    async::spawn(executor_, [this] { return follow_led(); });
    async::spawn(executor_, [this] { return follow_button(); });
    async::spawn(executor_, [this] { return follow_console(); });
    async::spawn(executor_, [this] { return follow_resets(); });
    async::spawn(executor_, [this] { return follow_events(); });
    async::spawn(executor_, [this] { return tell_states(); });
}

void BoardView::greet(SendQueue& page) const {
    PastEntries past;
    past.led =
        edges_of(machine_.led_edges(), led_sent_, clock_, [](const LedEdge& edge) { return edge.lit; });
    past.button = edges_of(machine_.button_edges(), button_sent_, clock_,
                           [](const ButtonEdge& edge) { return edge.down; });
    past.readings.assign(readings_.begin(), readings_.end());
    past.events.assign(events_.begin(), events_.end());
    page.put_text(hello_message(clock_, wall_clock(), std::move(past)));
    page.put_text(state_message(state(), clock_));
    const auto& console = machine_.console();
    const auto kept =
        std::max(console.begin(), console_sent_ > most_console ? console_sent_ - most_console : 0);
    const auto bytes = console.text_from(kept).substr(0, static_cast<std::size_t>(console_sent_ - kept));
    if (bytes.empty()) return;
    page.put({SendQueue::Kind::binary, std::make_shared<const std::string>(console_message(kept, bytes))});
}

void BoardView::tell_state_now() {
    auto message = state_message(state(), clock_);
    if (message == state_sent_) return;
    state_sent_ = message;
    clients_.tell(std::move(message));
}

asio::awaitable<void> BoardView::tell_states() {
    asio::steady_timer pause(executor_);
    for (;;) {
        tell_state_now();
        pause.expires_after(between_states);
        co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
        // Changes during the pause did not wake this coroutine.
        if (state_message(state(), clock_) == state_sent_) co_await changes_.notified_before(for_ever);
    }
}

void BoardView::add_event(EventKind what, std::string text) {
    const auto entry = event_entry({what, Clock::now(), std::move(text)}, clock_);
    keep(events_, entry);
    clients_.tell(message_of("event", entry));
}

void BoardView::power_comes() {
    catch_up();
    const bool held = machine_.button_is_down();
    tell(model_.power_comes(held, machine_.board_clock()));
    add_event(EventKind::power_on, held ? "The power adapter is plugged in with the button held."
                                        : "The power adapter is plugged in.");
    changes_.notify();
}

void BoardView::power_has_come() {
    async::spawn(executor_, [this, cycle = ++power_cycle_] { return follow_power(cycle); });
}

void BoardView::power_is_gone(std::string why) {
    if (!state().power) return;
    catch_up();
    tell(model_.power_goes(machine_.board_clock()));
    add_event(EventKind::power_off, std::move(why));
    changes_.notify();
}

asio::awaitable<void> BoardView::follow_power(int cycle) {
    while (machine_.has_power() && cycle == power_cycle_)
        static_cast<void>(co_await machine_.powers_off(24h));  // a timeout is not an error here
    if (cycle == power_cycle_) power_is_gone("The router has switched itself off.");
}

asio::awaitable<void> BoardView::follow_led() {
    auto& edges = machine_.led_edges();
    for (;;) {
        const auto due = model_.next_due();
        if (co_await edges.reaches(led_sent_, due ? machine_.not_before(*due) : for_ever))
            catch_up();
        else
            tell(model_.waited(machine_.board_clock()));
        changes_.notify();
    }
}

asio::awaitable<void> BoardView::follow_button() {
    auto& source = machine_.button_edges();
    while (co_await source.reaches(button_sent_, for_ever)) {
        catch_up();
        changes_.notify();
    }
}

asio::awaitable<void> BoardView::follow_console() {
    auto& source = machine_.console();
    while (co_await source.reaches(console_sent_, for_ever)) {
        catch_up();
        changes_.notify();
    }
}

asio::awaitable<void> BoardView::follow_resets() {
    auto& source = machine_.resets();
    while (co_await source.reaches(resets_seen_, for_ever)) {
        catch_up();
        changes_.notify();
    }
}

/// Tells the model all that the board has done, in the order in which it has: pages and board start and stop
/// at any moment, and what belongs to the start before must not come after the next one.
void BoardView::catch_up() {
    auto& led = machine_.led_edges();
    auto& button = machine_.button_edges();
    auto& resets = machine_.resets();
    for (;;) {
        const auto led_at = led_sent_ < led.end() ? led[led_sent_].board_clock : for_ever;
        const auto button_at = button_sent_ < button.end() ? button[button_sent_].board_clock : for_ever;
        const auto reset_at = resets_seen_ < resets.end() ? resets[resets_seen_].board_clock : for_ever;
        const auto first = std::min({led_at, button_at, reset_at});
        if (first == for_ever) break;
        if (led_at == first) {
            take(led[led_sent_++]);
        } else if (button_at == first) {
            take(button[button_sent_++]);
        } else {
            read_console();
            ++resets_seen_;
            tell(model_.was_reset(machine_.button_is_down(), reset_at));
        }
    }
    read_console();
}

void BoardView::take(const LedEdge& edge) {
    clients_.tell(edge_message(EdgeOf::led, edge.lit, clock_.at(edge.at)));
    tell(model_.led_changed(edge.lit, edge.board_clock));
}

void BoardView::take(const ButtonEdge& edge) {
    clients_.tell(edge_message(EdgeOf::button, edge.down, clock_.at(edge.at)));
    model_.button_changed(edge.down, edge.board_clock);
}

void BoardView::read_console() {
    auto& console = machine_.console();
    const auto from = std::max(console_sent_, console.begin());
    const std::string bytes(console.text_from(from));
    if (bytes.empty()) return;
    console_sent_ = console.end();
    clients_.show(console_message(from, bytes));
    tell(model_.console_says(bytes, machine_.board_clock()));
}

/// The times of edges are exact; other times may be wrong by the delay of the board's clock.
Clock::time_point BoardView::our_time(Clock::time_point board_clock) {
    auto& edges = machine_.led_edges();
    for (auto at = edges.end(); at > edges.begin() && edges[at - 1].board_clock >= board_clock; --at)
        if (edges[at - 1].board_clock == board_clock) return edges[at - 1].at;
    return Clock::now() - (machine_.board_clock() - board_clock);
}

led_decoder::Reading BoardView::by_our_time(led_decoder::Reading reading) {
    reading.from = our_time(reading.from);
    reading.until = our_time(reading.until);
    return reading;
}

/// A reading that ends takes the place of the same reading as it went on: both have the same begin.
void BoardView::tell(const BoardModel::Told& told) {
    for (const auto& one : told) {
        auto reading = by_our_time(one.reading);
        if (one.is_end) reading.from = going_on_since_;
        if (one.goes_on) going_on_since_ = reading.from;
        const auto entry = reading_entry(reading, one.meaning, one.goes_on, clock_);
        if (one.is_end && !readings_.empty()) readings_.pop_back();
        keep(readings_, entry);
        clients_.tell(message_of("reading", entry));
    }
}

/// Why the board has started anew; the model knows from the front panel when.
asio::awaitable<void> BoardView::follow_events() {
    auto& events = machine_.events();
    for (auto at = events.end(); co_await events.reaches(at, for_ever); ++at) {
        const auto event = events[at];
        if (event.name == "WATCHDOG") add_event(EventKind::watchdog, "The watchdog has expired.");
        if (event.name != "RESET") continue;
        const bool by_itself = event.data.value("guest", false);
        add_event(EventKind::reset, by_itself ? "The router reboots by itself." : "The router is reset.");
    }
}

}  // namespace mox::virtual_mox::panel
