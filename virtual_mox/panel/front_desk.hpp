#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "virtual_mox/machine.hpp"
#include "virtual_mox/panel/audience.hpp"
#include "virtual_mox/panel/board_hands.hpp"
#include "virtual_mox/panel/board_view.hpp"
#include "virtual_mox/panel/command.hpp"
#include "virtual_mox/panel/media_desk.hpp"
#include "virtual_mox/panel/show_me.hpp"
#include "virtual_mox/panel/uploads.hpp"
#include "virtual_mox/panel/workshop.hpp"

namespace mox::virtual_mox::panel {

/// Where the pages come to: one board that all of them see and any of them can use. Lives as long as the
/// event loop runs.
class FrontDesk {
public:
    FrontDesk(const boost::asio::any_io_executor& executor, Machine& machine, Workshop workshop,
              Uploads uploads, PanelClock clock);
    FrontDesk(const FrontDesk&) = delete;
    FrontDesk& operator=(const FrontDesk&) = delete;
    ~FrontDesk() = default;

    /// From now on the board is watched.
    void open();
    /// A card with the demo system, put in, and a stick with its medkit; what cannot be made is told on
    /// stderr, and the pages show that it is not there.
    void make_first_media();

    /// A page has come: it gets what there is, and from now on everything that happens.
    void join(const std::shared_ptr<Outbox>& page);
    /// It has gone: the button that it held is let go.
    void leave(const std::shared_ptr<Outbox>& page);
    /// It says something. Answers go to its outbox.
    void said(const std::shared_ptr<Outbox>& page, std::string_view text);
    void typed(const std::shared_ptr<Outbox>& page, std::string_view keys);

    // Files for the next stick.
    [[nodiscard]] Expected<UnfinishedUpload> begin_upload() { return uploads_.begin(); }
    [[nodiscard]] Expected<void> complete_upload(UnfinishedUpload upload, const std::string& name);
    [[nodiscard]] bool remove_upload(const std::string& name);

    /// Nothing more is taken, the pages are sent away, the plug is pulled. Returns when nothing is running
    /// any more: a card that is being made is made to its end.
    [[nodiscard]] boost::asio::awaitable<void> close();

private:
    using Result = boost::asio::awaitable<Expected<void>>;

    [[nodiscard]] Result obey(Wish wish, Holder holder);
    [[nodiscard]] Result start_or_end_show(bool running);
    [[nodiscard]] boost::asio::awaitable<void> work_on(std::shared_ptr<Outbox> page, Command command);
    [[nodiscard]] boost::asio::awaitable<void> let_go(std::shared_ptr<Outbox> page);
    [[nodiscard]] boost::asio::awaitable<void> prepare_media();
    [[nodiscard]] boost::asio::awaitable<void> look_whenever_power_goes();
    [[nodiscard]] boost::asio::awaitable<void> look_at_card();
    void files_changed();
    template <typename Work>
    void begin_work(Work work);

    boost::asio::any_io_executor executor_;
    Machine& machine_;
    Workshop workshop_;
    Uploads uploads_;
    Audience audience_;
    BoardView view_;
    BoardHands hands_;
    MediaDesk media_;
    ShowMe show_me_;
    int at_work_ = 0;
    bool closed_ = false;
    Bell work_done_;
};

}  // namespace mox::virtual_mox::panel
