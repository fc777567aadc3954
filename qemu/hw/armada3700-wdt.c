/*
 * Marvell Armada 3720: counters, one of which can be the watchdog
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A counter counts down from what was written, in ticks of the crystal divided
 * by its prescaler. It starts when it is enabled, or when its trigger comes:
 * drivers make counter 0 short, and its end starts counter 1 anew, which is the
 * watchdog. Mode "one shot" and the trigger "previous counter" are all that is
 * here.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "hw/registerfields.h"
#include "migration/vmstate.h"
#include "sysemu/watchdog.h"
#include "hw/mox/armada3700.h"
#include "hw/mox/armada3700-wdt.h"

#define COUNTER_SIZE    0x10
#define SELECT_SIZE     0x4

REG32(CNTR_CTRL, 0x0)
    FIELD(CNTR_CTRL, ENABLE, 0, 1)
    FIELD(CNTR_CTRL, ACTIVE, 1, 1)      /* read only */
    FIELD(CNTR_CTRL, MODE, 2, 2)
    FIELD(CNTR_CTRL, TRIG_SRC, 4, 4)
    FIELD(CNTR_CTRL, PRESCALE, 8, 8)
REG32(CNTR_COUNT_LOW, 0x4)
REG32(CNTR_COUNT_HIGH, 0x8)

enum {
    MODE_ONESHOT = 0,
    MODE_HWSIG = 3,         /* waits for its trigger */
};
#define TRIG_SRC_PREV_CNTR 5

/* The watchdog is the counter whose bit is set. */
#define SELECT_MASK 0xf

/* 0 divides by 1. Not more than a clock of 63 bits counts. */
static int64_t a3700_counter_ns(const A3700Counter *c, uint64_t ticks)
{
    const uint32_t prescale = MAX(FIELD_EX32(c->ctrl, CNTR_CTRL, PRESCALE), 1);
    const uint32_t tick_ns = NANOSECONDS_PER_SECOND / A3700_XTAL_HZ * prescale;

    return MIN(ticks, (uint64_t)INT64_MAX / 2 / tick_ns) * tick_ns;
}

static bool a3700_counter_is_active(const A3700Counter *c)
{
    return timer_pending((QEMUTimer *)&c->timer);
}

static uint64_t a3700_counter_value(const A3700Counter *c)
{
    int64_t left;

    if (!a3700_counter_is_active(c)) {
        return c->load;
    }
    left = c->end_ns - qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    return MAX(left, 0) / a3700_counter_ns(c, 1);
}

static void a3700_counter_start(A3700Counter *c)
{
    c->end_ns = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) +
                a3700_counter_ns(c, c->load);
    timer_mod(&c->timer, c->end_ns);
}

static bool a3700_counter_waits_for_previous(const A3700Counter *c)
{
    return (c->ctrl & R_CNTR_CTRL_ENABLE_MASK) &&
           FIELD_EX32(c->ctrl, CNTR_CTRL, MODE) == MODE_HWSIG &&
           FIELD_EX32(c->ctrl, CNTR_CTRL, TRIG_SRC) == TRIG_SRC_PREV_CNTR;
}

static void a3700_counter_end(void *opaque)
{
    A3700Counter *c = opaque;
    A3700WdtState *s = c->wdt;
    const int id = c - s->counter;

    if (s->select & BIT(id)) {
        watchdog_perform_action();
    }
    if (id + 1 < A3700_WDT_COUNTERS &&
        a3700_counter_waits_for_previous(&s->counter[id + 1])) {
        a3700_counter_start(&s->counter[id + 1]);
    }
}

static void a3700_counter_write_ctrl(A3700Counter *c, uint32_t value)
{
    const bool was_enabled = c->ctrl & R_CNTR_CTRL_ENABLE_MASK;

    c->ctrl = value & ~R_CNTR_CTRL_ACTIVE_MASK;
    if (!(value & R_CNTR_CTRL_ENABLE_MASK)) {
        timer_del(&c->timer);
        return;
    }
    switch (FIELD_EX32(value, CNTR_CTRL, MODE)) {
    case MODE_ONESHOT:
        if (!was_enabled) {
            a3700_counter_start(c);
        }
        break;
    case MODE_HWSIG:
        if (FIELD_EX32(value, CNTR_CTRL, TRIG_SRC) == TRIG_SRC_PREV_CNTR) {
            break;
        }
        /* fall through */
    default:
        qemu_log_mask(LOG_UNIMP, "%s: mode or trigger in 0x%x\n",
                      TYPE_A3700_WDT, value);
    }
}

static uint64_t a3700_wdt_read(void *opaque, hwaddr addr, unsigned size)
{
    A3700WdtState *s = opaque;
    const A3700Counter *c = &s->counter[addr / COUNTER_SIZE];

    switch (addr % COUNTER_SIZE) {
    case A_CNTR_CTRL:
        return FIELD_DP32(c->ctrl, CNTR_CTRL, ACTIVE,
                          a3700_counter_is_active(c));
    case A_CNTR_COUNT_LOW:
        return extract64(a3700_counter_value(c), 0, 32);
    case A_CNTR_COUNT_HIGH:
        return extract64(a3700_counter_value(c), 32, 32);
    default:
        qemu_log_mask(LOG_UNIMP, "%s: read at 0x%" HWADDR_PRIx "\n",
                      TYPE_A3700_WDT, addr);
        return 0;
    }
}

static void a3700_wdt_write(void *opaque, hwaddr addr, uint64_t value,
                            unsigned size)
{
    A3700WdtState *s = opaque;
    A3700Counter *c = &s->counter[addr / COUNTER_SIZE];

    switch (addr % COUNTER_SIZE) {
    case A_CNTR_CTRL:
        a3700_counter_write_ctrl(c, value);
        break;
    case A_CNTR_COUNT_LOW:
        c->load = deposit64(c->load, 0, 32, value);
        break;
    case A_CNTR_COUNT_HIGH:
        c->load = deposit64(c->load, 32, 32, value);
        break;
    default:
        qemu_log_mask(LOG_UNIMP, "%s: write at 0x%" HWADDR_PRIx "\n",
                      TYPE_A3700_WDT, addr);
    }
}

static uint64_t a3700_wdt_select_read(void *opaque, hwaddr addr, unsigned size)
{
    return A3700_WDT(opaque)->select;
}

static void a3700_wdt_select_write(void *opaque, hwaddr addr, uint64_t value,
                                   unsigned size)
{
    A3700_WDT(opaque)->select = value & SELECT_MASK;
}

static const MemoryRegionOps a3700_wdt_ops = {
    .read = a3700_wdt_read,
    .write = a3700_wdt_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .impl.min_access_size = 4,
    .impl.max_access_size = 4,
};

static const MemoryRegionOps a3700_wdt_select_ops = {
    .read = a3700_wdt_select_read,
    .write = a3700_wdt_select_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .impl.min_access_size = 4,
    .impl.max_access_size = 4,
};

static void a3700_wdt_reset(DeviceState *dev)
{
    A3700WdtState *s = A3700_WDT(dev);

    for (int i = 0; i < A3700_WDT_COUNTERS; i++) {
        A3700Counter *c = &s->counter[i];

        timer_del(&c->timer);
        c->ctrl = 0;
        c->load = 0;
        c->end_ns = 0;
    }
    s->select = 0;
}

static void a3700_wdt_init(Object *obj)
{
    A3700WdtState *s = A3700_WDT(obj);
    SysBusDevice *sbd = SYS_BUS_DEVICE(obj);

    for (int i = 0; i < A3700_WDT_COUNTERS; i++) {
        s->counter[i].wdt = s;
        timer_init_ns(&s->counter[i].timer, QEMU_CLOCK_VIRTUAL,
                      a3700_counter_end, &s->counter[i]);
    }
    memory_region_init_io(&s->counter_mmio, obj, &a3700_wdt_ops, s,
                          TYPE_A3700_WDT, A3700_WDT_COUNTERS * COUNTER_SIZE);
    memory_region_init_io(&s->select_mmio, obj, &a3700_wdt_select_ops, s,
                          "armada3700-wdt-select", SELECT_SIZE);
    sysbus_init_mmio(sbd, &s->counter_mmio);
    sysbus_init_mmio(sbd, &s->select_mmio);
}

static void a3700_wdt_finalize(Object *obj)
{
    A3700WdtState *s = A3700_WDT(obj);

    for (int i = 0; i < A3700_WDT_COUNTERS; i++) {
        timer_del(&s->counter[i].timer);
    }
}

static const VMStateDescription a3700_counter_vmstate = {
    .name = "armada3700-counter",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (VMStateField[]) {
        VMSTATE_TIMER(timer, A3700Counter),
        VMSTATE_UINT32(ctrl, A3700Counter),
        VMSTATE_UINT64(load, A3700Counter),
        VMSTATE_INT64(end_ns, A3700Counter),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription a3700_wdt_vmstate = {
    .name = TYPE_A3700_WDT,
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (VMStateField[]) {
        VMSTATE_STRUCT_ARRAY(counter, A3700WdtState, A3700_WDT_COUNTERS, 1,
                             a3700_counter_vmstate, A3700Counter),
        VMSTATE_UINT32(select, A3700WdtState),
        VMSTATE_END_OF_LIST()
    }
};

static void a3700_wdt_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->reset = a3700_wdt_reset;
    dc->vmsd = &a3700_wdt_vmstate;
    set_bit(DEVICE_CATEGORY_WATCHDOG, dc->categories);
}

static const TypeInfo a3700_wdt_info = {
    .name = TYPE_A3700_WDT,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(A3700WdtState),
    .instance_init = a3700_wdt_init,
    .instance_finalize = a3700_wdt_finalize,
    .class_init = a3700_wdt_class_init,
};

static void a3700_wdt_register_types(void)
{
    type_register_static(&a3700_wdt_info);
}
type_init(a3700_wdt_register_types)
