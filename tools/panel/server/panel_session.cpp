#include "panel/server/panel_session.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <iostream>
#include <utility>

#include "async/spawn.hpp"
#include "panel/server/message.hpp"

namespace mox::virtual_mox::panel {

namespace asio = boost::asio;

namespace {

constexpr auto kind = ErrorKind::internal;
/// A user waits for one or two commands at a time; a page with more is broken.
constexpr int most_at_work = 100;

}  // namespace

PanelSession::PanelSession(const asio::any_io_executor& executor, Machine& machine, ImageBuilder builder,
                           Uploads uploads, PanelClock clock)
    : executor_(executor),
      machine_(machine),
      builder_(std::move(builder)),
      uploads_(std::move(uploads)),
      view_(executor, machine, clients_, clock),
      controller_(machine, view_, builder_),
      media_(machine, view_, controller_, builder_, uploads_),
      show_me_(view_, controller_, media_) {}

/// Counted, so that `close` can wait for its end.
template <typename Work>
void PanelSession::begin_work(Work work) {
    ++at_work_;
    async::spawn(executor_, [this, work = std::move(work)]() -> asio::awaitable<void> {
        co_await work();
        --at_work_;
        work_done_.notify();
    });
}

void PanelSession::open() {
    view_.begin();
    async::spawn(executor_, [this] { return look_whenever_power_goes(); });
}

void PanelSession::make_first_media() {
    begin_work([this] { return prepare_media(); });
}

asio::awaitable<void> PanelSession::prepare_media() {
    const MakeStick good{};
    if (const auto made = co_await media_.make_stick(good); !made)
        std::cerr << "virtual-mox: the stick cannot be made: " << made.error().describe() << '\n';
    const MakeCard demo{};
    if (const auto made = co_await media_.make_card(demo); !made)
        std::cerr << "virtual-mox: the card cannot be made: " << made.error().describe() << '\n';
}

/// Inspects the card after the router has lost its power.
asio::awaitable<void> PanelSession::look_whenever_power_goes() {
    for (bool power = false;;) {
        const bool had_power = std::exchange(power, view_.state().power);
        if (had_power && !power && !closed_) begin_work([this] { return look_at_card(); });
        co_await view_.changes().notified_before(Clock::time_point::max());
    }
}

asio::awaitable<void> PanelSession::look_at_card() {
    static_cast<void>(co_await media_.look_at_card());  // the inspection contains its error
}

void PanelSession::join(const std::shared_ptr<SendQueue>& page) {
    if (closed_) return page->close();
    view_.greet(*page);
    clients_.join(page);
}

void PanelSession::on_close(const std::shared_ptr<SendQueue>& page) {
    clients_.on_close(page.get());
    begin_work([this, page] { return let_go(page); });
}

asio::awaitable<void> PanelSession::let_go(std::shared_ptr<SendQueue> page) {
    // An error means that the board has just lost its power.
    static_cast<void>(co_await controller_.let_go(page.get()));
}

void PanelSession::typed(const std::shared_ptr<SendQueue>& page, std::string_view keys) {
    if (const auto typed = machine_.console().type(keys); !typed)
        page->put_text(failed_message(0, typed.error().describe()));
}

void PanelSession::on_message(const std::shared_ptr<SendQueue>& page, std::string_view text) {
    const auto command = read_command(text);
    if (!command) return page->put_text(failed_message(command.error().id, command.error().why));
    if (const auto* ping = std::get_if<Ping>(&command->action))
        return page->put_text(pong_message(command->id, ping->t, view_.clock().now()));
    if (closed_ || at_work_ >= most_at_work)
        return page->put_text(
            failed_message(command->id, closed_ ? "the server is ending" : "too much at a time"));
    begin_work([this, page, asked = *command] { return work_on(page, asked); });
}

asio::awaitable<void> PanelSession::work_on(std::shared_ptr<SendQueue> page, Command command) {
    const auto done = co_await execute(command.action, page.get());
    // The coroutines that follow the board run first, so that the answer comes after the effects of the
    // command.
    co_await asio::post(executor_, asio::use_awaitable);
    view_.tell_state_now();
    page->put_text(done ? done_message(command.id) : failed_message(command.id, done.error().describe()));
}

PanelSession::Result PanelSession::start_or_end_show(bool running) {
    if (running && view_.state().show_me.running) co_return fail(kind, "it is running already");
    if (running)
        begin_work([this] { return show_me_.run(); });
    else
        show_me_.end();
    co_return Expected<void>();
}

PanelSession::Result PanelSession::check_file(CheckFile file) {
    co_return check_upload(file.name, file.size);
}

PanelSession::Result PanelSession::execute(Action action, ButtonOwner holder) {
    if (const auto* power = std::get_if<SetPower>(&action))
        return power->on ? controller_.plug_in_power() : controller_.pull_plug();
    if (std::holds_alternative<ResetBoard>(action)) return controller_.reset();
    if (const auto* button = std::get_if<MoveButton>(&action))
        return controller_.move_button(*button, holder);
    if (const auto* cable = std::get_if<MoveCable>(&action)) return controller_.move_cable(cable->plugged);
    if (const auto* card = std::get_if<MoveCard>(&action)) return controller_.move_card(card->in);
    if (const auto* stick = std::get_if<MoveStick>(&action)) return controller_.move_stick(stick->in);
    if (const auto* card = std::get_if<MakeCard>(&action)) return media_.make_card(*card);
    if (const auto* stick = std::get_if<MakeStick>(&action)) return media_.make_stick(*stick);
    if (const auto* show = std::get_if<PlayScenario>(&action)) return start_or_end_show(show->running);
    if (const auto* file = std::get_if<CheckFile>(&action)) return check_file(*file);
    return media_.look_at_card();
}

Expected<void> PanelSession::complete_upload(UnfinishedUpload upload, const std::string& name) {
    auto completed = uploads_.complete(std::move(upload), name);
    if (completed) files_changed();
    return completed;
}

bool PanelSession::remove_upload(const std::string& name) {
    const bool removed = uploads_.remove(name);
    if (removed) files_changed();
    return removed;
}

void PanelSession::files_changed() {
    view_.change([this](BoardState& state) { state.files = uploads_.files(); });
}

asio::awaitable<void> PanelSession::close() {
    closed_ = true;
    show_me_.end();
    clients_.close_all();
    machine_.pull_plug();
    while (at_work_ > 0) co_await work_done_.notified_before(Clock::time_point::max());
    machine_.pull_plug();  // another command may be switching it on
}

}  // namespace mox::virtual_mox::panel
