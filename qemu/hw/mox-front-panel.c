/*
 * Turris MOX: the LED and the button, as a program on the host sees them
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Each edge is told with the machine's virtual time at which it happened, so
 * that what a test measures does not depend on how busy the host is. The button
 * is moved at once, or at a virtual time that was named in advance.
 */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qemu/module.h"
#include "chardev/char-fe.h"
#include "hw/irq.h"
#include "hw/mox/mox-front-panel.h"
#include "hw/qdev-properties.h"
#include "hw/qdev-properties-system.h"
#include "migration/vmstate.h"
#include "sysemu/cpu-timers.h"

/* A reader that is this far behind loses lines, and is told so. */
#define OUT_MAX             (1024 * 1024)

enum {
    PLAN_RELEASE,
    PLAN_PRESS,
    PLAN_TIME,
    PLAN_KINDS,
};

static int64_t now_ns(void)
{
    return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

/* Lines to the host */

static void flush_out(MoxFrontPanelState *s);

static gboolean may_write(void *do_not_use, GIOCondition condition,
                          void *opaque)
{
    MoxFrontPanelState *s = opaque;

    s->watch = 0;
    flush_out(s);
    return G_SOURCE_REMOVE;
}

static void flush_out(MoxFrontPanelState *s)
{
    int written;

    if (s->watch != 0 || s->out->len == 0) {
        return;
    }
    written = qemu_chr_fe_write(&s->chr, (const uint8_t *)s->out->str,
                                s->out->len);
    if (written > 0) {
        g_string_erase(s->out, 0, written);
    }
    if (s->out->len > 0) {
        s->watch = qemu_chr_fe_add_watch(&s->chr, G_IO_OUT | G_IO_HUP,
                                         may_write, s);
    }
    if (s->out->len > 0 && s->watch == 0) {
        /* The other side is gone. */
        g_string_truncate(s->out, 0);
    }
}

static void G_GNUC_PRINTF(2, 3) tell(MoxFrontPanelState *s,
                                     const char *format, ...)
{
    va_list args;

    if (!qemu_chr_fe_backend_open(&s->chr)) {
        return;
    }
    if (s->out->len > OUT_MAX) {
        s->lost = true;
        return;
    }
    if (s->lost) {
        s->lost = false;
        g_string_append_printf(s->out, "%" PRId64 " lost\n", now_ns());
    }
    g_string_append_printf(s->out, "%" PRId64 " ", now_ns());
    va_start(args, format);
    g_string_append_vprintf(s->out, format, args);
    va_end(args);
    g_string_append_c(s->out, '\n');
    flush_out(s);
}

/* LED and button */

static void led_pin(void *opaque, int line, int level)
{
    MoxFrontPanelState *s = opaque;
    bool lit = !level;

    if (s->lit == lit) {
        return;
    }
    s->lit = lit;
    tell(s, "led %d", lit);
    qemu_set_irq(s->lit_out, lit);
}

static void press(MoxFrontPanelState *s, bool pressed)
{
    if (s->pressed == pressed) {
        return;
    }
    s->pressed = pressed;
    tell(s, "button %d", pressed);
    qemu_set_irq(s->button, !pressed);
}

static void button_input(void *opaque, int line, int level)
{
    press(opaque, level);
}

static void carry_out(MoxFrontPanelState *s, unsigned what)
{
    switch (what) {
    case PLAN_RELEASE:
    case PLAN_PRESS:
        press(s, what == PLAN_PRESS);
        break;
    case PLAN_TIME:
        tell(s, "time");
        break;
    }
}

/* Plans */

static void set_timer(MoxFrontPanelState *s)
{
    if (s->plan_count == 0) {
        timer_del(s->timer);
    } else {
        timer_mod(s->timer, s->plans[0].when);
    }
}

static void plans_due(void *opaque)
{
    MoxFrontPanelState *s = opaque;

    while (s->plan_count > 0 && s->plans[0].when <= now_ns()) {
        unsigned what = s->plans[0].what;

        s->plan_count--;
        memmove(s->plans, s->plans + 1, s->plan_count * sizeof(s->plans[0]));
        carry_out(s, what);
    }
    set_timer(s);
}

/* Of plans for the same time the one made first comes first. */
static void plan(MoxFrontPanelState *s, int64_t when, unsigned what)
{
    unsigned place = s->plan_count;

    if (s->plan_count == MOX_PANEL_PLANS) {
        tell(s, "error more than %d commands wait", MOX_PANEL_PLANS);
        return;
    }
    while (place > 0 && s->plans[place - 1].when > when) {
        s->plans[place] = s->plans[place - 1];
        place--;
    }
    s->plans[place] = (MoxPanelPlan) { .when = when, .what = what };
    s->plan_count++;
    set_timer(s);
}

/* Commands: [at NS | in NS] (button 0|1 | time), or: forget */

static bool parse_when(char ***word, int64_t *when, bool *planned)
{
    bool relative = !g_strcmp0(**word, "in");
    int64_t ns;

    *planned = relative || !g_strcmp0(**word, "at");
    if (!*planned) {
        return true;
    }
    if (!(*word)[1] || qemu_strtoi64((*word)[1], NULL, 10, &ns) != 0 ||
        ns < 0 || ns > INT64_MAX / 4) {
        return false;
    }
    *when = relative ? now_ns() + ns : ns;
    *word += 2;
    return true;
}

static bool parse_what(char **word, unsigned *what)
{
    if (!g_strcmp0(word[0], "time") && !word[1]) {
        *what = PLAN_TIME;
        return true;
    }
    if (!g_strcmp0(word[0], "button") && word[1] && !word[2] &&
        (!strcmp(word[1], "0") || !strcmp(word[1], "1"))) {
        *what = word[1][0] == '1' ? PLAN_PRESS : PLAN_RELEASE;
        return true;
    }
    return false;
}

static void run_line(MoxFrontPanelState *s, const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", 8);
    char **word = words;
    int64_t when = 0;
    unsigned what = PLAN_TIME;
    bool planned = false;

    if (!g_strcmp0(word[0], "forget") && !word[1]) {
        s->plan_count = 0;
        set_timer(s);
    } else if (!parse_when(&word, &when, &planned) ||
               !parse_what(word, &what)) {
        tell(s, "error unknown command: %s", line);
    } else if (planned && when > now_ns()) {
        plan(s, when, what);
    } else {
        carry_out(s, what);
    }
}

static int panel_can_receive(void *opaque)
{
    return MOX_PANEL_LINE;
}

/*
 * With -icount, the virtual time of idle processors stands still until one of
 * them wakes up, and then makes up for it: a command would be carried out in
 * the past, and what is planned relative to it too early.
 */
static void panel_receive(void *opaque, const uint8_t *data, int size)
{
    MoxFrontPanelState *s = opaque;

    if (icount_enabled()) {
        icount_account_warp_timer();
    }
    for (int i = 0; i < size; i++) {
        char c = data[i];

        if (c == '\n') {
            s->line[s->line_size] = '\0';
            s->line_size = 0;
            run_line(s, s->line);
        } else if (s->line_size < sizeof(s->line) - 1) {
            s->line[s->line_size++] = g_ascii_isprint(c) ? c : '?';
        }
    }
}

static void panel_event(void *opaque, QEMUChrEvent event)
{
    MoxFrontPanelState *s = opaque;

    if (event != CHR_EVENT_OPENED && event != CHR_EVENT_CLOSED) {
        return;
    }
    if (s->watch != 0) {
        g_source_remove(s->watch);
        s->watch = 0;
    }
    g_string_truncate(s->out, 0);
    s->line_size = 0;
    s->lost = false;
    if (event == CHR_EVENT_OPENED) {
        tell(s, "led %d", s->lit);
        tell(s, "button %d", s->pressed);
    }
}

/* Life */

/* The finger on the button does not feel a reset of the machine. */
static void panel_reset(DeviceState *dev)
{
    MoxFrontPanelState *s = MOX_FRONT_PANEL(dev);

    tell(s, "reset");
    qemu_set_irq(s->button, !s->pressed);
}

static void panel_realize(DeviceState *dev, Error **errp)
{
    MoxFrontPanelState *s = MOX_FRONT_PANEL(dev);

    qemu_chr_fe_set_handlers(&s->chr, panel_can_receive, panel_receive,
                             panel_event, NULL, s, NULL, true);
}

static bool get_lit(Object *obj, Error **errp)
{
    return MOX_FRONT_PANEL(obj)->lit;
}

static bool get_pressed(Object *obj, Error **errp)
{
    return MOX_FRONT_PANEL(obj)->pressed;
}

static void set_pressed(Object *obj, bool value, Error **errp)
{
    press(MOX_FRONT_PANEL(obj), value);
}

static void panel_init(Object *obj)
{
    MoxFrontPanelState *s = MOX_FRONT_PANEL(obj);
    DeviceState *dev = DEVICE(obj);

    s->out = g_string_new(NULL);
    s->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, plans_due, s);
    qdev_init_gpio_in_named(dev, led_pin, MOX_PANEL_LED, 1);
    qdev_init_gpio_out_named(dev, &s->button, MOX_PANEL_BUTTON, 1);
    qdev_init_gpio_in(dev, button_input, 1);
    qdev_init_gpio_out(dev, &s->lit_out, 1);
}

static void panel_finalize(Object *obj)
{
    MoxFrontPanelState *s = MOX_FRONT_PANEL(obj);

    if (s->watch != 0) {
        g_source_remove(s->watch);
    }
    timer_free(s->timer);
    g_string_free(s->out, true);
}

static int panel_post_load(void *opaque, int version)
{
    MoxFrontPanelState *s = opaque;

    if (s->plan_count > MOX_PANEL_PLANS) {
        return -EINVAL;
    }
    set_timer(s);
    tell(s, "led %d", s->lit);
    tell(s, "button %d", s->pressed);
    return 0;
}

static const VMStateDescription plan_vmstate = {
    .name = "mox-front-panel-plan",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (VMStateField[]) {
        VMSTATE_INT64(when, MoxPanelPlan),
        VMSTATE_UINT8(what, MoxPanelPlan),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription panel_vmstate = {
    .name = TYPE_MOX_FRONT_PANEL,
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = panel_post_load,
    .fields = (VMStateField[]) {
        VMSTATE_BOOL(lit, MoxFrontPanelState),
        VMSTATE_BOOL(pressed, MoxFrontPanelState),
        VMSTATE_UINT32(plan_count, MoxFrontPanelState),
        VMSTATE_STRUCT_ARRAY(plans, MoxFrontPanelState, MOX_PANEL_PLANS, 1,
                             plan_vmstate, MoxPanelPlan),
        VMSTATE_END_OF_LIST()
    }
};

static Property panel_properties[] = {
    DEFINE_PROP_CHR("chardev", MoxFrontPanelState, chr),
    DEFINE_PROP_END_OF_LIST(),
};

static void panel_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->desc = "Turris MOX LED and button";
    dc->realize = panel_realize;
    dc->reset = panel_reset;
    dc->vmsd = &panel_vmstate;
    device_class_set_props(dc, panel_properties);
    object_class_property_add_bool(klass, "lit", get_lit, NULL);
    object_class_property_add_bool(klass, "pressed", get_pressed,
                                   set_pressed);
}

static const TypeInfo panel_info = {
    .name = TYPE_MOX_FRONT_PANEL,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(MoxFrontPanelState),
    .instance_init = panel_init,
    .instance_finalize = panel_finalize,
    .class_init = panel_class_init,
};

static void panel_register_types(void)
{
    type_register_static(&panel_info);
}
type_init(panel_register_types)
