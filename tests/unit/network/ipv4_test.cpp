#include "network/ipv4.hpp"

#include <gtest/gtest.h>

namespace mox::network {
namespace {

TEST(Ipv4, AddressIsReadAndWritten) {
    for (const auto* text : {"192.168.1.1", "0.0.0.0", "255.255.255.255", "10.0.0.17"}) {
        const auto address = parse_ipv4(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(to_text(*address), text);
    }
    EXPECT_EQ(parse_ipv4("192.168.1.2")->value, 0xc0a80102U);
}

TEST(Ipv4, WhatIsNoAddressIsRefused) {
    for (const auto* text : {"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.-4", "1.2.3.+4", " 1.2.3.4",
                             "1.2.3.4 ", "1.2.3.4\n", "01.2.3.4", "1.2.3.04", "0x1.2.3.4", "1..3.4",
                             "a.b.c.d", "1.2.3.", ".1.2.3", "1.2.3.4/24", "99999999999.1.1.1"})
        EXPECT_FALSE(parse_ipv4(text)) << text;
}

TEST(Ipv4, OnlyOrdinaryAddressesAreHosts) {
    for (const auto* text : {"10.0.0.1", "192.168.1.1", "100.64.0.1", "169.254.3.4", "223.255.255.254"})
        EXPECT_TRUE(is_host(*parse_ipv4(text))) << text;
    for (const auto* text : {"0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"})
        EXPECT_FALSE(is_host(*parse_ipv4(text))) << text;
}

TEST(Ipv4, InterfaceKnowsItsNetwork) {
    const Ipv4Interface interface{*parse_ipv4("192.168.1.1"), 24};
    EXPECT_TRUE(interface.reaches(*parse_ipv4("192.168.1.254")));
    EXPECT_FALSE(interface.reaches(*parse_ipv4("192.168.2.1")));
    EXPECT_EQ(to_text(interface.broadcast().value()), "192.168.1.255");
    EXPECT_EQ(to_text(interface), "192.168.1.1/24");
    EXPECT_FALSE((Ipv4Interface{*parse_ipv4("10.0.0.1"), 31}.broadcast()));
    EXPECT_FALSE((Ipv4Interface{*parse_ipv4("10.0.0.1"), 32}.reaches(*parse_ipv4("10.0.0.2"))));
}

TEST(Ipv4, MaskIsANumberOfBits) {
    EXPECT_EQ(prefix_of_mask(*parse_ipv4("255.255.255.0")), 24);
    EXPECT_EQ(prefix_of_mask(*parse_ipv4("255.255.254.0")), 23);
    EXPECT_EQ(prefix_of_mask(*parse_ipv4("255.255.255.255")), 32);
    EXPECT_EQ(prefix_of_mask(*parse_ipv4("0.0.0.0")), 0);
    EXPECT_FALSE(prefix_of_mask(*parse_ipv4("255.0.255.0")));
    EXPECT_FALSE(prefix_of_mask(*parse_ipv4("0.0.0.255")));
}

}  // namespace
}  // namespace mox::network
