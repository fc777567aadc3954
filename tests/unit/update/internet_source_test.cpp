// Where mode 6 downloads from: board, boot environment and kernel command line, in this order of strength.
#include "update/medkit_download.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace mox::update {
namespace {

using network::TlsPolicy;

class FixedEnvironment final : public boot::Environment {
public:
    explicit FixedEnvironment(boot::Variables variables) : variables_(std::move(variables)) {}
    [[nodiscard]] boot::Variables variables() const override { return variables_; }
    [[nodiscard]] std::optional<std::string> get(std::string_view name) const override {
        const auto found = variables_.find(name);
        if (found == variables_.end()) return std::nullopt;
        return found->second;
    }
    [[nodiscard]] Expected<void> change(const boot::EnvironmentChanges& /*changes*/) override { return {}; }

private:
    boot::Variables variables_;
};

Expected<InternetSource> source(const std::string& command_line, boot::Variables environment) {
    return read_internet_source(board::turris_mox(), boot::KernelCommandLine(command_line),
                                FixedEnvironment(std::move(environment)));
}

TEST(InternetSource, IsTheBoardsOwn) {
    const auto own = source("console=ttyMV0", {});
    ASSERT_TRUE(own) << own.error().describe();
    EXPECT_EQ(own->directory.text(), "https://repo.turris.cz/hbs/medkit");
    EXPECT_EQ(own->tls, TlsPolicy::relaxed);
}

TEST(InternetSource, MayBeNamedByTheBootEnvironment) {
    const auto other = source("", {{"rescue_url", "https://example.org/os"}, {"rescue_tls", "strict"}});
    ASSERT_TRUE(other) << other.error().describe();
    EXPECT_EQ(other->directory.text(), "https://example.org/os");
    EXPECT_EQ(other->tls, TlsPolicy::strict);
}

TEST(InternetSource, OfTheKernelCommandLineIsStronger) {
    const auto other = source("rescue_url=https://example.net/ rescue_tls=relaxed",
                              {{"rescue_url", "https://example.org/os"}, {"rescue_tls", "strict"}});
    ASSERT_TRUE(other) << other.error().describe();
    EXPECT_EQ(other->directory.text(), "https://example.net/");
    EXPECT_EQ(other->tls, TlsPolicy::relaxed);
}

TEST(InternetSource, ThatCannotBeUsedIsNeverReplacedByTheBoardsOwn) {
    for (const std::string address : {"http://example.org/", "example.org", "", "https://"}) {
        const auto wrong = source("", {{"rescue_url", address}});
        ASSERT_FALSE(wrong) << address;
        EXPECT_EQ(wrong.error().kind(), ErrorKind::network);
        EXPECT_TRUE(wrong.error().describe().starts_with("rescue_url of the boot environment"))
            << wrong.error().describe();
    }
}

TEST(InternetSource, WithATypingErrorIsStrict) {
    EXPECT_EQ(source("", {{"rescue_tls", "relaxd"}})->tls, TlsPolicy::strict);
    EXPECT_EQ(source("rescue_tls=", {})->tls, TlsPolicy::strict);
}

}  // namespace
}  // namespace mox::update
