#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/unique_fd.hpp"
#include "support/network_lab.hpp"

namespace mox::test_support {

/// A connection that a test plays the server of.
class TcpConversation {
public:
    explicit TcpConversation(UniqueFd socket) : socket_(std::move(socket)) {}

    /// What the other side sends up to an empty line; shorter if it hangs up.
    [[nodiscard]] std::string read_head();
    /// False when the other side has hung up.
    bool send(std::string_view bytes);
    /// Hangs up as a cut line does: without a farewell.
    void reset();

    [[nodiscard]] int fd() const { return socket_.get(); }

private:
    UniqueFd socket_;
};

/// Listens at the other end of a NetworkLab's cable, on a thread of its own; one conversation after another.
class TcpPeer {
public:
    using Play = std::function<void(TcpConversation&)>;

    TcpPeer(const NetworkLab& lab, const std::string& address, int port, Play play);
    TcpPeer(const TcpPeer&) = delete;
    TcpPeer& operator=(const TcpPeer&) = delete;
    ~TcpPeer();

    [[nodiscard]] int conversations() const { return conversations_; }

private:
    UniqueFd listening_;
    UniqueFd end_;  ///< eventfd: readable when it is over
    std::atomic<int> conversations_ = 0;
    std::jthread thread_;
};

/// Whose bytes are counted.
enum class CutSide { server, client };

/// A line between client and server that is cut, conversation after conversation, when so many bytes have
/// come from one side; later conversations are left alone.
class CutLine {
public:
    CutLine(const NetworkLab& lab, int port, int server_port, std::vector<std::uint64_t> cuts,
            CutSide side = CutSide::server);

    [[nodiscard]] int conversations() const { return peer_.conversations(); }

private:
    void pass_on(TcpConversation& client);

    const NetworkLab& lab_;
    int server_port_;
    CutSide side_;
    std::vector<std::uint64_t> cuts_;
    std::size_t next_cut_ = 0;
    TcpPeer peer_;  // last: its thread uses all of the above
};

}  // namespace mox::test_support
