/*
 * Marvell 88E1510 (Alaska): gigabit Ethernet transceiver, and what is at the
 * other end of its cable
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_MOX_M88E1510_H
#define HW_MOX_M88E1510_H

#include "hw/qdev-core.h"
#include "qemu/timer.h"
#include "qom/object.h"

#define TYPE_M88E1510 "m88e1510"
OBJECT_DECLARE_SIMPLE_TYPE(M88E1510State, M88E1510)

#define M88E1510_PAGES      32
#define M88E1510_REGS       32

/* Named output: high while there is a link. It falls before each change. */
#define M88E1510_LINK       "link"
/* Named output: the interrupt pin, active high here. */
#define M88E1510_INTERRUPT  "interrupt"

typedef struct M88E1510Link {
    bool up;
    bool full_duplex;
    bool pause;
    uint16_t speed;             /* Mbit/s: 10, 100, 1000; 0: no link */
} M88E1510Link;

struct M88E1510State {
    DeviceState parent_obj;

    /* Properties: the other end of the cable */
    bool cable;                 /* "cable": it is plugged in */
    uint32_t partner_speed;     /* "partner-speed": its fastest, Mbit/s */
    bool partner_half_duplex;   /* "partner-half-duplex": it can do no other */
    uint32_t autoneg_ms;        /* "autoneg-ms": what a negotiation takes */

    bool carrier;               /* the network behind the cable is alive */
    M88E1510Link link;
    bool autoneg_complete;
    bool link_lost;             /* since BMSR was read: the bit latches low */
    uint8_t page;
    uint16_t regs[M88E1510_PAGES][M88E1510_REGS];
    QEMUTimer *autoneg;
    qemu_irq link_out;
    qemu_irq interrupt;
};

/* A read and a write by MDIO; reg is taken modulo 32. */
uint16_t m88e1510_read(M88E1510State *s, unsigned reg);
void m88e1510_write(M88E1510State *s, unsigned reg, uint16_t value);

/* Tells whether the network behind the cable is alive (QMP set_link). */
void m88e1510_set_carrier(M88E1510State *s, bool carrier);

#endif
