/*
 * Marvell Armada 3720: I2C controller, master only
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_MOX_ARMADA3700_I2C_H
#define HW_MOX_ARMADA3700_I2C_H

#include "hw/i2c/i2c.h"
#include "hw/sysbus.h"
#include "qom/object.h"

#define TYPE_A3700_I2C "armada3700-i2c"
OBJECT_DECLARE_SIMPLE_TYPE(A3700I2CState, A3700_I2C)

/*
 * QEMU interface:
 *  + sysbus MMIO region 0: the registers, 0x24 bytes; interrupt 0
 *  + bus "i2c"
 */
struct A3700I2CState {
    SysBusDevice parent_obj;

    MemoryRegion mmio;
    I2CBus *bus;
    qemu_irq irq;

    uint32_t data;              /* IDBR */
    uint32_t control;           /* ICR */
    uint32_t status;            /* ISR */
    uint32_t slave_address;     /* ISAR: storage */
    bool reading;               /* direction of the transfer */
};

#endif
