/*
 * Marvell Armada 3720: pins of one bridge, with its GPIOs and their interrupts
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_MOX_ARMADA3700_PINCTRL_H
#define HW_MOX_ARMADA3700_PINCTRL_H

#include "hw/sysbus.h"
#include "qom/object.h"

#define TYPE_A3700_PINCTRL "armada3700-pinctrl"
OBJECT_DECLARE_SIMPLE_TYPE(A3700PinctrlState, A3700_PINCTRL)

#define A3700_NB_PINS   36
#define A3700_SB_PINS   30
#define A3700_MAX_PINS  36

/*
 * QEMU interface:
 *  + sysbus MMIO region 0: pins; region 1: interrupts of the GPIOs
 *  + sysbus IRQ 0: any GPIO's
 *  + unnamed GPIO outputs: level of each pin, unnamed GPIO inputs: level that
 *    the board puts on a pin that is no output; 1 (pulled up) until it is set
 *  + property "pins": how many
 *  + property "warm-reset": has the register that resets the SoC (north bridge)
 */
struct A3700PinctrlState {
    SysBusDevice parent_obj;

    MemoryRegion pin_mmio;
    MemoryRegion irq_mmio;
    qemu_irq irq;
    qemu_irq pin[A3700_MAX_PINS];
    uint8_t pins;
    bool warm_reset;

    /* Bit n is pin n; registers are halves of it. */
    uint64_t outside;   /* not the SoC's: a reset leaves it */
    uint64_t level;
    uint64_t out_en;
    uint64_t out_val;
    uint64_t out_ctl;
    uint64_t irq_en;
    uint64_t irq_pol;
    uint64_t irq_status;
    uint64_t irq_wkup;
    uint32_t selection;
};

#endif
