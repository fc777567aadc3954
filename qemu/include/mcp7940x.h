/*
 * Microchip MCP7940x: clock with alarms and battery-backed memory, on I2C
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_MOX_MCP7940X_H
#define HW_MOX_MCP7940X_H

#include "hw/i2c/i2c.h"
#include "qemu/timer.h"
#include "qom/object.h"

#define TYPE_MCP7940X "mcp7940x"
OBJECT_DECLARE_SIMPLE_TYPE(MCP7940xState, MCP7940X)

#define MCP7940X_ADDRESS        0x6f
#define MCP7940X_REGISTERS      0x60

/*
 * QEMU interface:
 *  + unnamed output 0: the pin MFP, the alarms' interrupt
 * The time is that of QEMU's option -rtc.
 */
struct MCP7940xState {
    I2CSlave parent_obj;

    uint8_t regs[MCP7940X_REGISTERS];
    int64_t offset;             /* seconds ahead of QEMU's clock */
    uint8_t weekday_offset;     /* days ahead of QEMU's (1: Sunday) */
    uint8_t pointer;
    bool have_pointer;          /* of the transfer to us */
    bool time_written;          /* in the transfer to us */
    QEMUTimer *alarm;           /* each second while an alarm is on */
    qemu_irq mfp;
};

#endif
