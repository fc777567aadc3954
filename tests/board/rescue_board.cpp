#include "board/rescue_board.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "board/demo_card.hpp"
#include "led_decoder/led_reader.hpp"
#include "storage/card.hpp"
#include "support/rescue_run_card.hpp"
#include "support/rescue_run_disk.hpp"
#include "virtual_mox/board_files.hpp"

namespace mox::board_test {

namespace fs = std::filesystem;
using virtual_mox::Machine;
using virtual_mox::Medium;

namespace {

void apply(const boot::Variables& changes, boot::Variables& variables) {
    for (const auto& [name, value] : changes) {
        if (value.empty())
            variables.erase(name);
        else
            variables.insert_or_assign(name, value);
    }
}

/// "0.142 on  1.201 off  ...": seconds since the last power-on, by our clock and, in brackets, the board's.
template <typename Edges, typename Is>
std::string timeline(Edges& edges, Machine& machine, Is is) {
    constexpr std::uint64_t shown_edges = 120;
    const auto skipped =
        edges.end() - edges.begin() > shown_edges ? edges.end() - shown_edges : edges.begin();
    std::string text = skipped > edges.begin() ? "... " : "";
    for (auto at = skipped; at < edges.end(); ++at) {
        const std::chrono::duration<double> since = edges[at].at - machine.powered_on_at();
        const std::chrono::duration<double> board = edges[at].board_time;
        char line[60];
        static_cast<void>(std::snprintf(line, sizeof line, "%.3f (%.3f) %s  ", since.count(), board.count(),
                                        is(edges[at]) ? "on" : "off"));
        text += line;
    }
    return text;
}

/// A mode may have reset the board before anybody looks for it: its reset is the first one since power-on.
virtual_mox::BoardEventHistory::Position first_event_since_power_on(Machine& machine) {
    auto& events = machine.events();
    auto at = events.begin();
    while (at < events.end() && events[at].at < machine.powered_on_at()) ++at;
    return at;
}

/// The last lines, without those that only draw the progress again.
std::string tail(std::string_view text, std::size_t lines) {
    constexpr std::string_view drawn_again = "\x1b[2K\x1b[?7l";
    std::vector<std::string_view> kept;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size() - 1) + 1;
        if (!text.substr(0, end).contains(drawn_again)) kept.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    std::string shown;
    for (auto at = kept.size() - std::min(lines, kept.size()); at < kept.size(); ++at) shown += kept[at];
    return shown;
}

}  // namespace

std::string forcing(int mode) {
    return "force_mode=" + std::to_string(mode);
}

bool shown(virtual_mox::Console& console, std::string_view text) {
    return console.text().find(text) != std::string_view::npos;
}

void RescueBoard::TearDown() {
    if (!HasFailure() || !machine_) return;
    std::cout << "---- LED, seconds since power-on: "
              << timeline(board().led_edges(), board(), [](const auto& edge) { return edge.lit; })
              << "\n---- button: "
              << timeline(board().button_edges(), board(), [](const auto& edge) { return edge.down; })
              << "\n---- serial console, last lines:\n"
              << tail(console().text(), 60) << "\n----\n";
}

void RescueBoard::assemble(const boot::Variables& changes) {
    virtual_mox::NorContent content{
        .boot_loader = must(virtual_mox::built_file(built, boot_loader)),
        .rescue_image = must(virtual_mox::built_file(image_folder(), "image.fit.lzma"))};
    if (has_saved_environment) {
        auto environment = must(virtual_mox::default_environment(*content.boot_loader));
        environment.insert_or_assign("rescue_keys", demo_key());
        apply(changes, environment);
        content.environment = std::move(environment);
    }
    auto setup = must(virtual_mox::prepare_board(folder / "board", built, std::move(content)));
    setup.network = network;
    machine_.emplace(std::move(setup));
}

void RescueBoard::assemble_in_rescue(const std::string& arguments, const boot::Variables& changes) {
    assemble(changes);
    start_with(rescue_start(arguments));
}

virtual_mox::DirectStart RescueBoard::rescue_start(const std::string& arguments) {
    return must(virtual_mox::direct_start(image_folder(), arguments));
}

void RescueBoard::assemble_with(virtual_mox::DirectStart start) {
    assemble();
    start_with(std::move(start));
}

void RescueBoard::assemble_in_system() {
    assemble();
    auto start = must(virtual_mox::direct_start(
        built, "root=/dev/mmcblk0p1 rootfstype=btrfs rootflags=commit=5,subvol=@ rootwait rw"));
    start.initramfs.clear();  // the kernel is the card's, too
    start_with(std::move(start));
}

void RescueBoard::start_with(virtual_mox::DirectStart start) {
    start.exact_time = exact_time;
    board().set_start(std::move(start));
}

void RescueBoard::insert_card(Medium medium) {
    act([&]() -> Play { must(co_await board().insert_card(std::move(medium))); });
}

void RescueBoard::put_in_card_with_demo_system() {
    make_demo_card(card);
    insert_card();
}

void RescueBoard::put_in_card_with_other_system() {
    test_support::make_card_with_whole_system(card);
    insert_card();
}

void RescueBoard::put_in_empty_card() {
    test_support::make_disk(card, storage::smallest_card, test_support::Table::none);
    insert_card();
}

fs::path RescueBoard::demo_secret_key() {
    return fs::canonical(must(virtual_mox::built_file(built, "medkit-key.sec")));
}

Medium RescueBoard::medkit_stick(disk_images::StickFilesystem filesystem) {
    auto image = folder / (std::string(disk_images::name_of(filesystem)) + ".img");
    must(disk_images::make_stick(image, filesystem, demo_medkit().parent_path()));
    return Medium(std::move(image));
}

void RescueBoard::plug_in_medkit_stick(disk_images::StickFilesystem filesystem) {
    auto stick = medkit_stick(filesystem);
    act([&]() -> Play { must(co_await board().insert_stick("medkit", std::move(stick))); });
}

void RescueBoard::plug_in_stick_with(const fs::path& content) {
    const auto image = folder / "stick.img";
    must(disk_images::make_stick(image, disk_images::StickFilesystem::ext4, content));
    act([&]() -> Play { must(co_await board().insert_stick("medkit", Medium(image))); });
}

Play RescueBoard::enter_forced_mode() {
    if (board().setup().start)
        must(co_await board().power_on());
    else
        static_cast<void>(must(co_await virtual_mox::enter_rescue(board())));
    co_await sees("executing mode");
}

Play RescueBoard::sees(std::string text, Clock::duration patience) {
    static_cast<void>(must(co_await console().expect(std::move(text), patience)));
}

asio::awaitable<Clock::time_point> RescueBoard::mode_ends_and_board_loses_power(int mode) {
    const auto since = first_event_since_power_on(board());
    const auto ended = must(co_await console().expect("is done; rebooting", mode_patience));
    EXPECT_NE(ended.before.rfind("mode " + std::to_string(mode)), std::string::npos) << ended.before;
    static_cast<void>(must(co_await board().event("RESET", since, mode_patience)));
    board().pull_plug();
    co_return ended.at;
}

Play RescueBoard::boots_the_card() {
    console().skip_to_end();
    board().set_start(std::nullopt);
    must(co_await board().power_on());
    co_await sees("mox login:");
}

Play RescueBoard::logs_in() {
    must(console().type("root\r"));
    co_await sees("root@mox:");
    // The kernel tells of a stick that it finds now between the lines that a command says.
    must(console().type("dmesg -n 1\r"));
    co_await sees("root@mox:");
}

asio::awaitable<std::string> RescueBoard::says(std::string command) {
    must(console().type("echo be''gin; " + command + "; echo e''nd\r"));
    co_await sees("begin\r\n");
    co_return must(co_await console().expect("end\r\n", boot_patience)).before;
}

asio::awaitable<int> RescueBoard::error_code(Clock::duration patience) {
    const auto deadline = Clock::now() + patience;
    co_await sees("The LED shows error", patience);
    auto& edges = board().led_edges();
    std::optional<std::chrono::nanoseconds> dark_since;
    std::optional<int> blinks;  // since the first pause
    for (auto at = edges.end(); co_await edges.reaches(at, deadline); ++at) {
        const auto& edge = edges[at];
        if (!edge.lit) {
            dark_since = edge.board_time;
            continue;
        }
        if (dark_since && edge.board_time - *dark_since >= led_decoder::LedReader::error_pause) {
            if (blinks) co_return *blinks;
            blinks = 0;
        }
        if (blinks) ++*blinks;
    }
    throw std::runtime_error("the LED shows no error code");
}

Play RescueBoard::press_reboots() {
    const auto since = board().events().end();
    must(co_await board().press_for(200ms));
    static_cast<void>(must(co_await board().event("RESET", since, mode_patience)));
}

boot::Variables RescueBoard::environment() const {
    return must(virtual_mox::read_environment(machine_->setup().nor));
}

void RescueBoard::change_environment(const boot::Variables& changes) {
    auto variables = environment();
    apply(changes, variables);
    must(virtual_mox::write_environment(machine_->setup().nor, variables));
}

std::string RescueBoard::rescue_partition(std::size_t size) const {
    std::ifstream nor(machine_->setup().nor, std::ios::binary);
    nor.seekg(virtual_mox::NorLayout::rescue_start.count);
    std::string bytes(size, '\0');
    if (!nor.read(bytes.data(), static_cast<std::streamsize>(size)))
        throw std::runtime_error("the NOR image cannot be read");
    return bytes;
}

}  // namespace mox::board_test
