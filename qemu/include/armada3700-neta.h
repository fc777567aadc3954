/*
 * Marvell Armada 3720: Ethernet controller (NETA) with its management bus
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_MOX_A3700_NETA_H
#define HW_MOX_A3700_NETA_H

#include "hw/sysbus.h"
#include "net/net.h"
#include "qemu/timer.h"
#include "qom/object.h"
#include "hw/mox/m88e1510.h"

#define TYPE_A3700_NETA "armada3700-neta"
OBJECT_DECLARE_SIMPLE_TYPE(A3700NetaState, A3700_NETA)

#define A3700_NETA_SIZE     0x4000
#define A3700_NETA_QUEUES   8

/*
 * QEMU interface:
 *  + sysbus MMIO region 0: the registers, interrupt 0
 *  + properties "netdev", "mac", "has-phy" (true), "phy-address" (1)
 *  + property "mac-at-reset": the address registers hold "mac" after a reset,
 *    as the boot loader leaves them
 *  + property "clock-frequency": of the coalescing timers, Hz
 *  + child "phy": "cable", "partner-speed" ... may change at any time
 */

typedef struct A3700NetaRxQueue {
    A3700NetaState *neta;
    uint16_t next;              /* descriptor that the next frame goes to */
    uint16_t occupied;          /* filled, not yet taken by software */
    uint16_t free;              /* given by software, not yet filled */
    bool waited;                /* the coalescing time is over */
    QEMUTimer *coalescing;
} A3700NetaRxQueue;

typedef struct A3700NetaTxQueue {
    uint16_t next;              /* descriptor that is sent next */
    uint16_t pending;           /* given by software, not yet sent */
    uint16_t sent;              /* sent, not yet taken back by software */
} A3700NetaTxQueue;

struct A3700NetaState {
    SysBusDevice parent_obj;

    MemoryRegion mmio;
    NICState *nic;              /* none without a network: no cable */
    NICConf conf;
    M88E1510State phy;
    qemu_irq irq;
    QEMUBH *send;               /* goes on with what one run left pending */

    bool has_phy;
    bool mac_at_reset;
    uint8_t phy_address;
    uint32_t clock_frequency;

    uint32_t regs[A3700_NETA_SIZE / 4];
    A3700NetaRxQueue rx[A3700_NETA_QUEUES];
    A3700NetaTxQueue tx[A3700_NETA_QUEUES];
    uint8_t rx_enabled;         /* bit q: queue q */
    uint8_t tx_enabled;
    bool mac_link;              /* as GMAC_STATUS told last */
};

#endif
