/*
 * Marvell Armada 3720 Ethernet: what happens to a single frame
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Address filter, checksums and counters. All lengths are checked: frames
 * come from outside, commands from the guest.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/log.h"
#include "net/checksum.h"
#include "net/eth.h"
#include "hw/mox/armada3700-neta-regs.h"

#define IPV4_HEADER         20
#define IPV6_HEADER         40
#define TCP_CHECKSUM        16
#define UDP_CHECKSUM        6
#define REJECTED            (-1)

/* Address filter */

/* CRC-8, x^8 + x^2 + x + 1, most significant bit first */
static uint8_t crc8(const uint8_t *data, size_t size)
{
    uint8_t crc = 0;

    for (size_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc << 1) ^ (crc & 0x80 ? 0x07 : 0);
        }
    }
    return crc;
}

static int filter_entry(const A3700NetaState *s, hwaddr table, uint8_t index)
{
    uint8_t entry = REG(s, table + (index & ~3)) >> (8 * (index & 3));

    return entry & FILTER_ACCEPT ? FILTER_QUEUE(entry) : REJECTED;
}

static int filter_broadcast(const A3700NetaState *s, const uint8_t *frame)
{
    uint32_t config = REG(s, PORT_CONFIG);
    uint16_t type = lduw_be_p(frame + 12);

    if (type == ETH_P_ARP) {
        return config & PORT_REJECT_BC_ARP ? REJECTED : PORT_ARP_QUEUE(config);
    }
    if (config & (type == ETH_P_IP ? PORT_REJECT_BC_IP
                                   : PORT_REJECT_BROADCAST)) {
        return REJECTED;
    }
    return PORT_DEFAULT_QUEUE(config);
}

static int filter_unicast(const A3700NetaState *s, const uint8_t *frame)
{
    uint32_t high = ldl_be_p(frame);
    uint16_t low = lduw_be_p(frame + 4);
    int queue = REJECTED;

    if (high == REG(s, MAC_ADDR_HIGH) &&
        (low & 0xfff0) == (REG(s, MAC_ADDR_LOW) & 0xfff0)) {
        queue = filter_entry(s, FILTER_UNICAST, low & 0xf);
    }
    if (queue == REJECTED && (REG(s, PORT_CONFIG) & PORT_PROMISCUOUS)) {
        queue = PORT_DEFAULT_QUEUE(REG(s, PORT_CONFIG));
    }
    return queue;
}

/* The receive queue that a frame goes to, or -1. size is 14 at least. */
int a3700_neta_filter(const A3700NetaState *s, const uint8_t *frame,
                      size_t size)
{
    static const uint8_t special[] = { 0x01, 0x00, 0x5e, 0x00, 0x00 };

    assert(size >= ETH_HLEN);
    if (is_broadcast_ether_addr(frame)) {
        return filter_broadcast(s, frame);
    }
    if (!is_multicast_ether_addr(frame)) {
        return filter_unicast(s, frame);
    }
    if (memcmp(frame, special, sizeof(special)) == 0) {
        return filter_entry(s, FILTER_SPECIAL, frame[5]);
    }
    return filter_entry(s, FILTER_MULTICAST, crc8(frame, ETH_ALEN));
}

/* Checksums */

/* The sum over a TCP or UDP packet with its pseudo header, folded. */
static uint16_t l4_sum(uint8_t *addresses, size_t addresses_size,
                       uint8_t protocol, uint8_t *data, size_t size)
{
    uint32_t sum = net_checksum_add(size, data);

    sum += net_checksum_add(addresses_size, addresses);
    return net_checksum_finish(sum + protocol + size);
}

/* Status bits of a received frame: IPv4 with a right header, right TCP, UDP. */
uint32_t a3700_neta_rx_checksum(const uint8_t *frame, size_t size)
{
    uint8_t *ip = (uint8_t *)frame + ETH_HLEN;
    size_t header, length;
    uint8_t protocol;

    if (size < ETH_HLEN + IPV4_HEADER || lduw_be_p(frame + 12) != ETH_P_IP) {
        return 0;
    }
    header = 4 * (ip[0] & 0xf);
    length = lduw_be_p(ip + 2);
    if (ip[0] >> 4 != 4 || header < IPV4_HEADER || length < header ||
        ETH_HLEN + length > size || net_raw_checksum(ip, header) != 0) {
        return 0;
    }
    protocol = ip[9];
    if ((lduw_be_p(ip + 6) & 0x3fff) != 0 ||
        (protocol != IP_PROTO_TCP && protocol != IP_PROTO_UDP) ||
        length - header < (protocol == IP_PROTO_TCP ? 20 : 8)) {
        return RXD_L3_IPV4;
    }
    if (protocol == IP_PROTO_UDP &&
        lduw_be_p(ip + header + UDP_CHECKSUM) == 0) {
        return RXD_L3_IPV4 | RXD_L4_CHECKSUM_OK;
    }
    if (l4_sum(ip + 12, 8, protocol, ip + header, length - header) != 0) {
        return RXD_L3_IPV4;
    }
    return RXD_L3_IPV4 | RXD_L4_CHECKSUM_OK;
}

static void tx_l4_checksum(uint32_t command, uint8_t *ip, size_t header,
                           size_t size)
{
    bool udp = command & TXD_L4_UDP;
    bool ipv6 = command & TXD_L3_IPV6;
    uint8_t protocol = udp ? IP_PROTO_UDP : IP_PROTO_TCP;
    size_t place = udp ? UDP_CHECKSUM : TCP_CHECKSUM;
    size_t length = ipv6 ? IPV6_HEADER + lduw_be_p(ip + 4) : lduw_be_p(ip + 2);
    uint16_t sum;

    if (length > size || length < header + place + 2) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: checksum of a packet of %zu bytes "
                      "in a frame with %zu\n", TYPE_A3700_NETA, length, size);
        return;
    }
    stw_be_p(ip + header + place, 0);
    sum = l4_sum(ip + (ipv6 ? 8 : 12), ipv6 ? 32 : 8, protocol, ip + header,
                 length - header);
    stw_be_p(ip + header + place, udp && sum == 0 ? 0xffff : sum);
}

/* Puts in the checksums that the descriptor's command asks for. */
void a3700_neta_tx_checksum(uint32_t command, uint8_t *frame, size_t size)
{
    bool ipv4 = !(command & TXD_L3_IPV6) && (command & TXD_IP_CHECKSUM);
    bool l4 = (command & TXD_L4_CHECKSUM) && !(command & TXD_L4_NONE);
    size_t offset = TXD_L3_OFFSET(command);
    size_t header = TXD_IP_HEADER(command);
    size_t least = command & TXD_L3_IPV6 ? IPV6_HEADER : IPV4_HEADER;
    uint8_t *ip = frame + offset;

    if (!ipv4 && !l4) {
        return;
    }
    if (header < least || offset + header > size) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: IP header of %zu bytes at %zu in "
                      "a frame of %zu\n", TYPE_A3700_NETA, header, offset,
                      size);
        return;
    }
    if (ipv4) {
        stw_be_p(ip + 10, 0);
        stw_be_p(ip + 10, net_raw_checksum(ip, header));
    }
    if (l4) {
        tx_l4_checksum(command, ip, header, size - offset);
    }
}

/* Counters */

static void count(A3700NetaState *s, hwaddr counter)
{
    REG(s, counter)++;
}

static void count_octets(A3700NetaState *s, hwaddr counter, size_t size)
{
    uint64_t octets = REG(s, counter) | (uint64_t)REG(s, counter + 4) << 32;

    octets += size;
    REG(s, counter) = octets;
    REG(s, counter + 4) = octets >> 32;
}

/* size: with the check sequence */
static void count_size(A3700NetaState *s, size_t size)
{
    static const uint16_t largest[] = { 64, 127, 255, 511, 1023 };
    size_t i = 0;

    while (i < ARRAY_SIZE(largest) && size > largest[i]) {
        i++;
    }
    count(s, MIB_FRAMES_64 + 4 * i);
}

void a3700_neta_count_rx(A3700NetaState *s, const uint8_t *frame, size_t size)
{
    size += NETA_FCS;
    count(s, MIB_RX_FRAMES);
    count_octets(s, MIB_RX_OCTETS, size);
    count_size(s, size);
    if (is_broadcast_ether_addr(frame)) {
        count(s, MIB_RX_BROADCAST);
    } else if (is_multicast_ether_addr(frame)) {
        count(s, MIB_RX_MULTICAST);
    }
}

void a3700_neta_count_tx(A3700NetaState *s, const uint8_t *frame, size_t size)
{
    size = MAX(size, NETA_FRAME_MIN) + NETA_FCS;
    count(s, MIB_TX_FRAMES);
    count_octets(s, MIB_TX_OCTETS, size);
    count_size(s, size);
    if (is_broadcast_ether_addr(frame)) {
        count(s, MIB_TX_BROADCAST);
    } else if (is_multicast_ether_addr(frame)) {
        count(s, MIB_TX_MULTICAST);
    }
}
