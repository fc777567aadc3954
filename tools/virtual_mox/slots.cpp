#include "virtual_mox/slots.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <ranges>
#include <utility>

namespace mox::virtual_mox {

namespace asio = boost::asio;
using nlohmann::json;
using Result = Slots::Result;
using Qemu = Slots::Qemu;

namespace {

using namespace std::chrono_literals;

constexpr auto kind = ErrorKind::internal;

/// The ports of the machine's xHCI. A MOX has one socket; the second port stands for a hub.
constexpr std::array usb_ports{1, 2};

/// Name of the USB device that shows a medium to the board.
std::string device_of(const std::string& node) {
    return "usb-" + node;
}

Result ignore_value(asio::awaitable<Expected<json>> answer) {
    auto value = co_await std::move(answer);
    if (!value) co_return pass_on(value);
    co_return Expected<void>();
}

Result order(const Qemu& qemu, std::string command, json arguments) {
    return ignore_value(qemu->execute(std::move(command), std::move(arguments)));
}

}  // namespace

Slots::Inserted Slots::inserted(std::string_view what, Medium medium) {
    return {std::move(medium), std::string(what) + "-" + std::to_string(++insertions_), "", 0};
}

Expected<int> Slots::free_usb_port() const {
    for (const int port : usb_ports)
        if (std::ranges::none_of(sticks_ | std::views::values,
                                 [&](const auto& stick) { return stick.usb_port == port; }))
            return port;
    return fail(kind, "both USB ports are in use: pull out a stick");
}

Result Slots::attach_all(Qemu qemu) {
    if (card_) card_->fault_layer_name.clear();
    if (card_)
        if (auto attached = co_await attach_card(qemu); !attached) co_return attached;
    for (const auto& stick : sticks_ | std::views::values)
        if (auto attached = co_await attach_stick(qemu, stick); !attached) co_return attached;
    co_return Expected<void>();
}

Result Slots::insert_card(Qemu qemu, Medium medium) {
    if (card_) co_return fail(kind, "there is a card in the slot already");
    card_ = inserted("card", std::move(medium));
    if (qemu == nullptr) co_return Expected<void>();
    co_return co_await attach_card(qemu);
}

Result Slots::attach_card(Qemu qemu) {
    if (auto added = co_await add_layers(qemu, *card_); !added) co_return added;
    json tab;
    tab["path"] = card_part;
    tab["property"] = "write-protected";
    tab["value"] = card_->medium.write_protected;
    if (auto set = co_await order(qemu, "qom-set", std::move(tab)); !set) co_return set;
    json medium;
    medium["id"] = card_part;
    medium["node-name"] = card_->node;
    co_return co_await order(qemu, "blockdev-insert-medium", std::move(medium));
}

Result Slots::pull_card(Qemu qemu) {
    if (!card_) co_return fail(kind, "there is no card in the slot");
    const auto card = *std::exchange(card_, std::nullopt);
    if (qemu == nullptr) co_return Expected<void>();
    json slot;
    slot["id"] = card_part;
    if (auto pulled = co_await order(qemu, "blockdev-remove-medium", std::move(slot)); !pulled)
        co_return pulled;
    co_return co_await remove_layers(qemu, card);
}

Result Slots::insert_stick(Qemu qemu, std::string name, Medium medium) {
    if (sticks_.contains(name)) co_return fail(kind, "the stick '" + name + "' is plugged in already");
    const auto port = free_usb_port();
    if (!port) co_return std::unexpected(port.error());
    auto& stick = sticks_.emplace(name, inserted("stick", std::move(medium))).first->second;
    stick.usb_port = *port;
    if (qemu == nullptr) co_return Expected<void>();
    co_return co_await attach_stick(qemu, stick);
}

Result Slots::attach_stick(Qemu qemu, const Inserted& stick) {
    if (auto added = co_await add_layers(qemu, stick); !added) co_return added;
    json device;
    device["driver"] = "usb-storage";
    device["bus"] = usb_bus;
    device["port"] = std::to_string(stick.usb_port);
    device["id"] = device_of(stick.node);
    device["drive"] = stick.node;
    device["removable"] = true;
    co_return co_await order(qemu, "device_add", std::move(device));
}

Result Slots::pull_stick(Qemu qemu, std::string name) {
    const auto found = sticks_.extract(name);
    if (found.empty()) co_return fail(kind, "the stick '" + name + "' is not plugged in");
    const auto& stick = found.mapped();
    if (qemu == nullptr) co_return Expected<void>();
    const auto since = events_.end();
    json device;
    device["id"] = device_of(stick.node);
    if (auto pulled = co_await order(qemu, "device_del", std::move(device)); !pulled) co_return pulled;
    if (auto gone = co_await device_gone(qemu, device_of(stick.node), since); !gone) co_return gone;
    co_return co_await remove_layers(qemu, stick);
}

asio::awaitable<bool> Slots::is_deleted(std::string device, BoardEventHistory::Position since,
                                        Clock::time_point deadline) {
    for (auto at = since; co_await events_.reaches(at, deadline); ++at) {
        const auto& event = events_[at];
        if (event.name == "DEVICE_DELETED" && event.data.value("device", "") == device) co_return true;
    }
    co_return false;
}

/// QEMU deletes a device when no processor can use it any more (RCU). Linux often idles; a boot loader that
/// waits for a key never does, and must be stopped for a moment.
Result Slots::device_gone(Qemu qemu, std::string device, BoardEventHistory::Position since) {
    if (co_await is_deleted(device, since, Clock::now() + 300ms)) co_return Expected<void>();
    if (auto stopped = co_await order(qemu, "stop", json()); !stopped) co_return stopped;
    const bool is_gone = co_await is_deleted(device, since, Clock::now() + 30s);
    if (auto going = co_await order(qemu, "cont", json()); !going) co_return going;
    if (is_gone) co_return Expected<void>();
    co_return fail(kind, "QEMU does not let go of " + device);
}

Result Slots::inject_card_faults(Qemu qemu, std::vector<MediumFault> faults) {
    if (!card_) co_return fail(kind, "there is no card in the slot");
    if (!card_->fault_layer_name.empty() || !card_->medium.faults.empty() || card_->medium.write_log)
        co_return fail(kind, "the card has faults, or is recorded, already");
    const auto layer = card_->node + ".injected";
    if (auto added = co_await order(qemu, "blockdev-add", fault_layer(layer, card_->node + ".image", faults));
        !added)
        co_return added;
    card_->fault_layer_name = layer;
    auto top = block_layers(card_->node, card_->medium).back();
    top["file"] = layer;
    json change;
    change["options"] = json::array();
    change["options"].push_back(std::move(top));
    co_return co_await order(qemu, "blockdev-reopen", std::move(change));
}

Result Slots::add_layers(Qemu qemu, const Inserted& what) {
    for (auto& layer : block_layers(what.node, what.medium))
        if (auto added = co_await order(qemu, "blockdev-add", std::move(layer)); !added)
            co_return pass_on(added, what.medium.image.string());
    co_return Expected<void>();
}

Result Slots::remove_layers(Qemu qemu, const Inserted& what) {
    std::vector<std::string> names;
    for (const auto& layer : block_layers(what.node, what.medium)) names.push_back(layer.at("node-name"));
    if (!what.fault_layer_name.empty()) names.insert(names.end() - 1, what.fault_layer_name);
    for (const auto& name : names | std::views::reverse) {
        json node;
        node["node-name"] = name;
        if (auto removed = co_await order(qemu, "blockdev-del", std::move(node)); !removed)
            co_return pass_on(removed, what.medium.image.string());
    }
    co_return Expected<void>();
}

}  // namespace mox::virtual_mox
