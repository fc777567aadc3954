/*
 * Marvell Armada 3720: SD host controller (Xenon)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_MOX_ARMADA3700_SDHCI_H
#define HW_MOX_ARMADA3700_SDHCI_H

#include "hw/sd/sdhci.h"
#include "hw/sysbus.h"
#include "qom/object.h"

#define TYPE_A3700_SDHCI "armada3700-sdhci"
OBJECT_DECLARE_SIMPLE_TYPE(A3700SdhciState, A3700_SDHCI)

#define A3700_SDHCI_SIZE    0x300
#define XENON_REGS_OFFSET   0x100
#define XENON_REGS          ((A3700_SDHCI_SIZE - XENON_REGS_OFFSET) / 4)

/*
 * QEMU interface:
 *  + sysbus MMIO region 0: the standard's registers, then Xenon's own
 *  + sysbus IRQ 0
 *  + child "sdhci" with the bus "sd-bus"
 *  + GPIO output "card-inserted": level of the switch of the socket
 *  + property "wp-inverted": the switch of a card's tab means the opposite of
 *    what the standard says
 */
struct A3700SdhciState {
    SysBusDevice parent_obj;

    MemoryRegion container;
    MemoryRegion xenon_mmio;
    MemoryRegion present_mmio;
    SDHCIState sdhci;
    uint32_t xenon[XENON_REGS];
    bool wp_inverted;
};

#endif
