/*
 * Marvell Armada 3720: registers and descriptors of the Ethernet controller
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Private to the files armada3700-neta*.c. Names and meanings as in the drivers of
 * Linux and U-Boot (mvneta).
 */
#ifndef HW_MOX_A3700_NETA_REGS_H
#define HW_MOX_A3700_NETA_REGS_H

#include "hw/mox/armada3700-neta.h"

/* Receive queues: eight registers each */
#define RXQ_CONFIG              0x1400
#define   RXQ_CONFIG_HW_BUFFERS BIT(0)
#define   RXQ_CONFIG_OFFSET(v)  (8 * (((v) >> 8) & 0xf))
#define RXQ_BASE                0x1480
#define RXQ_SIZE                0x14a0
#define   RXQ_BUFFER_SIZE(v)    (8 * ((v) >> 19))
#define RXQ_THRESHOLD           0x14c0
#define RXQ_STATUS              0x14e0
#define RXQ_STATUS_UPDATE       0x1500
#define PORT_RX_RESET           0x1cc0

/* Port and unit */
#define SMI                     0x2004
#define   SMI_VALUE             0xffff
#define   SMI_PHY(v)            (((v) >> 16) & 0x1f)
#define   SMI_REG(v)            (((v) >> 21) & 0x1f)
#define   SMI_READ              BIT(26)
#define   SMI_READ_VALID        BIT(27)
#define UNIT_CONTROL            0x20b0
#define   UNIT_PHY_POLLING      BIT(1)
#define PORT_CONFIG             0x2400
#define   PORT_PROMISCUOUS      BIT(0)
#define   PORT_DEFAULT_QUEUE(v) (((v) >> 1) & 7)
#define   PORT_ARP_QUEUE(v)     (((v) >> 4) & 7)
#define   PORT_REJECT_BROADCAST BIT(7)
#define   PORT_REJECT_BC_IP     BIT(8)
#define   PORT_REJECT_BC_ARP    BIT(9)
#define MAC_ADDR_LOW            0x2414
#define MAC_ADDR_HIGH           0x2418
#define SDMA_CONFIG             0x241c
#define   SDMA_SWAP_DESCRIPTORS BIT(6)
#define PORT_STATUS             0x2444
#define   PORT_TX_FIFO_EMPTY    BIT(8)
#define TXQ_CMD                 0x2448
#define RX_DISCARDED            0x2484
#define RX_OVERRUN              0x2488
#define RXQ_TIME                0x2580
#define INTR_CAUSE              0x25a0
#define   CAUSE_TX_SENT(q)      BIT(q)
#define   CAUSE_RX_OCCUPIED(q)  BIT(8 + (q))
#define   CAUSE_RX_FREE(q)      BIT(16 + (q))
#define   CAUSE_MISC            BIT(31)
#define INTR_MASK               0x25a4
#define INTR_OLD_CAUSE          0x25a8
#define MISC_CAUSE              0x25b0
#define   MISC_PHY_CHANGE       BIT(0)
#define   MISC_LINK_CHANGE      BIT(1)
#define   MISC_TXQ_ERROR(q)     BIT(24 + (q))
#define MISC_MASK               0x25b4
#define INTR_ENABLE             0x25b8
#define RXQ_CMD                 0x2680

/* Gigabit MAC */
#define GMAC_CTRL_0             0x2c00
#define   GMAC_PORT_ENABLE      BIT(0)
#define   GMAC_MAX_RX(v)        (2 * (((v) >> 2) & 0x1fff))
#define GMAC_CTRL_2             0x2c08
#define   GMAC_INBAND           BIT(0)
#define   GMAC_PORT_RESET       BIT(6)
#define GMAC_AUTONEG            0x2c0c
#define   GMAC_FORCE_DOWN       BIT(0)
#define   GMAC_FORCE_PASS       BIT(1)
#define   GMAC_CONFIG_100       BIT(5)
#define   GMAC_CONFIG_1000      BIT(6)
#define   GMAC_AN_SPEED         BIT(7)
#define   GMAC_CONFIG_PAUSE     BIT(8)
#define   GMAC_AN_PAUSE         BIT(11)
#define   GMAC_CONFIG_FULL      BIT(12)
#define   GMAC_AN_DUPLEX        BIT(13)
#define GMAC_STATUS             0x2c10
#define   GMAC_LINK_UP          BIT(0)
#define   GMAC_SPEED_1000       BIT(1)
#define   GMAC_SPEED_100        BIT(2)
#define   GMAC_FULL_DUPLEX      BIT(3)
#define   GMAC_PAUSE            (BIT(4) | BIT(5) | BIT(6) | BIT(7))
#define   GMAC_AN_COMPLETE      BIT(11)

/* Counters: reading one clears it. 64 bits are two registers, low first. */
#define MIB_FIRST               0x3000
#define MIB_END                 0x3080
#define MIB_RX_OCTETS           0x3000
#define MIB_RX_FRAMES           0x3010
#define MIB_RX_BROADCAST        0x3018
#define MIB_RX_MULTICAST        0x301c
#define MIB_FRAMES_64           0x3020  /* six sizes, sent and received */
#define MIB_TX_OCTETS           0x3038
#define MIB_TX_FRAMES           0x3040
#define MIB_TX_MULTICAST        0x3048
#define MIB_TX_BROADCAST        0x304c
#define MIB_RX_PAUSE            0x3058
#define MIB_RX_UNDERSIZE        0x3060
#define MIB_RX_OVERSIZE         0x3068

/* Address filter: a byte per entry, bit 0 accepts, 3:1 are the queue */
#define FILTER_SPECIAL          0x3400  /* 01:00:5e:00:00:xx, by xx */
#define FILTER_MULTICAST        0x3500  /* other groups, by CRC-8 */
#define FILTER_UNICAST          0x3600  /* own address, by its last nibble */
#define   FILTER_ACCEPT         BIT(0)
#define   FILTER_QUEUE(v)       (((v) >> 1) & 7)

/* Transmit queues: eight registers each */
#define TXQ_BASE                0x3c00
#define TXQ_SIZE                0x3c20
#define TXQ_STATUS              0x3c40
#define TXQ_UPDATE              0x3c60
#define PORT_TX_RESET           0x3cf0
#define   PORT_DMA_RESET        BIT(0)

/* Number of descriptors, thresholds */
#define RING_SIZE(v)            ((v) & 0x3fff)
#define RING_MAX                0x3fff
#define THRESHOLD_HIGH(v)       (((v) >> 16) & 0x3fff)

/* Descriptors of 32 bytes */
#define DESC_SIZE               32
#define DESC_COMMAND            0       /* 32 bits: tx command, rx status */
#define DESC_LENGTH             6       /* 16 bits */
#define DESC_BUFFER             8       /* 32 bits */

#define TXD_L3_OFFSET(c)        ((c) & 0x7f)
#define TXD_IP_HEADER(c)        (4 * (((c) >> 8) & 0x1f))
#define TXD_L4_UDP              BIT(16)
#define TXD_L3_IPV6             BIT(17)
#define TXD_IP_CHECKSUM         BIT(18)
#define TXD_LAST                BIT(20)
#define TXD_FIRST               BIT(21)
#define TXD_L4_CHECKSUM         BIT(30)
#define TXD_L4_NONE             BIT(31)

#define RXD_L3_IPV4             BIT(25)
#define RXD_LAST                BIT(26)
#define RXD_FIRST               BIT(27)
#define RXD_L4_CHECKSUM_OK      BIT(30)

/* What the controller puts before and behind a received frame */
#define NETA_HEADER             2
#define NETA_FCS                4
#define NETA_FRAME_MIN          60
#define NETA_FRAME_MAX          10240

#define REG(s, offset)          ((s)->regs[(offset) / 4])
#define QUEUE_REG(s, base, q)   REG(s, (base) + 4 * (q))

/* armada3700-neta.c */
void a3700_neta_update_irq(A3700NetaState *s);
bool a3700_neta_running(const A3700NetaState *s);
void a3700_neta_flush(A3700NetaState *s);

/* armada3700-neta-rx.c */
void a3700_neta_rx_init(A3700NetaState *s);
void a3700_neta_rx_finalize(A3700NetaState *s);
void a3700_neta_rx_reset(A3700NetaState *s);
void a3700_neta_rxq_restart(A3700NetaState *s, unsigned q);
void a3700_neta_rxq_update(A3700NetaState *s, unsigned q, uint32_t value);
bool a3700_neta_rxq_interrupt(const A3700NetaState *s, unsigned q);
ssize_t a3700_neta_receive(NetClientState *nc, const uint8_t *data,
                           size_t size);

/* armada3700-neta-tx.c */
void a3700_neta_tx_reset(A3700NetaState *s);
void a3700_neta_txq_restart(A3700NetaState *s, unsigned q);
void a3700_neta_txq_update(A3700NetaState *s, unsigned q, uint32_t value);
void a3700_neta_send(A3700NetaState *s);

/* armada3700-neta-frame.c: pure, but for the registers that they are given */
int a3700_neta_filter(const A3700NetaState *s, const uint8_t *frame,
                      size_t size);
uint32_t a3700_neta_rx_checksum(const uint8_t *frame, size_t size);
void a3700_neta_tx_checksum(uint32_t command, uint8_t *frame, size_t size);
void a3700_neta_count_rx(A3700NetaState *s, const uint8_t *frame, size_t size);
void a3700_neta_count_tx(A3700NetaState *s, const uint8_t *frame, size_t size);

#endif
