/*
 * Marvell Armada 3720: UART 0
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_MOX_ARMADA3700_UART_H
#define HW_MOX_ARMADA3700_UART_H

#include "chardev/char-fe.h"
#include "hw/sysbus.h"
#include "qemu/fifo8.h"
#include "qom/object.h"

#define TYPE_A3700_UART "armada3700-uart"
OBJECT_DECLARE_SIMPLE_TYPE(A3700UartState, A3700_UART)

/*
 * QEMU interface:
 *  + sysbus MMIO region 0: the registers
 *  + sysbus IRQs 0 to 2: any of them, transmitter, receiver
 *  + property "chardev"
 */
struct A3700UartState {
    SysBusDevice parent_obj;

    MemoryRegion mmio;
    CharBackend chr;
    qemu_irq irq_sum;
    qemu_irq irq_tx;
    qemu_irq irq_rx;

    Fifo8 rx_fifo;
    uint32_t ctrl;
    uint32_t errors;    /* bits of STAT that stay until they are written */
    uint32_t brdv;
    uint32_t osamp;
};

#endif
