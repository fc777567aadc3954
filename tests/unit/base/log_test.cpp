#include <gtest/gtest.h>

#include <thread>

#include "base/log.hpp"

namespace mox {
namespace {

TEST(Log, KeepsLinesInOrderWithTheirLevel) {
    Log log;
    log.info("looking");
    log.warning("not verified");
    log.error("gone");
    const auto text = log.text();
    EXPECT_NE(text.find("] looking\n"), std::string::npos);
    EXPECT_NE(text.find("] warning: not verified\n"), std::string::npos);
    EXPECT_LT(text.find("looking"), text.find("error: gone"));
}

TEST(Log, TellsEveryListenerEveryLineFromAnyThread) {
    Log log;
    int told = 0;
    log.add_listener([&](const LogLine&) { ++told; });
    {
        const std::jthread one([&] {
            for (int i = 0; i < 500; ++i) log.info("one");
        });
        const std::jthread two([&] {
            for (int i = 0; i < 500; ++i) log.info("two");
        });
    }
    EXPECT_EQ(told, 1000);
}

TEST(Log, ThatGoesOnForHoursKeepsTheNewestLines) {
    Log log;
    for (int i = 0; i < 20000; ++i) log.info("line " + std::to_string(i));
    const auto text = log.text();
    EXPECT_LT(text.size(), 500'000U);
    EXPECT_NE(text.find("line 19999\n"), std::string::npos);
    EXPECT_NE(text.find("line 16001\n"), std::string::npos);
}

}  // namespace
}  // namespace mox
