#include "panel/server/serve_panel.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <iostream>
#include <system_error>
#include <utility>

#include "async/spawn.hpp"
#include "panel/server/web_server.hpp"
#include "virtual_mox/board_files.hpp"
#include "virtual_mox/demo_media.hpp"
#include "virtual_mox/machine.hpp"

namespace mox::virtual_mox::panel {

namespace asio = boost::asio;

namespace {

constexpr auto kind = ErrorKind::internal;

Expected<void> page_is_built(const std::filesystem::path& page) {
    std::error_code failed;
    if (std::filesystem::is_regular_file(page / "index.html", failed)) return {};
    return fail(kind, "there is no page in " + page.string() + ": run make panel");
}

/// The objects that live as long as the event loop.
class Panel {
public:
    Panel(asio::io_context& loop, const PanelOptions& options, Machine& machine, Uploads uploads,
          WebServer server)
        : loop_(loop),
          session_(loop.get_executor(), machine, ImageBuilder(options.built, options.folder),
                   std::move(uploads), PanelClock(Clock::now())),
          server_(std::move(server)),
          token_(options.token.empty() ? new_token() : options.token),
          config_{RequestGuard(server_.port(), token_), options.page, session_},
          signals_(loop, SIGINT, SIGTERM, SIGHUP) {}

    void open() {
        session_.open();
        session_.make_first_media();
        server_.serve(config_);
        signals_.async_wait([this](const boost::system::error_code& failed, int) {
            if (!failed) async::spawn(loop_.get_executor(), [this] { return end(); });
        });
        std::cout << "http://127.0.0.1:" << server_.port() << '/' << token_ << "/" << std::endl;
    }

private:
    asio::awaitable<void> end() {
        server_.close();
        co_await session_.close();
        co_await server_.ended();
        loop_.stop();
    }

    asio::io_context& loop_;
    PanelSession session_;
    WebServer server_;
    std::string token_;
    ServerConfig config_;
    asio::signal_set signals_;
};

}  // namespace

Expected<void> serve_panel(const PanelOptions& options) {
    if (auto built = page_is_built(options.page); !built) return built;
    const auto setup = prepare_demo_board(options.folder, options.built);
    if (!setup) return std::unexpected(setup.error());
    auto uploads = Uploads::in(options.folder / "uploads");
    if (!uploads) return pass_on(uploads);

    asio::io_context loop{1};
    auto server = WebServer::open(loop.get_executor(), options.port);
    if (!server) return pass_on(server);
    Machine machine(*setup);  // after the loop, which owns its sockets
    Panel panel(loop, options, machine, std::move(*uploads), std::move(*server));
    panel.open();
    loop.run();
    return {};
}

}  // namespace mox::virtual_mox::panel
