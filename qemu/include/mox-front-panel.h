/*
 * Turris MOX: the LED and the button, as a program on the host sees them
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_MOX_MOX_FRONT_PANEL_H
#define HW_MOX_MOX_FRONT_PANEL_H

#include "chardev/char-fe.h"
#include "hw/sysbus.h"
#include "qemu/timer.h"
#include "qom/object.h"

#define TYPE_MOX_FRONT_PANEL "mox-front-panel"
OBJECT_DECLARE_SIMPLE_TYPE(MoxFrontPanelState, MOX_FRONT_PANEL)

/* Named lines to the SoC's pins; low: lit, pressed */
#define MOX_PANEL_LED       "led"
#define MOX_PANEL_BUTTON    "button"

#define MOX_PANEL_PLANS     64
#define MOX_PANEL_LINE      128

typedef struct MoxPanelPlan {
    int64_t when;               /* ns of virtual time */
    uint8_t what;
} MoxPanelPlan;

/*
 * QEMU interface:
 *  + named input "led", named output "button": the SoC's pins
 *  + unnamed output 0: high while the LED is lit; unnamed input 0: high presses
 *    the button (for qtest: set_irq_in and irq_intercept_out)
 *  + properties "lit" (read only) and "pressed"
 *  + property "chardev": a line per edge, and commands; docs in README.md
 */
struct MoxFrontPanelState {
    SysBusDevice parent_obj;

    CharBackend chr;
    qemu_irq button;
    qemu_irq lit_out;
    bool lit;
    bool pressed;

    /* What will happen at its time, the next first */
    MoxPanelPlan plans[MOX_PANEL_PLANS];
    uint32_t plan_count;
    QEMUTimer *timer;

    /* Connection: not part of the machine's state */
    GString *out;
    guint watch;
    bool lost;
    char line[MOX_PANEL_LINE];
    unsigned line_size;
};

#endif
