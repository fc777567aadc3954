#include "virtual_mox/front_panel_client.hpp"

#include <string>

namespace mox::virtual_mox {

boost::asio::awaitable<void> FrontPanelClient::listen() {
    LineSplitter lines;
    while (!ended_) {
        const auto bytes = co_await wire_.receive();
        if (!bytes) break;
        for (const auto& line : lines.add(*bytes)) {
            const auto message = parse_panel(line);
            if (!message) close();
            if (ended_) co_return;
            listener_(*message);
        }
    }
    ended_ = true;
}

Expected<void> FrontPanelClient::send(const std::string& command) {
    if (ended_) return fail(ErrorKind::internal, "QEMU has ended");
    if (auto sent = wire_.send(command + "\n"); !sent) return pass_on(sent, command);
    return {};
}

void FrontPanelClient::close() {
    ended_ = true;
    wire_.close();
}

}  // namespace mox::virtual_mox
