/*
 * Marvell Armada 3720: internal registers without a model of their own
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_MOX_ARMADA3700_REGS_H
#define HW_MOX_ARMADA3700_REGS_H

#include "hw/sysbus.h"
#include "qom/object.h"

#define TYPE_A3700_REGS "armada3700-regs"
OBJECT_DECLARE_SIMPLE_TYPE(A3700RegsState, A3700_REGS)

/* What is stored; accesses above it read 0 and are logged. */
#define A3700_REGS_STORED 0x100000

/*
 * QEMU interface:
 *  + sysbus MMIO region 0: all of the internal registers, to lie below the devices
 *  + property "ram-size": what the CPU address decoder says of the memory
 */
struct A3700RegsState {
    SysBusDevice parent_obj;

    MemoryRegion mmio;
    uint64_t ram_size;
    uint32_t regs[A3700_REGS_STORED / 4];
};

#endif
