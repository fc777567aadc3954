#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "async/spawn.hpp"
#include "base/unique_fd.hpp"
#include "panel/server/web_server.hpp"
#include "support/temporary_directory.hpp"
#include "virtual_mox/machine.hpp"

namespace mox::panel_test {

namespace asio = boost::asio;
namespace panel = virtual_mox::panel;

inline constexpr std::string_view token = "00112233445566778899aabbccddeeff";

/// The server as it is, on a thread of its own, with a board that gets no power.
class PanelUnderTest {
public:
    PanelUnderTest() {
        make_page();
        server_.serve(site_);
        desk_.open();
        thread_ = std::jthread([this] { loop_.run(); });
    }
    PanelUnderTest(const PanelUnderTest&) = delete;
    PanelUnderTest& operator=(const PanelUnderTest&) = delete;
    ~PanelUnderTest() {
        async::spawn(loop_.get_executor(), [this]() -> asio::awaitable<void> {
            server_.close();
            co_await desk_.close();
            co_await server_.ended();
            loop_.stop();
        });
    }

    [[nodiscard]] std::uint16_t port() const { return server_.port(); }
    [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port()); }
    [[nodiscard]] std::string origin() const { return "http://" + host(); }
    /// "/TOKEN/REST"
    [[nodiscard]] static std::string path(std::string_view rest) {
        return "/" + std::string(token) + "/" + std::string(rest);
    }
    [[nodiscard]] std::filesystem::path uploads() const { return folder_ / "uploads"; }

private:
    static void write(const std::filesystem::path& path, std::string_view content) {
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path) << content;
    }
    void make_page() {
        write(folder_ / "secret.txt", "secret");
        write(page_ / "index.html", "<!doctype html>");
        write(page_ / "panel.js", "'use strict'");
        write(page_ / ".hidden.txt", "secret");
        write(page_ / "below/inner.js", "secret");
        std::filesystem::create_symlink("../secret.txt", page_ / "link.txt");
    }
    [[nodiscard]] virtual_mox::MachineSetup setup() const {
        virtual_mox::MachineSetup setup;
        setup.folder = folder_.path();
        setup.qemu = "no-such-qemu";
        return setup;
    }
    template <typename T>
    static T must(Expected<T> result) {
        if (!result) throw std::runtime_error(result.error().describe());
        return std::move(*result);
    }

    test_support::TemporaryDirectory folder_;
    std::filesystem::path page_ = folder_ / "page";
    asio::io_context loop_{1};
    virtual_mox::Machine machine_{setup()};
    panel::PanelSession desk_{loop_.get_executor(), machine_,
                              panel::ImageBuilder(folder_ / "built", folder_.path()),
                              must(panel::Uploads::in(folder_ / "uploads")), panel::PanelClock(Clock::now())};
    panel::WebServer server_{must(panel::WebServer::open(loop_.get_executor(), 0))};
    panel::ServerConfig site_{panel::RequestGuard(server_.port(), std::string(token)), page_, desk_};
    std::jthread thread_;  // last: it uses all of the above
};

/// A client that sends whatever bytes it likes.
class RawClient {
public:
    explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        if (!socket_) throw std::runtime_error("socket");
        const timeval patience{.tv_sec = 60, .tv_usec = 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error("connect");
    }

    /// False: the server has hung up.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    /// Up to an empty line; shorter if the server hangs up.
    std::string read_head() {
        std::string head;
        for (char c = 0; !head.ends_with("\r\n\r\n") && ::recv(socket_.get(), &c, 1, 0) == 1;) head += c;
        return head;
    }
    /// As many bytes as `bytes` has; fewer if the server hangs up.
    void read_exactly(std::string& bytes) {
        const auto count = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_WAITALL);
        bytes.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    }
    /// Everything until the server hangs up.
    std::string read_all() {
        std::string all;
        char block[4096];
        for (ssize_t count = 0; (count = ::recv(socket_.get(), block, sizeof block, 0)) > 0;)
            all.append(block, static_cast<std::size_t>(count));
        return all;
    }
    /// As a browser does that was closed.
    void hang_up() { socket_.reset(); }

private:
    UniqueFd socket_;
};

/// "200" of an answer; "" for none.
inline std::string status_of(const std::string& answer) {
    return answer.size() < 12 ? "" : answer.substr(9, 3);
}

}  // namespace mox::panel_test
