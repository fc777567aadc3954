#include "panel/server/scenario_player.hpp"

#include <utility>

namespace mox::virtual_mox::panel {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto kind = ErrorKind::internal;
/// Long enough to read a caption.
constexpr auto reading_time = 4s;
/// The time in which a user notices that the LED is off.
constexpr auto reaction = 700ms;

std::string mode_text(int number) {
    return "mode " + std::to_string(number);
}

std::string caption_for(const led_decoder::Announced& announced, const led_decoder::UserModel& user) {
    const auto mode = mode_text(announced.mode);
    if (user.objects_to(announced) && announced.repetition >= 2)
        return "The last warning for " + mode + ". We don't like it: we press the button.";
    if (user.objects_to(announced))
        return "The LED announces " + mode + ". We don't like it: we press the button.";
    if (announced.mode != user.wanted_mode)
        return "The LED announces " + mode +
               ". Let us say we missed it: we wait for the second announcement.";
    if (announced.repetition == 1)
        return "The LED announces " + mode + ", the one that we want: we do nothing.";
    return "The second announcement of " + mode + ". Everything is fine: we do nothing.";
}

}  // namespace

void ScenarioPlayer::end() {
    ended_ = true;
    view_.changes().notify();
}

asio::awaitable<void> ScenarioPlayer::run() {
    ended_ = false;
    view_.change([](BoardState& state) { state.show_me = {.running = true, .caption = ""}; });
    const auto played = co_await play();
    if (!played && !ended_) say("The show is over: " + played.error().describe() + ".");
    static_cast<void>(co_await pause(reading_time));  // time to read the last caption
    view_.change([](BoardState& state) { state.show_me = {}; });
}

void ScenarioPlayer::say(std::string caption) {
    view_.add_event(EventKind::caption, caption);
    view_.change([&](BoardState& state) { state.show_me.caption = std::move(caption); });
}

ScenarioPlayer::Result ScenarioPlayer::pause(Clock::duration length) {
    const auto until = Clock::now() + length;
    while (!ended_ && Clock::now() < until) co_await view_.changes().notified_before(until);
    if (ended_) co_return fail(kind, "it was ended");
    co_return Expected<void>();
}

template <typename Condition>
ScenarioPlayer::Result ScenarioPlayer::until(Condition condition) {
    for (;;) {
        const auto& now = view_.tracker().now();
        if (ended_) co_return fail(kind, "it was ended");
        if (condition(now)) co_return Expected<void>();
        if (!view_.state().power) co_return fail(kind, "the router has no power any more");
        if (now.phase == Phase::boot_prompt || now.phase == Phase::crashed)
            co_return fail(kind, "no system has started");
        if (now.phase == Phase::failed)
            co_return fail(kind, "the rescue system shows error " + std::to_string(now.error));
        co_await view_.changes().notified_before(Clock::time_point::max());
    }
}

ScenarioPlayer::Result ScenarioPlayer::play() {
    if (auto prepared = co_await prepare(); !prepared) co_return prepared;
    if (auto entered = co_await enter_rescue(); !entered) co_return entered;
    if (auto chosen = co_await choose_mode(); !chosen) co_return chosen;
    co_return co_await watch_the_rest();
}

ScenarioPlayer::Result ScenarioPlayer::prepare() {
    say("We want to re-flash the router: mode 4. A stick with a medkit is needed for it.");
    if (auto off = co_await controller_.pull_plug(); !off) co_return off;
    if (view_.state().stick.content != description_of(StickContent::good)) {
        if (auto out = co_await controller_.move_stick(false); !out) co_return out;
        const MakeStick good{};
        if (auto made = co_await media_.make_stick(good); !made) co_return made;
    }
    if (auto in = co_await controller_.move_stick(true); !in) co_return in;
    co_return co_await pause(reading_time);
}

ScenarioPlayer::Result ScenarioPlayer::release_button() {
    const MoveButton up{};
    co_return co_await controller_.move_button(up, nullptr);
}

ScenarioPlayer::Result ScenarioPlayer::enter_rescue() {
    say("MOX is off. We hold the button and plug in the power adapter.");
    const MoveButton down{.down = true};
    if (auto held = co_await controller_.move_button(down, nullptr); !held) co_return held;
    auto waited = co_await pause(reading_time);
    if (waited) waited = co_await controller_.plug_in_power();
    if (waited)
        waited = co_await until([](const Situation& now) { return now.phase == Phase::entering_rescue; });
    if (waited) say("The LED has gone off: MOX knows that we hold the button. We let go.");
    if (waited) waited = co_await pause(reaction);
    // Also when the scenario was ended: the button must be released.
    auto released = co_await release_button();
    if (!waited) co_return waited;
    co_return released;
}

ScenarioPlayer::Result ScenarioPlayer::choose_mode() {
    const auto starts = [](const Situation& now) {
        return now.phase != Phase::boot_loader && now.phase != Phase::entering_rescue;
    };
    if (auto started = co_await until(starts); !started) co_return started;
    say("The rescue system has started. Now we count the blinks.");
    for (int seen = 0;;) {
        const auto goes_on = [&](const Situation& now) {
            return view_.tracker().announcements() > seen || now.phase == Phase::executing;
        };
        if (auto more = co_await until(goes_on); !more) co_return more;
        if (view_.tracker().now().phase == Phase::executing) co_return Expected<void>();
        seen = view_.tracker().announcements();
        const auto announced = view_.tracker().announced();
        say(caption_for(announced, user_));
        if (!user_.objects_to(announced)) continue;
        if (auto waited = co_await pause(user_.reaction); !waited) co_return waited;
        if (auto pressed = co_await controller_.press_for(user_.press_length); !pressed) co_return pressed;
    }
}

ScenarioPlayer::Result ScenarioPlayer::watch_the_rest() {
    say("Time's up: MOX executes " + mode_text(view_.tracker().now().mode) +
        ". The LED blinks slowly: do not unplug it now.");
    const auto boots = [](const Situation& now) {
        return now.phase == Phase::normal_boot || now.phase == Phase::running;
    };
    if (auto booting = co_await until(boots); !booting) co_return booting;
    say("Done. The router has rebooted by itself and starts the new system.");
    const auto runs = [](const Situation& now) { return now.phase == Phase::running; };
    if (auto running = co_await until(runs); !running) co_return running;
    say("The new system is running. That was it.");
    co_return Expected<void>();
}

}  // namespace mox::virtual_mox::panel
