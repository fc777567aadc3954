#include "rescue/start.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace mox::rescue {
namespace {

class Variables final : public boot::Environment {
public:
    explicit Variables(std::map<std::string, std::string> values = {}) : values_(std::move(values)) {}
    boot::Variables variables() const override { return {values_.begin(), values_.end()}; }
    std::optional<std::string> get(std::string_view name) const override {
        const auto found = values_.find(std::string(name));
        if (found == values_.end()) return std::nullopt;
        return found->second;
    }
    Expected<void> change(const boot::EnvironmentChanges& /*changes*/) override {
        return fail(ErrorKind::internal, "reading the start must change nothing");
    }

private:
    std::map<std::string, std::string> values_;
};

Start start_with(std::string_view command_line, std::map<std::string, std::string> environment = {}) {
    return read_start(boot::KernelCommandLine(command_line), Variables(std::move(environment)));
}

TEST(Start, IsModeOneAfterWhatTheBootLoaderOfTheMoxPasses) {
    const auto start = start_with("console=ttyMV0,115200 earlycon=ar3700_uart,0xd0012000\n");
    EXPECT_EQ(start.first, boot::Mode::reboot);
    EXPECT_EQ(start.forced, std::nullopt);
    EXPECT_FALSE(start.dont_reboot);
    EXPECT_TRUE(start.warnings.empty());
}

TEST(Start, CountsRescueModeFromZero) {
    for (int number = 1; number <= boot::mode_count; ++number) {
        const auto value = std::to_string(number - 1);
        EXPECT_EQ(start_with("rescue_mode=" + value).first, boot::mode_from_number(number));
        EXPECT_EQ(start_with("", {{"rescue_mode", value}}).first, boot::mode_from_number(number));
    }
}

TEST(Start, PrefersTheCommandLineToTheBootEnvironment) {
    EXPECT_EQ(start_with("rescue_mode=4", {{"rescue_mode", "2"}}).first, boot::Mode::unsecured_ssh);
}

TEST(Start, TakesModeOneForARescueModeOutOfRangeAndSaysSo) {
    for (const auto* value : {"7", "-1", "1x", "x", "", "99999999999999999999", " 2", "+2"}) {
        const auto start = start_with("", {{"rescue_mode", value}});
        EXPECT_EQ(start.first, boot::Mode::reboot) << value;
        ASSERT_EQ(start.warnings.size(), 1U) << value;
        EXPECT_NE(start.warnings[0].find("boot environment is not 0 to 6"), std::string::npos);
    }
    EXPECT_EQ(start_with("rescue_mode=9", {{"rescue_mode", "2"}}).first, boot::Mode::reboot);
}

TEST(Start, CountsForceModeFromOne) {
    for (int number = 1; number <= boot::mode_count; ++number)
        EXPECT_EQ(start_with("force_mode=" + std::to_string(number)).forced, boot::mode_from_number(number));
}

TEST(Start, TakesForceModeFromTheBootEnvironmentAfterAnInterruptedReflash) {
    EXPECT_EQ(start_with("", {{"force_mode", "4"}}).forced, boot::Mode::reflash_from_drive);
    EXPECT_EQ(start_with("", {{"force_mode", "4"}}).forced_by, Source::boot_environment);
    const auto both = start_with("force_mode=7", {{"force_mode", "4"}});
    EXPECT_EQ(both.forced, boot::Mode::rescue_shell);
    EXPECT_EQ(both.forced_by, Source::kernel_command_line);
}

TEST(Start, IgnoresAForceModeOutOfRangeAndSaysSo) {
    for (const auto* value : {"0", "8", "-4", "four", "2147483648"}) {
        const auto start = start_with(std::string("force_mode=") + value);
        EXPECT_EQ(start.forced, std::nullopt) << value;
        EXPECT_EQ(start.warnings.size(), 1U) << value;
    }
}

TEST(Start, KeepsTheSystemUpWithDontReboot) {
    EXPECT_TRUE(start_with("quiet dont_reboot").dont_reboot);
    EXPECT_TRUE(start_with("dont_reboot=1").dont_reboot);
    EXPECT_FALSE(start_with("dont_reboot=0").dont_reboot);
    EXPECT_FALSE(start_with("", {{"dont_reboot", "1"}}).dont_reboot);
}

}  // namespace
}  // namespace mox::rescue
