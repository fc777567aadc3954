#include "virtual_mox/qmp_client.hpp"

#include <chrono>
#include <utility>
#include <variant>

namespace mox::virtual_mox {

namespace asio = boost::asio;
using nlohmann::json;

namespace {

using namespace std::chrono_literals;

constexpr auto kind = ErrorKind::internal;
/// QEMU answers within milliseconds; on a busy host within seconds.
constexpr auto timeout = 60s;

}  // namespace

asio::awaitable<void> QmpClient::listen() {
    LineSplitter lines;
    while (!ended_) {
        const auto bytes = co_await wire_.receive();
        if (!bytes || ended_) break;
        for (const auto& line : lines.add(*bytes)) take(line);
    }
    ended_ = true;
    changed_.notify();
}

void QmpClient::take(const std::string& line) {
    auto message = parse_qmp(line);
    if (!message) {
        // After a line that is not QMP the connection cannot be used.
        close();
    } else if (std::holds_alternative<QmpGreeting>(*message)) {
        greeted_ = true;
    } else if (auto* answer = std::get_if<QmpAnswer>(&*message)) {
        answers_.emplace(answer->id, std::move(answer->result));
    } else if (!ended_) {
        listener_(std::move(std::get<QmpNotice>(*message)));
    }
    changed_.notify();
}

asio::awaitable<Expected<void>> QmpClient::begin() {
    const auto deadline = Clock::now() + timeout;
    while (!greeted_ && !ended_ && Clock::now() < deadline) co_await changed_.notified_before(deadline);
    if (!greeted_) co_return fail(kind, ended_ ? "QEMU ended at once" : "QEMU sends no greeting");
    auto answer = co_await execute("qmp_capabilities", json());
    if (!answer) co_return pass_on(answer);
    co_return Expected<void>();
}

asio::awaitable<Expected<json>> QmpClient::execute(std::string command, json arguments) {
    if (ended_) co_return fail(kind, "QEMU has ended (" + command + ")");
    const auto id = ++last_id_;
    const auto line = qmp_command_line(id, command, arguments);
    if (auto sent = wire_.send(line); !sent) co_return pass_on(sent, command);
    const auto deadline = Clock::now() + timeout;
    while (!answers_.contains(id) && !ended_ && Clock::now() < deadline)
        co_await changed_.notified_before(deadline);
    auto found = answers_.extract(id);
    if (found.empty())
        co_return fail(kind, command + (ended_ ? ": QEMU ended meanwhile" : ": QEMU does not answer"));
    if (!found.mapped()) co_return pass_on(found.mapped(), command);
    co_return std::move(found.mapped());
}

void QmpClient::close() {
    ended_ = true;
    wire_.close();
    changed_.notify();
}

}  // namespace mox::virtual_mox
