// The daemon mox-button as a program: a LED made of files, a reboot command that only counts, and a PID
// namespace that the program may reset.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "base/file.hpp"
#include "base/units.hpp"
#include "support/button_run.hpp"
#include "support/temporary_directory.hpp"

namespace mox::test_support {

inline constexpr ButtonEnd was_reset{.reset = true, .exit_status = 0};
inline constexpr ButtonEnd ended_well{};

struct MoxButtonFixture : testing::Test {
    MoxButtonFixture() {
        namespace fs = std::filesystem;
        for (const auto& made : {input, led, root / "etc/config"}) fs::create_directories(made);
        show_heartbeat();
        write(led / "max_brightness", "1\n");
        write(stub, "#!/bin/sh\necho reboot >>" + reboots.native() + "\n");
        fs::permissions(stub, fs::perms::owner_all);
        configure(stub.native());
    }

    static void write(const std::filesystem::path& file, std::string_view text) {
        std::ofstream(file) << text;
    }
    [[nodiscard]] static std::string read(const std::filesystem::path& file) {
        return read_small_file(file, ErrorKind::internal).value_or("");
    }
    void configure(const std::string& reboot_command, const std::string& more = "") const {
        write(root / "etc/mox-button.conf", "reboot_command = " + reboot_command + "\n" + more);
    }
    void show_heartbeat() const {
        write(led / "trigger", "none timer [heartbeat]\n");
        write(led / "brightness", "1\n");
    }

    ButtonRun& start() {
        run = std::make_unique<ButtonRun>(MOX_BUTTON_PROGRAM, root.path());
        EXPECT_TRUE(run->wait_for("event=start")) << run->log();
        return *run;
    }

    [[nodiscard]] long reboots_made() const {
        const auto text = read(reboots);
        return std::count(text.begin(), text.end(), '\n');
    }
    [[nodiscard]] bool led_is_dark() const {
        return read(led / "trigger") == "none" && read(led / "brightness") == "0";
    }

    /// Events in its log after the first, which is that of its start.
    [[nodiscard]] std::size_t events_logged() const {
        std::size_t lines = 0;
        for (std::size_t at = 0; (at = run->log().find("\nlevel=", at)) != std::string::npos; ++at) ++lines;
        return lines;
    }

    TemporaryDirectory root;
    std::filesystem::path input = root / "dev/input";
    std::filesystem::path led = root / "sys/class/leds/mox:red:activity";
    std::filesystem::path stub = root / "reboot";
    std::filesystem::path reboots = root / "reboots";
    std::unique_ptr<ButtonRun> run;
};

}  // namespace mox::test_support
