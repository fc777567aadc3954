#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "panel/server/board_controller.hpp"
#include "panel/server/board_view.hpp"
#include "panel/server/client_registry.hpp"
#include "panel/server/command.hpp"
#include "panel/server/image_builder.hpp"
#include "panel/server/media_service.hpp"
#include "panel/server/scenario_player.hpp"
#include "panel/server/uploads.hpp"
#include "virtual_mox/machine.hpp"

namespace mox::virtual_mox::panel {

/// One board that all pages show and control. Lives as long as the event loop runs.
class PanelSession {
public:
    PanelSession(const boost::asio::any_io_executor& executor, Machine& machine, ImageBuilder builder,
                 Uploads uploads, PanelClock clock);
    PanelSession(const PanelSession&) = delete;
    PanelSession& operator=(const PanelSession&) = delete;
    ~PanelSession() = default;

    /// Starts to watch the board.
    void open();
    /// Makes and inserts a card with the demo system, and makes a stick with its medkit. Errors are printed
    /// on stderr, and the pages show that the medium is missing.
    void make_first_media();

    /// A page has opened: it gets state and history, and from now on all messages.
    void join(const std::shared_ptr<SendQueue>& page);
    /// The page has closed: the button that it held is released.
    void on_close(const std::shared_ptr<SendQueue>& page);
    /// Handles a message of a page. Answers go to its send queue.
    void on_message(const std::shared_ptr<SendQueue>& page, std::string_view text);
    void typed(const std::shared_ptr<SendQueue>& page, std::string_view keys);

    // Files for the next stick.
    [[nodiscard]] Expected<void> check_upload(std::string_view name, Bytes size) const {
        return uploads_.check(name, size);
    }
    [[nodiscard]] Expected<UnfinishedUpload> begin_upload() { return uploads_.begin(); }
    [[nodiscard]] Expected<void> complete_upload(UnfinishedUpload upload, const std::string& name);
    [[nodiscard]] bool remove_upload(const std::string& name);

    /// Refuses further commands, closes the pages and cuts the power. Returns when all work has ended: a card
    /// that is being made is completed.
    [[nodiscard]] boost::asio::awaitable<void> close();

private:
    using Result = boost::asio::awaitable<Expected<void>>;

    [[nodiscard]] Result execute(Action action, ButtonOwner holder);
    [[nodiscard]] Result start_or_end_show(bool running);
    [[nodiscard]] Result check_file(CheckFile file);
    [[nodiscard]] boost::asio::awaitable<void> work_on(std::shared_ptr<SendQueue> page, Command command);
    [[nodiscard]] boost::asio::awaitable<void> let_go(std::shared_ptr<SendQueue> page);
    [[nodiscard]] boost::asio::awaitable<void> prepare_media();
    [[nodiscard]] boost::asio::awaitable<void> look_whenever_power_goes();
    [[nodiscard]] boost::asio::awaitable<void> look_at_card();
    void files_changed();
    template <typename Work>
    void begin_work(Work work);

    boost::asio::any_io_executor executor_;
    Machine& machine_;
    ImageBuilder builder_;
    Uploads uploads_;
    ClientRegistry clients_;
    BoardView view_;
    BoardController controller_;
    MediaService media_;
    ScenarioPlayer show_me_;
    int at_work_ = 0;
    bool closed_ = false;
    async::Event work_done_;
};

}  // namespace mox::virtual_mox::panel
