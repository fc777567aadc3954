/*
 * Turris MOX: the bus that tells which modules are plugged in (Moxtet)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_MOX_MOX_MOXTET_H
#define HW_MOX_MOX_MOXTET_H

#include "hw/ssi/ssi.h"
#include "qom/object.h"

#define TYPE_MOXTET "mox-moxtet"
OBJECT_DECLARE_SIMPLE_TYPE(MoxtetState, MOXTET)

/* What Linux looks for at most, without the CPU's own */
#define MOXTET_MODULES      9

/*
 * QEMU interface:
 *  + SSI peripheral, chip select active low; connect the line to SSI_GPIO_CS
 *  + property "modules": names or letters with ':' or '+' between, from the
 *    CPU outwards, as "topaz+sfp" or "C:D"; none by default. Commas are taken
 *    as well, where QEMU's option parser lets them through.
 *  + property "emmc": the CPU module has an eMMC instead of a card slot
 *  + named input "inputs": line 4n+i is input i of module n
 */
struct MoxtetState {
    SSIPeripheral parent_obj;

    char *modules;
    bool emmc;

    uint8_t count;
    uint8_t id[MOXTET_MODULES];
    uint8_t inputs[MOXTET_MODULES]; /* four bits each */
    uint8_t outputs[MOXTET_MODULES];
    uint8_t chain[MOXTET_MODULES + 1];  /* the outputs' shift registers */
    uint8_t position;
};

#define MOXTET_INPUTS       "inputs"

#endif
