/*
 * Marvell Armada 3720: counters, one of which can be the watchdog
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_MOX_ARMADA3700_WDT_H
#define HW_MOX_ARMADA3700_WDT_H

#include "hw/sysbus.h"
#include "qemu/timer.h"
#include "qom/object.h"

#define TYPE_A3700_WDT "armada3700-wdt"
OBJECT_DECLARE_SIMPLE_TYPE(A3700WdtState, A3700_WDT)

#define A3700_WDT_COUNTERS 4

typedef struct A3700Counter {
    struct A3700WdtState *wdt;
    QEMUTimer timer;
    uint32_t ctrl;
    uint64_t load;      /* what was written: where it starts */
    int64_t end_ns;     /* virtual time; while it runs */
} A3700Counter;

/*
 * QEMU interface:
 *  + sysbus MMIO region 0: the counters; region 1: which one is the watchdog
 *
 * When that one has run down, QEMU's watchdog action follows: a reset.
 */
struct A3700WdtState {
    SysBusDevice parent_obj;

    MemoryRegion counter_mmio;
    MemoryRegion select_mmio;
    A3700Counter counter[A3700_WDT_COUNTERS];
    uint32_t select;
};

#endif
