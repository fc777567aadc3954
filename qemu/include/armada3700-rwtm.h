/*
 * Marvell Armada 3720: mailbox of the secure processor (rWTM), and the MOX's
 * firmware that answers there
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_MOX_ARMADA3700_RWTM_H
#define HW_MOX_ARMADA3700_RWTM_H

#include "hw/sysbus.h"
#include "net/net.h"
#include "qom/object.h"

#define TYPE_A3700_RWTM "armada3700-rwtm"
OBJECT_DECLARE_SIMPLE_TYPE(A3700RwtmState, A3700_RWTM)

#define A3700_RWTM_WORDS    16

/*
 * QEMU interface:
 *  + sysbus MMIO region 0: the registers, 0x100 bytes; interrupt 0
 *  + properties "serial-number", "board-version", "ram-size" (MiB)
 *  + properties "mac", "mac2": the burned addresses; "mac2" is by default the
 *    one after "mac"
 *  + property "public-key": 134 hexadecimal digits; none: no key is burned
 *  + property "manufactured" (true): false, no information is burned
 */
struct A3700RwtmState {
    SysBusDevice parent_obj;

    MemoryRegion mmio;
    qemu_irq irq;

    uint64_t serial_number;
    uint32_t board_version;
    uint32_t ram_mib;
    MACAddr mac;
    MACAddr mac2;
    char *public_key;
    bool manufactured;

    uint32_t params[A3700_RWTM_WORDS];
    uint32_t results[A3700_RWTM_WORDS];
    uint32_t command;
    uint32_t status;            /* of the last command */
    uint32_t host_int;
    uint32_t host_int_mask;     /* 1: masked */
};

#endif
