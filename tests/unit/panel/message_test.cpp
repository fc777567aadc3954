// What server and page say to each other, as docs/panel-protocol.md has it.

#include "panel/server/message.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "panel/server/command.hpp"

namespace mox::virtual_mox::panel {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

const Clock::time_point start{100h};
const PanelClock panel_clock(start);

template <typename Wanted>
Wanted read(std::string_view text) {
    const auto command = read_command(text);
    if (!command || !std::holds_alternative<Wanted>(command->action)) {
        ADD_FAILURE() << text << ": " << (command ? "another command" : command.error().why);
        return {};
    }
    return std::get<Wanted>(command->action);
}

TEST(Command, EveryOneOfTheProtocolIsUnderstood) {
    EXPECT_TRUE(read<SetPower>(R"({"id":1,"do":"power","on":true})").on);
    read<ResetBoard>(R"({"id":1,"do":"reset"})");
    EXPECT_TRUE(read<MoveButton>(R"({"id":1,"do":"button","down":true,"locked":true})").locked);
    EXPECT_FALSE(read<MoveButton>(R"({"id":1,"do":"button","down":true})").locked) << "left out: false";
    EXPECT_FALSE(read<MoveCable>(R"({"id":1,"do":"cable","plugged":false})").plugged);
    EXPECT_TRUE(read<MoveCard>(R"({"id":1,"do":"card","in":true})").in);
    EXPECT_TRUE(read<MoveStick>(R"({"id":1,"do":"stick","in":true})").in);
    EXPECT_EQ(read<MakeCard>(R"({"id":1,"do":"make_card","content":"broken"})").content, CardContent::broken);
    const auto stick =
        read<MakeStick>(R"({"id":1,"do":"make_stick","content":"stranger","filesystem":"exfat"})");
    EXPECT_EQ(stick.content, StickContent::stranger);
    EXPECT_EQ(stick.filesystem, disk_images::StickFilesystem::exfat);
    const auto file = read<CheckFile>(R"({"id":1,"do":"check_file","name":"a.sig","size":5000000000})");
    EXPECT_EQ(file.name, "a.sig");
    EXPECT_EQ(file.size, Bytes{5'000'000'000});
    read<LookAtCard>(R"({"id":1,"do":"look_at_card"})");
    EXPECT_TRUE(read<PlayScenario>(R"({"id":1,"do":"show_me","running":true})").running);
    EXPECT_EQ(read<Ping>(R"({"id":1,"do":"ping","t":12.5})").t, 12.5);
    EXPECT_EQ(read_command(R"({"id":77,"do":"reset","more":[1,2]})")->id, 77)
        << "further members are no harm";
}

TEST(Command, WhatIsNoneIsRefusedWithItsNumber) {
    struct Wrong {
        std::string text;
        double id;
        std::string why;
    };
    const Wrong all[] = {
        {"", 0, "JSON"},
        {"reset", 0, "JSON"},
        {"[]", 0, "JSON"},
        {"null", 0, "JSON"},
        {R"({"id":1,"do":"reset")", 0, "JSON"},
        {R"({"id":1,"do":"reset"}{})", 0, "JSON"},
        {"{\"id\":1,\"do\":\"res\xff\"}", 0, "JSON"},
        {std::string(50'000, '['), 0, "JSON"},
        {"{\"id\":1e999}", 0, "JSON"},
        {R"({"do":"reset"})", 0, "\"id\""},
        {R"({"id":"1","do":"reset"})", 0, "\"id\""},
        {R"({"id":3})", 3, "\"do\""},
        {R"({"id":3,"do":7})", 3, "\"do\""},
        {R"({"id":3,"do":"explode"})", 3, "no such command"},
        {R"({"id":3,"do":"power"})", 3, "\"on\""},
        {R"({"id":3,"do":"power","on":1})", 3, "\"on\""},
        {R"({"id":3,"do":"button","down":true,"locked":"yes"})", 3, "\"locked\""},
        {R"({"id":3,"do":"make_card","content":"../demo"})", 3, "\"content\""},
        {R"({"id":3,"do":"make_stick","content":"good"})", 3, "\"filesystem\""},
        {R"({"id":3,"do":"make_stick","content":"good","filesystem":"ntfs"})", 3, "\"filesystem\""},
        {R"({"id":3,"do":"ping"})", 3, "\"t\""},
        {R"({"id":3,"do":"check_file","size":1})", 3, "\"name\""},
        {R"({"id":3,"do":"check_file","name":"a","size":-1})", 3, "\"size\""},
        {R"({"id":3,"do":"check_file","name":"a","size":1.5})", 3, "\"size\""},
    };
    for (const auto& wrong : all) {
        const auto command = read_command(wrong.text);
        ASSERT_FALSE(command) << wrong.text.substr(0, 80);
        EXPECT_EQ(command.error().id, wrong.id) << wrong.text.substr(0, 80);
        EXPECT_NE(command.error().why.find(wrong.why), std::string::npos)
            << wrong.text.substr(0, 80) << ": " << command.error().why;
    }
}

TEST(Message, AnEdgeSaysWhatAndWhenToTheMicrosecond) {
    const auto message = json::parse(edge_message(EdgeOf::led, true, panel_clock.at(start + 1234567us)));
    EXPECT_EQ(message, json::parse(R"({"type":"edge","what":"led","on":true,"at":1234.567})"));
    EXPECT_EQ(json::parse(edge_message(EdgeOf::button, false, 0))["what"], "button");
}

TEST(Message, NumbersOfCommandsComeBackAsTheyWere) {
    EXPECT_EQ(done_message(7), R"({"id":7,"type":"done"})");
    EXPECT_EQ(json::parse(failed_message(1.5, "why")),
              json::parse(R"({"type":"failed","id":1.5,"why":"why"})"));
    EXPECT_EQ(json::parse(pong_message(2, 10, 20.5)),
              json::parse(R"({"type":"pong","id":2,"t":10,"now":20.5})"));
}

TEST(Message, BytesThatAreNoUtf8NeverBreakOne) {
    const auto message = json::parse(failed_message(1, "file \xff\xfe is broken"), nullptr, false);
    EXPECT_EQ(message["id"], 1);
}

TEST(Message, TheConsoleIsItsPositionInEightBytesAndTheBytes) {
    EXPECT_EQ(console_message(0x0102030405060708, "ab"),
              "\x01\x02\x03\x04\x05\x06\x07\x08"
              "ab");
}

TEST(Message, AReadingAndAnEvent) {
    const led_decoder::Reading reading{
        .sign = led_decoder::Sign::announcement, .blinks = 3, .from = start + 1s, .until = start + 2500ms};
    EXPECT_EQ(
        json::parse(message_of("reading", reading_entry(reading, "announces mode 3", false, panel_clock))),
        json::parse(R"({"type":"reading","sign":"announcement","blinks":3,"from":1000.0,"until":2500.0,
                              "meaning":"announces mode 3","goes_on":false})"));
    EXPECT_EQ(json::parse(message_of(
                  "event", event_entry({EventKind::power_off, start, "The plug is pulled."}, panel_clock))),
              json::parse(R"({"type":"event","what":"power_off","at":0.0,"text":"The plug is pulled."})"));
}

TEST(Message, HelloNamesTheSevenModesAndThePast) {
    PastEntries past;
    past.led.push_back(edge_entry(true, 1));
    const auto hello = json::parse(hello_message(panel_clock, 1764100000000.5, past));
    EXPECT_EQ(hello["type"], "hello");
    EXPECT_EQ(hello["protocol"], 1);
    EXPECT_EQ(hello["wall"], 1764100000000.5);
    ASSERT_EQ(hello["modes"].size(), 7U);
    EXPECT_EQ(hello["modes"][3],
              json::parse(R"({"number":4,"title":"re-flash router from flash drive/micro SD"})"));
    EXPECT_EQ(hello["history"]["led"].size(), 1U);
    EXPECT_EQ(hello["history"]["events"], json::array());
}

TEST(Message, TheStateIsWhole) {
    BoardState board;
    board.power = true;
    board.led = true;
    board.button_down = true;
    board.situation = {.phase = Phase::selecting, .mode = 3, .repetition = 1};
    board.card = {.in = true, .content = "demo system"};
    board.files = {{"a.sig", Bytes{123}}};
    board.situation.progress =
        ProgressSeen{.step = "unpack", .number = 3, .count = 6, .fraction = 0.41, .detail = "9 MB/s"};
    CardContentSeen seen;
    seen.version = "5.1.9";
    seen.subvolumes = {{.name = "@1",
                        .kind = SubvolumeSeen::Kind::snapshot,
                        .number = 1,
                        .type = "pre",
                        .description = "",
                        .created = ""}};
    board.look = CardLook{start + 1s, seen};

    const auto message = json::parse(state_message(board, panel_clock));
    EXPECT_EQ(message["type"], "state");
    EXPECT_EQ(message["button"], json::parse(R"({"down":true,"locked":false})"));
    EXPECT_EQ(message["phase"], "selecting");
    EXPECT_EQ(message["port_leds"], "link");
    EXPECT_EQ(message["card"],
              json::parse(R"({"in":true,"content":"demo system","making":false,"failure":""})"));
    EXPECT_EQ(message["stick"],
              json::parse(R"({"in":false,"content":"","filesystem":"fat32","making":false,"failure":""})"));
    EXPECT_EQ(message["files"], json::parse(R"([{"name":"a.sig","size":123}])"));
    EXPECT_EQ(message["show_me"], json::parse(R"({"running":false,"caption":""})"));
    EXPECT_EQ(message["progress"],
              json::parse(R"({"step":"unpack","number":3,"count":6,"fraction":0.41,"detail":"9 MB/s"})"));
    EXPECT_EQ(message["look"]["subvolumes"][0]["kind"], "snapshot");
    EXPECT_EQ(message["look"]["error"], "");
    for (const auto* member :
         {"power", "led", "cable", "mode", "repetition", "error", "reason", "doing", "meaning", "hint"})
        EXPECT_TRUE(message.contains(member)) << member;
}

TEST(Message, WhatIsNotKnownIsNull) {
    const auto message = json::parse(state_message({}, panel_clock));
    EXPECT_EQ(message["progress"], nullptr);
    EXPECT_EQ(message["look"], nullptr);
    EXPECT_EQ(message["phase"], "off");
    BoardState board;
    board.situation.progress = ProgressSeen{
        .step = "look for medkits", .number = 1, .count = 5, .fraction = std::nullopt, .detail = ""};
    board.look = CardLook{start, fail(ErrorKind::card, "there is no btrfs on it")};
    const auto told = json::parse(state_message(board, panel_clock));
    EXPECT_EQ(told["progress"]["fraction"], nullptr);
    EXPECT_EQ(told["look"]["error"], "there is no btrfs on it");
    EXPECT_EQ(told["look"]["subvolumes"], json::array());
}

}  // namespace
}  // namespace mox::virtual_mox::panel
