#include "virtual_mox/qtest_client.hpp"

#include <chrono>
#include <utility>
#include <variant>

namespace mox::virtual_mox {

namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

constexpr auto kind = ErrorKind::internal;
constexpr auto patience = 60s;  // as for QMP

}  // namespace

asio::awaitable<void> QtestClient::listen() {
    LineSplitter lines;
    while (!ended_) {
        const auto bytes = co_await wire_.receive();
        if (!bytes || ended_) break;
        for (const auto& line : lines.add(*bytes)) take(line);
    }
    ended_ = true;
    bell_.ring();
}

void QtestClient::take(const std::string& line) {
    const auto at = Clock::now();
    auto message = parse_qtest(line);
    if (!message) {
        close();
    } else if (const auto* reply = std::get_if<QtestReply>(&*message)) {
        ++answered_;
        if (!reply->ok) refusals_.emplace(answered_, reply->text);
        bell_.ring();
    } else if (!ended_) {
        listener_(std::get<QtestLine>(*message), at);
    }
}

Expected<QtestClient::Ticket> QtestClient::send(const std::string& command) {
    if (ended_) return fail(kind, "QEMU has ended");
    if (auto sent = wire_.send(command + "\n"); !sent) return pass_on(sent, command);
    return ++sent_;
}

asio::awaitable<Expected<void>> QtestClient::reply_to(Ticket ticket) {
    const auto deadline = Clock::now() + patience;
    while (answered_ < ticket && !ended_ && Clock::now() < deadline) co_await bell_.heard_before(deadline);
    if (answered_ < ticket)
        co_return fail(kind, ended_ ? "QEMU ended meanwhile" : "QEMU's qtest does not answer");
    if (const auto refusal = refusals_.find(ticket); refusal != refusals_.end())
        co_return fail(kind, "QEMU's qtest refuses: " + refusal->second);
    co_return Expected<void>();
}

void QtestClient::close() {
    ended_ = true;
    wire_.close();
    bell_.ring();
}

}  // namespace mox::virtual_mox
