/*
 * Marvell Armada 3720: the three common PHYs for USB 3, PCIe, SATA and SGMII
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_MOX_ARMADA3700_COMPHY_H
#define HW_MOX_ARMADA3700_COMPHY_H

#include "hw/sysbus.h"
#include "qom/object.h"

#define TYPE_A3700_COMPHY "armada3700-comphy"
OBJECT_DECLARE_SIMPLE_TYPE(A3700ComphyState, A3700_COMPHY)

#define A3700_COMPHY_SIZE           0x300
#define A3700_COMPHY_LANE_SIZE      0x1000
#define A3700_COMPHY_INDIRECT_REGS  0x800

/*
 * QEMU interface: sysbus MMIO regions
 *  + 0: common registers, 0x300 bytes; 1: lane 0; 2: lane 1, 0x1000 bytes each
 *  + 3: lane 2 by address and data register, 8 bytes
 */
struct A3700ComphyState {
    SysBusDevice parent_obj;

    MemoryRegion common_mmio;
    MemoryRegion lane_mmio[2];
    MemoryRegion indirect_mmio;

    uint8_t common[A3700_COMPHY_SIZE];
    uint8_t lane0[A3700_COMPHY_LANE_SIZE];
    uint8_t lane1[A3700_COMPHY_LANE_SIZE];
    uint32_t lane2[A3700_COMPHY_INDIRECT_REGS];
    uint32_t index;             /* of lane 2 */
};

#endif
