// Pages that share one board: what each is told, what they may ask for, and what happens when one goes away.

#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "system/panel_under_test.hpp"

namespace mox::panel_test {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using nlohmann::json;
using namespace std::chrono_literals;
using namespace std::string_literals;

/// A browser's page, as far as the server can tell.
class Page {
public:
    explicit Page(const PanelUnderTest& server) {
        stream_.next_layer().connect({asio::ip::address_v4::loopback(), server.port()});
        const auto origin = server.origin();
        stream_.set_option(websocket::stream_base::decorator(
            [origin](websocket::request_type& request) { request.set(beast::http::field::origin, origin); }));
        stream_.handshake(server.host(), PanelUnderTest::path("board"));
    }

    void send(const json& message) { send_text(message.dump()); }
    void send_text(const std::string& text) {
        stream_.text(true);
        stream_.write(asio::buffer(text));
    }
    void type(const std::string& bytes) {
        stream_.binary(true);
        stream_.write(asio::buffer(bytes));
    }
    /// The next message; text ones only.
    json next() {
        beast::flat_buffer buffer;
        stream_.read(buffer);
        return json::parse(beast::buffers_to_string(buffer.cdata()));
    }
    /// Reads on until one of this type comes.
    json next(const std::string& type) {
        for (;;) {
            auto message = next();
            if (message["type"] == type) return message;
        }
    }
    /// Sends a command and reads on until its answer.
    json ask(json command) {
        command["id"] = ++last_id_;
        send(command);
        for (;;) {
            auto message = next();
            if (message.value("id", 0) == last_id_) return message;
        }
    }
    json state_with(const std::function<bool(const json&)>& wanted) {
        for (;;) {
            auto state = next("state");
            if (wanted(state)) return state;
        }
    }
    /// Reads on until the server ends the connection; why.
    std::uint16_t closed() {
        beast::error_code failed;
        beast::flat_buffer buffer;
        while (!failed) {
            buffer.clear();
            stream_.read(buffer, failed);
        }
        return stream_.reason().code;
    }
    /// As a browser that was killed.
    void vanish() { stream_.next_layer().close(); }

private:
    asio::io_context loop_;
    websocket::stream<asio::ip::tcp::socket> stream_{loop_};
    int last_id_ = 0;
};

json command(const char* what) {
    json message;
    message["do"] = what;
    return message;
}

json button(bool down, bool locked = false) {
    auto message = command("button");
    message["down"] = down;
    message["locked"] = locked;
    return message;
}

bool is_down(const json& edge) {
    return edge["on"].get<bool>();
}

class PanelPages : public testing::Test {
protected:
    /// Bytes of a WebSocket handshake.
    std::string handshake() const {
        return "GET " + PanelUnderTest::path("board") + " HTTP/1.1\r\nHost: " + server.host() +
               "\r\nOrigin: " + server.origin() +
               "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    }
    void expect_it_still_works() {
        Page page(server);
        EXPECT_EQ(page.next()["type"], "hello");
    }

    PanelUnderTest server;
};

TEST_F(PanelPages, AreGreetedWithThePastAndThePresent) {
    Page page(server);
    const auto hello = page.next();
    EXPECT_EQ(hello["type"], "hello");
    EXPECT_EQ(hello["protocol"], 1);
    EXPECT_EQ(hello["modes"].size(), 7U);
    const auto state = page.next();
    EXPECT_EQ(state["type"], "state");
    EXPECT_EQ(state["power"], false);
    EXPECT_EQ(state["phase"], "off");

    page.ask(button(true));
    page.ask(button(false));
    Page late(server);
    const auto past = late.next()["history"]["button"];
    ASSERT_EQ(past.size(), 2U);
    EXPECT_TRUE(is_down(past[0]));
    EXPECT_LE(past[0]["at"], past[1]["at"]);
}

TEST_F(PanelPages, SeeTheSameBoard) {
    Page one(server);
    Page other(server);
    EXPECT_EQ(one.ask(button(true))["type"], "done") << "and the edge before it";
    const auto edge = other.next("edge");
    EXPECT_EQ(edge["what"], "button");
    EXPECT_TRUE(is_down(edge));
    EXPECT_EQ(other.next("state")["button"]["down"], true);
    EXPECT_EQ(other.ask(button(false))["type"], "done");
    EXPECT_FALSE(is_down(one.next("edge")));
}

TEST_F(PanelPages, EveryEdgeIsToldInOrder) {
    Page presser(server);
    Page watcher(server);
    constexpr int presses = 500;
    for (int i = 0; i < presses; ++i) {
        presser.ask(button(true));
        presser.ask(button(false));
    }
    double last = 0;
    for (int i = 0; i < 2 * presses; ++i) {
        const auto edge = watcher.next("edge");
        EXPECT_EQ(is_down(edge), i % 2 == 0);
        EXPECT_GE(edge["at"], last);
        last = edge["at"];
    }
}

TEST_F(PanelPages, TheButtonIsLetGoWhenThePageThatHoldsItGoesAway) {
    Page watcher(server);
    {
        Page holder(server);
        holder.ask(button(true));
        EXPECT_TRUE(is_down(watcher.next("edge")));
        holder.vanish();
    }
    EXPECT_FALSE(is_down(watcher.next("edge")));
}

TEST_F(PanelPages, ALockedButtonStaysDownAndAnotherPageLetsItGo) {
    Page watcher(server);
    {
        Page holder(server);
        holder.ask(button(true, true));
        EXPECT_TRUE(is_down(watcher.next("edge")));
    }
    EXPECT_EQ(watcher.next("state")["button"], json::parse(R"({"down":true,"locked":true})"));
    watcher.ask(command("look_at_card"));
    Page late(server);
    late.next();
    EXPECT_EQ(late.next()["button"], json::parse(R"({"down":true,"locked":true})"));
    EXPECT_EQ(late.ask(button(false))["type"], "done");
    EXPECT_FALSE(is_down(watcher.next("edge")));
}

TEST_F(PanelPages, APageThatHoldsNothingTakesNothingAlong) {
    Page holder(server);
    holder.ask(button(true));
    {
        Page visitor(server);
        visitor.next();
    }
    Page late(server);
    late.next();
    EXPECT_EQ(late.next()["button"]["down"], true);
}

TEST_F(PanelPages, OneThatAnswersNoPingIsGoneAndItsButtonLetGo) {
    Page watcher(server);
    RawClient mute(server.port());
    mute.send(handshake());
    EXPECT_EQ(status_of(mute.read_head()), "101");
    const std::string press = R"({"id":1,"do":"button","down":true})";
    std::string frame = "\x81";
    frame += static_cast<char>(0x80U | press.size());
    mute.send(frame + std::string(4, '\0') + press);
    EXPECT_TRUE(is_down(watcher.next("edge")));
    EXPECT_FALSE(is_down(watcher.next("edge"))) << "20 s later";
}

TEST_F(PanelPages, AreToldWhyACommandFails) {
    Page page(server);
    auto power = command("power");
    power["on"] = true;
    const auto answer = page.ask(power);
    EXPECT_EQ(answer["type"], "failed");
    EXPECT_NE(answer["why"].get<std::string>().find("no-such-qemu"), std::string::npos) << answer;
    Page other(server);
    other.next();
    EXPECT_EQ(other.next()["power"], false);

    auto card = command("card");
    card["in"] = true;
    EXPECT_EQ(page.ask(card)["type"], "failed") << "there is none";
    auto stick = command("make_stick");
    stick["content"] = "files";
    stick["filesystem"] = "fat32";
    EXPECT_EQ(page.ask(stick)["why"], "there are no files for it: upload some");
    EXPECT_EQ(page.ask(command("explode"))["type"], "failed");
    EXPECT_EQ(page.ask(command("reset"))["type"], "failed");
    page.type("ls\r");
    EXPECT_EQ(page.next("failed")["id"], 0) << "nobody reads what is typed";
}

TEST_F(PanelPages, APingIsAnswered) {
    Page page(server);
    auto ping = command("ping");
    ping["t"] = 17.5;
    const auto pong = page.ask(ping);
    EXPECT_EQ(pong["type"], "pong");
    EXPECT_EQ(pong["t"], 17.5);
    EXPECT_GT(pong["now"], 0);
}

TEST_F(PanelPages, AnEmptyCardIsMadePutInAndLookedAt) {
    Page page(server);
    auto card = command("make_card");
    card["content"] = "empty";
    EXPECT_EQ(page.ask(card)["type"], "done");
    Page late(server);
    late.next();
    const auto state = late.next();
    EXPECT_EQ(state["card"], json::parse(R"({"in":true,"content":"empty","failure":"","making":false})"));
    EXPECT_NE(state["look"]["error"].get<std::string>().find("no btrfs"), std::string::npos) << state["look"];
}

TEST_F(PanelPages, AnOldCardShowsItsSystemAndItsSnapshots) {
    Page page(server);
    auto card = command("make_card");
    card["content"] = "old";
    EXPECT_EQ(page.ask(card)["type"], "done");
    Page late(server);
    late.next();
    const auto look = late.next()["look"];
    EXPECT_EQ(look["error"], "");
    EXPECT_EQ(look["version"], "5.1.9");
    std::vector<std::string> names;
    for (const auto& subvolume : look["subvolumes"]) names.push_back(subvolume["name"]);
    EXPECT_EQ(names, (std::vector<std::string>{"@", "@factory", "@1", "@2"}));
    EXPECT_EQ(look["subvolumes"][2]["description"], "before an update");
}

TEST_F(PanelPages, UploadedFilesAreSeenByAllAndMakeAStick) {
    Page page(server);
    RawClient client(server.port());
    client.send("PUT " + PanelUnderTest::path("files/hello.txt") + " HTTP/1.1\r\nHost: " + server.host() +
                "\r\nOrigin: " + server.origin() + "\r\nContent-Length: 5\r\n\r\nhello");
    EXPECT_EQ(status_of(client.read_head()), "201");
    const auto state = page.state_with([](const json& told) { return !told["files"].empty(); });
    EXPECT_EQ(state["files"], json::parse(R"([{"name":"hello.txt","size":5}])"));
    auto stick = command("make_stick");
    stick["content"] = "files";
    stick["filesystem"] = "ext4";
    EXPECT_EQ(page.ask(stick)["type"], "done");
    auto put_in = command("stick");
    put_in["in"] = true;
    EXPECT_EQ(page.ask(put_in)["type"], "done");
    EXPECT_EQ(page.ask(stick)["why"], "pull the stick first");
    Page late(server);
    late.next();
    const auto* const told =
        R"({"in":true,"content":"your files","failure":"","filesystem":"ext4","making":false})";
    EXPECT_EQ(late.next()["stick"], json::parse(told));
}

TEST_F(PanelPages, AHundredOfThemAreToldEverything) {
    std::vector<std::unique_ptr<Page>> pages;
    pages.reserve(100);
    for (int i = 0; i < 100; ++i) pages.push_back(std::make_unique<Page>(server));
    pages.front()->ask(button(true));
    for (std::size_t i = 1; i < pages.size(); ++i) EXPECT_TRUE(is_down(pages[i]->next("edge")));
}

TEST_F(PanelPages, ASlowOneIsDroppedAndTheOthersAreNotHeldUp) {
    Page slow(server);
    Page quick(server);
    auto ping = command("ping");
    ping["id"] = 1;
    ping["t"] = 0;
    const auto text = ping.dump();
    // Never reads its answers, until the server has had enough of it.
    beast::error_code hung_up;
    std::jthread flood([&] {
        try {
            for (;;) slow.send_text(text);
        } catch (const beast::system_error& error) {
            hung_up = error.code();
        }
    });
    for (int i = 0; i < 20; ++i) {
        const auto start = Clock::now();
        EXPECT_EQ(quick.ask(button(i % 2 == 0))["type"], "done");
        EXPECT_LT(Clock::now() - start, 5s);
    }
    flood.join();
    EXPECT_TRUE(hung_up == asio::error::broken_pipe || hung_up == asio::error::connection_reset)
        << hung_up.message();
    expect_it_still_works();
}

TEST_F(PanelPages, WhatIsNoCommandIsAnsweredAndNoHarm) {
    Page page(server);
    page.send_text("{");
    EXPECT_EQ(page.next("failed")["id"], 0);
    page.send_text(std::string(60'000, '['));
    EXPECT_EQ(page.next("failed")["id"], 0);
    page.send_text(R"({"id":5,"do":"power","on":"yes"})");
    EXPECT_EQ(page.next("failed")["id"], 5);
    EXPECT_EQ(page.ask(button(true))["type"], "done") << "and it goes on";
}

TEST_F(PanelPages, WhatIsTooLongOrNoUtf8EndsTheConnection) {
    Page long_text(server);
    long_text.send_text(std::string(70'000, ' '));
    EXPECT_EQ(long_text.closed(), 1009);
    Page long_keys(server);
    long_keys.type(std::string(5000, 'x'));
    EXPECT_EQ(long_keys.closed(), 1009);
    Page bad_text(server);
    bad_text.send_text("\xff\xfe");
    EXPECT_EQ(bad_text.closed(), 1007);
    expect_it_still_works();
}

TEST_F(PanelPages, BrokenFramesEndTheirOwnConnectionOnly) {
    const std::string mask(4, '\0');
    const std::string frames[] = {
        "\x81\x02{}"s,                                       // not masked
        "\x83\x80"s + mask,                                  // a reserved opcode
        "\xf1\x80"s + mask,                                  // reserved bits
        "\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff"s + mask,  // 2^63 bytes
        "\x09\x80"s + mask,                                  // half a ping
        "\x89\xfe\x01\x00"s + mask + std::string(256, 'x'),  // a ping that is too long
        "\x80\x80"s + mask,                                  // goes on with nothing
        "\x88\x81"s + mask + "x",                            // half a close code
        std::string(100, '\xff'),
    };
    for (const auto& frame : frames) {
        RawClient client(server.port());
        client.send(handshake());
        EXPECT_EQ(status_of(client.read_head()), "101");
        client.send(frame);
        // Greeted, and then sent away; the test ends only if the server hangs up.
        EXPECT_NE(client.read_all(), "");
    }
    expect_it_still_works();
}

}  // namespace
}  // namespace mox::panel_test
