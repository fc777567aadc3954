#include "board/network_board.hpp"

#include <stdexcept>
#include <utility>

#include "async/run_on_thread.hpp"
#include "support/loop_image.hpp"

namespace mox::board_test {

void NetworkBoard::peer_is_a_lone_computer() {
    test_support::run(lab.at_peer({"ip", "address", "flush", "dev", "peer0"}));
    test_support::run(lab.at_peer({"ip", "address", "add", "192.168.1.2/24", "dev", "peer0"}));
}

asio::awaitable<Clock::duration> NetworkBoard::enters_mode_5() {
    co_await enter_forced_mode();
    const auto start = board().board_clock();
    co_await sees("ready: plug a computer");
    co_return board().board_clock() - start;
}

asio::awaitable<ChildResult> NetworkBoard::at_peer(std::vector<std::string> argv, Clock::duration patience) {
    const auto command = lab.at_peer(std::move(argv));
    // By reference: GCC 12 destroys a temporary in an awaited expression twice.
    co_return must(co_await async::run_on_thread(
        [&] { return run_child(command, std::chrono::ceil<std::chrono::milliseconds>(patience)); }));
}

asio::awaitable<ChildResult> NetworkBoard::ssh(std::string command) {
    std::vector<std::string> argv{"ssh",
                                  "-F",
                                  "/dev/null",
                                  "-o",
                                  "BatchMode=yes",
                                  "-o",
                                  "StrictHostKeyChecking=no",
                                  "-o",
                                  "UserKnownHostsFile=/dev/null",
                                  "-o",
                                  "ConnectTimeout=20",
                                  "-o",
                                  "LogLevel=ERROR",
                                  "root@192.168.1.1"};
    argv.push_back(std::move(command));
    co_return co_await at_peer(std::move(argv));
}

asio::awaitable<std::string> NetworkBoard::session_says(std::string command) {
    const auto result = co_await ssh(command);
    if (!result.succeeded())
        throw std::runtime_error(command + " ended with " + std::to_string(result.exit_status) + ": " +
                                 result.output);
    co_return result.output;
}

}  // namespace mox::board_test
