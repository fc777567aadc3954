#include "panel/server/message.hpp"

#include <cmath>
#include <cstdint>
#include <utility>

#include "boot/mode.hpp"
#include "panel/server/contents.hpp"
#include "panel/server/guide.hpp"

namespace mox::virtual_mox::panel {

namespace {

using led_decoder::Sign;
using nlohmann::json;

constexpr int protocol_version = 1;

/// Bytes that are not UTF-8 (for example in an error message) become question marks, so that the message is
/// valid.
std::string written(const json& message) {
    return message.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// A whole number is written without decimals: 7, not 7.0.
json number(double value) {
    constexpr double exact = 9007199254740992;  // 2^53
    if (std::abs(value) < exact && std::trunc(value) == value) return static_cast<std::int64_t>(value);
    return value;
}

std::string_view word_for(Phase phase) {
    switch (phase) {
        case Phase::off:
            return "off";
        case Phase::boot_loader:
            return "boot_loader";
        case Phase::boot_prompt:
            return "boot_prompt";
        case Phase::entering_rescue:
            return "entering_rescue";
        case Phase::starting_rescue:
            return "starting_rescue";
        case Phase::selecting:
            return "selecting";
        case Phase::executing:
            return "executing";
        case Phase::waiting_for_you:
            return "waiting_for_you";
        case Phase::failed:
            return "failed";
        case Phase::normal_boot:
            return "normal_boot";
        case Phase::running:
            return "running";
        case Phase::rebooting:
            return "rebooting";
        case Phase::crashed:
            return "crashed";
    }
    return "";
}

std::string_view word_for(PortLeds leds) {
    switch (leds) {
        case PortLeds::off:
            return "off";
        case PortLeds::link:
            return "link";
        case PortLeds::blinking:
            return "blinking";
    }
    return "";
}

std::string_view word_for(Sign sign) {
    switch (sign) {
        case Sign::dark:
            return "dark";
        case Sign::lit:
            return "lit";
        case Sign::announcement:
            return "announcement";
        case Sign::interrupted:
            return "interrupted";
        case Sign::slow_blinking:
            return "slow_blinking";
        case Sign::error_code:
            return "error_code";
    }
    return "";
}

std::string_view word_for(EventKind what) {
    switch (what) {
        case EventKind::power_on:
            return "power_on";
        case EventKind::power_off:
            return "power_off";
        case EventKind::reset:
            return "reset";
        case EventKind::watchdog:
            return "watchdog";
        case EventKind::stick_in:
            return "stick_in";
        case EventKind::stick_out:
            return "stick_out";
        case EventKind::card_in:
            return "card_in";
        case EventKind::card_out:
            return "card_out";
        case EventKind::cable_in:
            return "cable_in";
        case EventKind::cable_out:
            return "cable_out";
        case EventKind::caption:
            return "caption";
    }
    return "";
}

std::string_view word_for(SubvolumeSeen::Kind kind) {
    using Kind = SubvolumeSeen::Kind;
    switch (kind) {
        case Kind::root:
            return "root";
        case Kind::factory:
            return "factory";
        case Kind::snapshot:
            return "snapshot";
        case Kind::other:
            return "other";
    }
    return "";
}

json slot_json(const SlotState& slot) {
    json object;
    object["in"] = slot.in;
    object["content"] = slot.content;
    object["making"] = slot.making;
    object["failure"] = slot.failure;
    return object;
}

json progress_json(const std::optional<ProgressSeen>& progress) {
    if (!progress) return nullptr;
    json object;
    object["step"] = progress->step;
    object["number"] = progress->number;
    object["count"] = progress->count;
    object["fraction"] = progress->fraction ? json(*progress->fraction) : json(nullptr);
    object["detail"] = progress->detail;
    return object;
}

json subvolume_json(const SubvolumeSeen& subvolume) {
    json object;
    object["name"] = subvolume.name;
    object["kind"] = word_for(subvolume.kind);
    object["number"] = subvolume.number;
    object["type"] = subvolume.type;
    object["description"] = subvolume.description;
    object["created"] = subvolume.created;
    return object;
}

json look_json(const std::optional<CardLook>& look, const PanelClock& clock) {
    if (!look) return nullptr;
    const auto content = look->seen ? *look->seen : CardContentSeen{};
    json object;
    object["at"] = clock.at(look->at);
    object["error"] = look->seen ? "" : look->seen.error().describe();
    object["version"] = content.version;
    object["subvolumes"] = json::array();
    for (const auto& subvolume : content.subvolumes)
        object["subvolumes"].push_back(subvolume_json(subvolume));
    object["log"] = content.log;
    return object;
}

json files_json(const std::vector<UploadedFile>& files) {
    auto object = json::array();
    for (const auto& file : files) {
        json entry;
        entry["name"] = file.name;
        entry["size"] = file.size.count;
        object.push_back(std::move(entry));
    }
    return object;
}

json modes_json() {
    auto object = json::array();
    for (int number = 1; number <= boot::mode_count; ++number) {
        json mode;
        mode["number"] = number;
        mode["title"] = boot::title_of(boot::mode_from_number(number).value());
        object.push_back(std::move(mode));
    }
    return object;
}

void add_situation(json& message, const Situation& now) {
    message["phase"] = word_for(now.phase);
    message["mode"] = now.mode;
    message["repetition"] = now.repetition;
    message["error"] = now.error;
    message["reason"] = now.reason;
    message["progress"] = progress_json(now.progress);
}

}  // namespace

json edge_entry(bool on, double at) {
    json entry;
    entry["on"] = on;
    entry["at"] = at;
    return entry;
}

json reading_entry(const led_decoder::Reading& reading, std::string_view meaning, bool goes_on,
                   const PanelClock& clock) {
    json entry;
    entry["sign"] = word_for(reading.sign);
    entry["blinks"] = reading.blinks;
    entry["from"] = clock.at(reading.from);
    entry["until"] = clock.at(reading.until);
    entry["meaning"] = meaning;
    entry["goes_on"] = goes_on;
    return entry;
}

json event_entry(const PanelEvent& event, const PanelClock& clock) {
    json entry;
    entry["what"] = word_for(event.what);
    entry["at"] = clock.at(event.at);
    entry["text"] = event.text;
    return entry;
}

std::string hello_message(const PanelClock& clock, double wall, PastEntries past) {
    json message;
    message["type"] = "hello";
    message["protocol"] = protocol_version;
    message["now"] = clock.now();
    message["wall"] = wall;
    message["modes"] = modes_json();
    auto& history = message["history"];
    history["led"] = std::move(past.led);
    history["button"] = std::move(past.button);
    history["readings"] = std::move(past.readings);
    history["events"] = std::move(past.events);
    return written(message);
}

std::string state_message(const BoardState& board, const PanelClock& clock) {
    json message;
    message["type"] = "state";
    message["power"] = board.power;
    message["button"]["down"] = board.button_down;
    message["button"]["locked"] = board.button_locked;
    message["led"] = board.led;
    message["port_leds"] = word_for(port_leds(board));
    message["cable"] = board.cable;
    add_situation(message, board.situation);
    message["doing"] = doing_of(board);
    message["meaning"] = meaning_of(board);
    message["hint"] = hint_for(board);
    message["card"] = slot_json(board.card);
    message["stick"] = slot_json(board.stick);
    message["stick"]["filesystem"] = word_for(board.stick_filesystem);
    message["files"] = files_json(board.files);
    message["show_me"]["running"] = board.show_me.running;
    message["show_me"]["caption"] = board.show_me.caption;
    message["look"] = look_json(board.look, clock);
    return written(message);
}

std::string edge_message(EdgeOf what, bool on, double at) {
    auto message = edge_entry(on, at);
    message["type"] = "edge";
    message["what"] = what == EdgeOf::led ? "led" : "button";
    return written(message);
}

std::string message_of(std::string_view type, json entry) {
    entry["type"] = type;
    return written(entry);
}

std::string done_message(double id) {
    json message;
    message["type"] = "done";
    message["id"] = number(id);
    return written(message);
}

std::string failed_message(double id, std::string_view why) {
    json message;
    message["type"] = "failed";
    message["id"] = number(id);
    message["why"] = why;
    return written(message);
}

std::string pong_message(double id, double t, double now) {
    json message;
    message["type"] = "pong";
    message["id"] = number(id);
    message["t"] = number(t);
    message["now"] = now;
    return written(message);
}

std::string console_message(std::uint64_t position, std::string_view bytes) {
    std::string message;
    message.reserve(sizeof position + bytes.size());
    for (int shift = 56; shift >= 0; shift -= 8)
        message += static_cast<char>(static_cast<unsigned char>(position >> static_cast<unsigned>(shift)));
    message += bytes;
    return message;
}

}  // namespace mox::virtual_mox::panel
