/*
 * Marvell Armada 3720: USB 2 PHY (UTMI) with its miscellaneous registers
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_MOX_ARMADA3700_UTMI_H
#define HW_MOX_ARMADA3700_UTMI_H

#include "hw/sysbus.h"
#include "qom/object.h"

#define TYPE_A3700_UTMI "armada3700-utmi"
OBJECT_DECLARE_SIMPLE_TYPE(A3700UtmiState, A3700_UTMI)

#define A3700_UTMI_SIZE     0x1000

/* QEMU interface: sysbus MMIO region 0, PHY and, from 0x800 on, miscellany.
 * One is at the xHCI (OTG), one at the EHCI (host). */
struct A3700UtmiState {
    SysBusDevice parent_obj;

    MemoryRegion mmio;
    uint32_t regs[A3700_UTMI_SIZE / 4];
};

#endif
