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
/// The state is told at once, and then at most that often: a LED that a program toggles changes it all the
/// time, and its edges are told anyway.
constexpr auto between_states = 20ms;

void keep(std::deque<json>& entries, const json& entry) {
    entries.push_back(entry);
    if (entries.size() > most_history) entries.pop_front();
}

/// The newest edges of a journal, up to `told`.
template <typename Entries, typename IsOn>
std::vector<json> edges_of(const Entries& journal, typename Entries::Position told, const PanelClock& clock,
                           IsOn is_on) {
    std::vector<json> entries;
    auto from = std::max(journal.begin(), told > most_history ? told - most_history : 0);
    for (; from < told; ++from)
        entries.push_back(edge_entry(is_on(journal[from]), clock.at(journal[from].at)));
    return entries;
}

double wall_clock() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(now).count()) / 1000;
}

}  // namespace

BoardView::BoardView(const asio::any_io_executor& executor, Machine& machine, ClientRegistry& audience,
                     PanelClock clock)
    : executor_(executor), machine_(machine), audience_(audience), clock_(clock), reader_(Clock::now()) {}

void BoardView::begin() {
    async::spawn(executor_, [this] { return follow_led(); });
    async::spawn(executor_, [this] { return follow_button(); });
    async::spawn(executor_, [this] { return follow_console(); });
    async::spawn(executor_, [this] { return follow_events(); });
    async::spawn(executor_, [this] { return tell_states(); });
}

void BoardView::greet(SendQueue& page) const {
    PastEntries past;
    past.led =
        edges_of(machine_.led_edges(), led_told_, clock_, [](const LedEdge& edge) { return edge.lit; });
    past.button = edges_of(machine_.button_edges(), button_told_, clock_,
                           [](const ButtonEdge& edge) { return edge.down; });
    past.readings.assign(readings_.begin(), readings_.end());
    past.events.assign(events_.begin(), events_.end());
    page.put_text(hello_message(clock_, wall_clock(), std::move(past)));
    page.put_text(state_message(state_, clock_));
    const auto& console = machine_.console();
    const auto kept =
        std::max(console.begin(), console_told_ > most_console ? console_told_ - most_console : 0);
    const auto bytes = console.text_from(kept).substr(0, static_cast<std::size_t>(console_told_ - kept));
    if (bytes.empty()) return;
    page.put({SendQueue::Kind::binary, std::make_shared<const std::string>(console_message(kept, bytes))});
}

void BoardView::changed() {
    state_.situation = story_.now();
    changes_.notify();
}

void BoardView::tell_state_now() {
    auto message = state_message(state_, clock_);
    if (message == state_told_) return;
    state_told_ = message;
    audience_.tell(std::move(message));
}

asio::awaitable<void> BoardView::tell_states() {
    asio::steady_timer pause(executor_);
    for (;;) {
        tell_state_now();
        pause.expires_after(between_states);
        co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
        // What has changed during the pause rang unheard.
        if (state_message(state_, clock_) == state_told_) co_await changes_.notified_before(for_ever);
    }
}

void BoardView::add_event(EventKind what, std::string text) {
    const auto entry = event_entry({what, Clock::now(), std::move(text)}, clock_);
    keep(events_, entry);
    audience_.tell(message_of("event", entry));
}

void BoardView::power_comes() {
    reader_ = led_decoder::LedReader(machine_.board_clock());
    story_.power_came(machine_.button_is_down());
    state_.progress.reset();
    state_.power = true;
    add_event(EventKind::power_on, machine_.button_is_down()
                                       ? "The power adapter is plugged in with the button held."
                                       : "The power adapter is plugged in.");
    changed();
}

void BoardView::power_has_come() {
    async::spawn(executor_, [this, cycle = ++power_cycle_] { return follow_power(cycle); });
}

void BoardView::power_is_gone(std::string why) {
    if (!std::exchange(state_.power, false)) return;
    story_.power_went();
    state_.progress.reset();
    add_event(EventKind::power_off, std::move(why));
    changed();
}

asio::awaitable<void> BoardView::follow_power(int cycle) {
    while (machine_.has_power() && cycle == power_cycle_)
        static_cast<void>(co_await machine_.powers_off(24h));  // that it has not is no error here
    if (cycle == power_cycle_) power_is_gone("The router has switched itself off.");
}

asio::awaitable<void> BoardView::follow_led() {
    auto& edges = machine_.led_edges();
    for (;;) {
        const auto due = reader_.next_due();
        if (co_await edges.reaches(led_told_, due ? machine_.not_before(*due) : for_ever))
            led_changed(edges[led_told_]);
        else
            read(reader_.waited(machine_.board_clock()));
        changed();
    }
}

void BoardView::led_changed(const LedEdge& edge) {
    ++led_told_;
    audience_.tell(edge_message(EdgeOf::led, edge.lit, clock_.at(edge.at)));
    read(reader_.changed(edge.lit, edge.board_clock));
    story_.led_changed(edge.lit, edge.board_clock);
    state_.led = edge.lit;
}

/// The edges' times are known exactly, others as far as the board's clock is behind ours.
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

void BoardView::read(const std::vector<led_decoder::Reading>& readings) {
    for (const auto& reading : readings) {
        const auto meaning = story_.read(reading);
        if (story_.now().phase == Phase::running)
            continue;  // the LED is the installed system's: it says nothing to read
        const auto entry = reading_entry(by_our_time(reading), meaning, clock_);
        keep(readings_, entry);
        audience_.tell(message_of("reading", entry));
    }
}

asio::awaitable<void> BoardView::follow_button() {
    auto& edges = machine_.button_edges();
    while (co_await edges.reaches(button_told_, for_ever)) {
        const auto edge = edges[button_told_++];
        audience_.tell(edge_message(EdgeOf::button, edge.down, clock_.at(edge.at)));
        story_.button_changed(edge.down, edge.board_clock);
        state_.button_down = edge.down;
        changed();
    }
}

asio::awaitable<void> BoardView::follow_console() {
    auto& console = machine_.console();
    while (co_await console.reaches(console_told_, for_ever)) {
        const auto from = std::max(console_told_, console.begin());
        const std::string bytes(console.text_from(from));
        console_told_ = console.end();
        audience_.show(console_message(from, bytes));
        for (const auto& news : console_reader_.read(bytes)) heard(news);
        changed();
    }
}

void BoardView::heard(const ConsoleEvent& news) {
    if (const auto* progress = std::get_if<ProgressSeen>(&news)) {
        state_.progress = *progress;
        return;
    }
    story_.heard(news);
    if (!std::holds_alternative<LoginPrompt>(news)) state_.progress.reset();
}

asio::awaitable<void> BoardView::follow_events() {
    auto& events = machine_.events();
    for (auto at = events.end(); co_await events.reaches(at, for_ever); ++at) {
        const auto event = events[at];
        if (event.name == "WATCHDOG") add_event(EventKind::watchdog, "The watchdog has lost its patience.");
        if (event.name == "RESET") was_reset(event);
    }
}

void BoardView::was_reset(const BoardEvent& event) {
    reader_ = led_decoder::LedReader(machine_.board_clock());  // what the reset has cut short means nothing
    story_.was_reset(machine_.button_is_down());
    state_.progress.reset();
    const bool by_itself = event.data.value("guest", false);
    add_event(EventKind::reset, by_itself ? "The router reboots by itself." : "The router is reset.");
    changed();
}

}  // namespace mox::virtual_mox::panel
