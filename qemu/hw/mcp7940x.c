/*
 * Microchip MCP7940x: clock with alarms and battery-backed memory, on I2C
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Source: data sheet DS20002266. Not modelled: square wave output, trimming,
 * power-fail time stamps, the EEPROM and its other I2C address.
 */
#include "qemu/osdep.h"
#include "qemu/bcd.h"
#include "qemu/cutils.h"
#include "qemu/module.h"
#include "hw/irq.h"
#include "hw/mox/mcp7940x.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "sysemu/rtc.h"
#include "sysemu/sysemu.h"

#define RTCSEC              0x00
#define   RTCSEC_ST         0x80    /* the oscillator shall run */
#define RTCMIN              0x01
#define RTCHOUR             0x02
#define   RTCHOUR_12        0x40
#define   RTCHOUR_PM        0x20
#define RTCWKDAY            0x03
#define   RTCWKDAY_OSCRUN   0x20
#define   RTCWKDAY_PWRFAIL  0x10
#define   RTCWKDAY_VBATEN   0x08
#define RTCDATE             0x04
#define RTCMTH              0x05
#define   RTCMTH_LPYR       0x20
#define RTCYEAR             0x06
#define TIME_REGISTERS      7
#define CONTROL             0x07
#define   CONTROL_OUT       0x80
#define   CONTROL_ALM(n)    (0x10 << (n))
#define ALARM(n)            (0x0a + 7 * (n))
#define   ALMWKDAY          3       /* offset in an alarm's registers */
#define   ALMWKDAY_POL      0x80
#define   ALMWKDAY_MASK(v)  (((v) >> 4) & 7)
#define   ALMWKDAY_IF       0x08
#define ALARMS              2

/* What an alarm compares: its registers' bits */
static const uint8_t compared[] = { 0x7f, 0x7f, 0x3f, 0x07, 0x3f, 0x1f };
enum { SECONDS, MINUTES, HOURS, WEEKDAY, DATE, MONTH };

static bool running(const MCP7940xState *s)
{
    return s->regs[RTCSEC] & RTCSEC_ST;
}

/* Time to registers and back */

/* Brings the time registers up to date, with the flags that are in them. */
static void store_time(MCP7940xState *s)
{
    uint8_t *r = s->regs;
    struct tm now;

    if (!running(s)) {
        r[RTCWKDAY] &= ~RTCWKDAY_OSCRUN;
        return;
    }
    qemu_get_timedate(&now, s->offset);
    r[RTCSEC] = RTCSEC_ST | to_bcd(now.tm_sec);
    r[RTCMIN] = to_bcd(now.tm_min);
    if (r[RTCHOUR] & RTCHOUR_12) {
        int hour = now.tm_hour % 12 ? now.tm_hour % 12 : 12;

        r[RTCHOUR] = RTCHOUR_12 | to_bcd(hour) |
                     (now.tm_hour >= 12 ? RTCHOUR_PM : 0);
    } else {
        r[RTCHOUR] = to_bcd(now.tm_hour);
    }
    r[RTCWKDAY] = (r[RTCWKDAY] & (RTCWKDAY_VBATEN | RTCWKDAY_PWRFAIL)) |
                  RTCWKDAY_OSCRUN |
                  ((now.tm_wday + s->weekday_offset) % 7 + 1);
    r[RTCDATE] = to_bcd(now.tm_mday);
    r[RTCMTH] = to_bcd(now.tm_mon + 1) |
                (now.tm_year % 4 == 0 ? RTCMTH_LPYR : 0);
    r[RTCYEAR] = to_bcd(now.tm_year % 100);
}

static int hour_of(uint8_t value)
{
    if (value & RTCHOUR_12) {
        return from_bcd(value & 0x1f) % 12 + (value & RTCHOUR_PM ? 12 : 0);
    }
    return from_bcd(value & 0x3f);
}

/* The registers were written: from now on their time counts. */
static void load_time(MCP7940xState *s)
{
    const uint8_t *r = s->regs;
    struct tm then = {
        .tm_sec = from_bcd(r[RTCSEC] & 0x7f),
        .tm_min = from_bcd(r[RTCMIN] & 0x7f),
        .tm_hour = hour_of(r[RTCHOUR]),
        .tm_mday = from_bcd(r[RTCDATE] & 0x3f),
        .tm_mon = from_bcd(r[RTCMTH] & 0x1f) - 1,
        .tm_year = from_bcd(r[RTCYEAR]) + 100,
    };
    struct tm now;

    if (then.tm_mday < 1 || then.tm_mon < 0) {
        /* The clock has lost its battery, or the guest writes nonsense. */
        then.tm_mday = MAX(then.tm_mday, 1);
        then.tm_mon = MAX(then.tm_mon, 0);
    }
    /* qemu_timedate_diff() counts by the host's clock, even with clock=vm. */
    qemu_get_timedate(&now, 0);
    s->offset = mktimegm(&then) - mktimegm(&now);
    qemu_get_timedate(&now, s->offset);
    s->weekday_offset = ((r[RTCWKDAY] & 7) + 13 - now.tm_wday) % 7;
}

/* Alarms */

static void update_mfp(MCP7940xState *s)
{
    uint8_t control = s->regs[CONTROL];
    bool high = s->regs[ALARM(0) + ALMWKDAY] & ALMWKDAY_POL;
    bool alarm = false;

    if (!(control & (CONTROL_ALM(0) | CONTROL_ALM(1)))) {
        qemu_set_irq(s->mfp, (control & CONTROL_OUT) != 0);
        return;
    }
    for (int n = 0; n < ALARMS; n++) {
        alarm |= (control & CONTROL_ALM(n)) &&
                 (s->regs[ALARM(n) + ALMWKDAY] & ALMWKDAY_IF);
    }
    qemu_set_irq(s->mfp, alarm == high);
}

static bool matches(const MCP7940xState *s, int n)
{
    static const uint8_t fields[] = {
        BIT(SECONDS), BIT(MINUTES), BIT(HOURS), BIT(WEEKDAY), BIT(DATE),
        0, 0, BIT(MONTH) - 1 + BIT(MONTH),
    };
    const uint8_t *alarm = s->regs + ALARM(n);
    uint8_t wanted = fields[ALMWKDAY_MASK(alarm[ALMWKDAY])];

    for (int i = SECONDS; i <= MONTH; i++) {
        if ((wanted & BIT(i)) && ((alarm[i] ^ s->regs[i]) & compared[i])) {
            return false;
        }
    }
    return wanted != 0;
}

static bool alarms_on(const MCP7940xState *s)
{
    return running(s) &&
           (s->regs[CONTROL] & (CONTROL_ALM(0) | CONTROL_ALM(1)));
}

static void set_alarm_timer(MCP7940xState *s)
{
    int64_t now = qemu_clock_get_ns(rtc_clock);

    if (!alarms_on(s)) {
        timer_del(s->alarm);
        return;
    }
    timer_mod(s->alarm, (now / NANOSECONDS_PER_SECOND + 1) *
                        NANOSECONDS_PER_SECOND);
}

static void new_second(void *opaque)
{
    MCP7940xState *s = opaque;

    store_time(s);
    for (int n = 0; n < ALARMS; n++) {
        if ((s->regs[CONTROL] & CONTROL_ALM(n)) && matches(s, n)) {
            s->regs[ALARM(n) + ALMWKDAY] |= ALMWKDAY_IF;
        }
    }
    update_mfp(s);
    set_alarm_timer(s);
}

/* I2C */

static int mcp7940x_event(I2CSlave *i2c, enum i2c_event event)
{
    MCP7940xState *s = MCP7940X(i2c);

    switch (event) {
    case I2C_START_SEND:
        store_time(s);
        s->have_pointer = false;
        s->time_written = false;
        break;
    case I2C_START_RECV:
        store_time(s);
        break;
    case I2C_FINISH:
        if (s->time_written) {
            load_time(s);
            store_time(s);
            s->time_written = false;
        }
        break;
    default:
        break;
    }
    return 0;
}

static void advance(MCP7940xState *s)
{
    s->pointer = (s->pointer + 1) % MCP7940X_REGISTERS;
}

static uint8_t mcp7940x_recv(I2CSlave *i2c)
{
    MCP7940xState *s = MCP7940X(i2c);
    uint8_t value = s->regs[s->pointer];

    advance(s);
    return value;
}

static void write_register(MCP7940xState *s, uint8_t value)
{
    uint8_t *reg = &s->regs[s->pointer];

    switch (s->pointer) {
    case RTCSEC ... RTCYEAR:
        if (s->pointer == RTCWKDAY) {
            value = (value & ~RTCWKDAY_OSCRUN) | (*reg & RTCWKDAY_OSCRUN);
        }
        *reg = value;
        s->time_written = true;
        break;
    default:
        *reg = value;
    }
    update_mfp(s);
    set_alarm_timer(s);
}

static int mcp7940x_send(I2CSlave *i2c, uint8_t data)
{
    MCP7940xState *s = MCP7940X(i2c);

    if (!s->have_pointer) {
        s->pointer = data % MCP7940X_REGISTERS;
        s->have_pointer = true;
        return 0;
    }
    write_register(s, data);
    advance(s);
    return 0;
}

/* A reset of the machine does not reach the clock: it has a battery. */
static void mcp7940x_reset(DeviceState *dev)
{
    MCP7940xState *s = MCP7940X(dev);

    s->have_pointer = false;
    s->time_written = false;
    update_mfp(s);
}

static void mcp7940x_init(Object *obj)
{
    MCP7940xState *s = MCP7940X(obj);

    s->regs[RTCSEC] = RTCSEC_ST;
    s->regs[RTCWKDAY] = RTCWKDAY_VBATEN | RTCWKDAY_OSCRUN;
    s->regs[CONTROL] = CONTROL_OUT;
    s->alarm = timer_new_ns(rtc_clock, new_second, s);
    qdev_init_gpio_out(DEVICE(obj), &s->mfp, 1);
}

static void mcp7940x_finalize(Object *obj)
{
    timer_free(MCP7940X(obj)->alarm);
}

static int mcp7940x_post_load(void *opaque, int version)
{
    MCP7940xState *s = opaque;

    s->pointer %= MCP7940X_REGISTERS;
    update_mfp(s);
    set_alarm_timer(s);
    return 0;
}

static const VMStateDescription mcp7940x_vmstate = {
    .name = TYPE_MCP7940X,
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = mcp7940x_post_load,
    .fields = (VMStateField[]) {
        VMSTATE_I2C_SLAVE(parent_obj, MCP7940xState),
        VMSTATE_UINT8_ARRAY(regs, MCP7940xState, MCP7940X_REGISTERS),
        VMSTATE_INT64(offset, MCP7940xState),
        VMSTATE_UINT8(weekday_offset, MCP7940xState),
        VMSTATE_UINT8(pointer, MCP7940xState),
        VMSTATE_BOOL(have_pointer, MCP7940xState),
        VMSTATE_BOOL(time_written, MCP7940xState),
        VMSTATE_END_OF_LIST()
    }
};

static void mcp7940x_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    I2CSlaveClass *k = I2C_SLAVE_CLASS(klass);

    dc->desc = "Microchip MCP7940x real-time clock";
    dc->reset = mcp7940x_reset;
    dc->vmsd = &mcp7940x_vmstate;
    k->event = mcp7940x_event;
    k->recv = mcp7940x_recv;
    k->send = mcp7940x_send;
}

static const TypeInfo mcp7940x_info = {
    .name = TYPE_MCP7940X,
    .parent = TYPE_I2C_SLAVE,
    .instance_size = sizeof(MCP7940xState),
    .instance_init = mcp7940x_init,
    .instance_finalize = mcp7940x_finalize,
    .class_init = mcp7940x_class_init,
};

static void mcp7940x_register_types(void)
{
    type_register_static(&mcp7940x_info);
}
type_init(mcp7940x_register_types)
