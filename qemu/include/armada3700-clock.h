/*
 * Marvell Armada 3720: clocks of the north and south bridge, TBG
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_MOX_ARMADA3700_CLOCK_H
#define HW_MOX_ARMADA3700_CLOCK_H

#include "hw/sysbus.h"
#include "qom/object.h"

#define TYPE_A3700_CLOCK "armada3700-clock"
OBJECT_DECLARE_SIMPLE_TYPE(A3700ClockState, A3700_CLOCK)

/* The two TBGs' registers lie above those of the north bridge's clocks. */
#define A3700_NB_CLOCK_SIZE     0x300
#define A3700_SB_CLOCK_SIZE     0x100

/*
 * QEMU interface:
 *  + sysbus MMIO region 0: north bridge and TBG
 *  + sysbus MMIO region 1: south bridge
 */
struct A3700ClockState {
    SysBusDevice parent_obj;

    MemoryRegion nb_mmio;
    MemoryRegion sb_mmio;
    uint32_t nb[A3700_NB_CLOCK_SIZE / 4];
    uint32_t sb[A3700_SB_CLOCK_SIZE / 4];
};

#endif
