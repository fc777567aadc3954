/*
 * Marvell Armada 3720: SPI controller
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_MOX_ARMADA3700_SPI_H
#define HW_MOX_ARMADA3700_SPI_H

#include "hw/ssi/ssi.h"
#include "hw/sysbus.h"
#include "qom/object.h"

#define TYPE_A3700_SPI "armada3700-spi"
OBJECT_DECLARE_SIMPLE_TYPE(A3700SpiState, A3700_SPI)

#define A3700_SPI_REGS      (0x30 / 4)
#define A3700_SPI_CS_LINES  4

/*
 * QEMU interface:
 *  + sysbus MMIO region 0: the page that has the registers, at 0x600
 *  + sysbus IRQ 0
 *  + SSI bus "spi"
 *  + GPIO outputs SSI_GPIO_CS: chip selects, active low
 */
struct A3700SpiState {
    SysBusDevice parent_obj;

    MemoryRegion mmio;
    SSIBus *bus;
    qemu_irq irq;
    qemu_irq cs[A3700_SPI_CS_LINES];

    uint32_t regs[A3700_SPI_REGS];
    uint32_t shifted_in;    /* DIN without FIFO */
    uint32_t left;          /* bytes still to come into the read FIFO */
    bool reading;           /* a transfer with the FIFOs is on, inwards */
    bool writing;           /* the same, outwards */
    bool fifo_used;         /* since the last reset */
};

#endif
