/*
 * Marvell Armada 3720: pins of one bridge, with its GPIOs and their interrupts
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All pins are GPIOs, whatever SELECTION says: what other functions do does not
 * reach a pin in this machine. The SoC spreads its GPIOs over several interrupts
 * in a way that no source tells; drivers look at all of them at each interrupt,
 * so all are on one.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "hw/irq.h"
#include "hw/qdev-properties.h"
#include "hw/registerfields.h"
#include "migration/vmstate.h"
#include "qapi/error.h"
#include "sysemu/runstate.h"
#include "hw/mox/armada3700-pinctrl.h"

#define PIN_MMIO_SIZE   0x100
#define IRQ_MMIO_SIZE   0x20

/* Where there are two words, pins 0 to 31 are in the first. */
REG32(GPIO_OUT_EN, 0x00)
REG32(GPIO_OUT_EN_HI, 0x04)
REG32(GPIO_LATCH, 0x08)             /* straps at reset; bit 9: 40 MHz crystal */
REG32(GPIO_INPUT, 0x10)
REG32(GPIO_INPUT_HI, 0x14)
REG32(GPIO_OUT_VAL, 0x18)
REG32(GPIO_OUT_VAL_HI, 0x1c)
REG32(GPIO_OUT_CTL, 0x20)
REG32(GPIO_OUT_CTL_HI, 0x24)
REG32(GPIO_SELECTION, 0x30)
REG32(GPIO_WARM_RESET, 0x40)
#define WARM_RESET_MAGIC 0x1d1e

REG32(GPIO_IRQ_EN, 0x00)
REG32(GPIO_IRQ_EN_HI, 0x04)
REG32(GPIO_IRQ_POL, 0x08)           /* 0: rising edge, 1: falling edge */
REG32(GPIO_IRQ_POL_HI, 0x0c)
REG32(GPIO_IRQ_STATUS, 0x10)        /* write 1 to clear */
REG32(GPIO_IRQ_STATUS_HI, 0x14)
REG32(GPIO_IRQ_WKUP, 0x18)
REG32(GPIO_IRQ_WKUP_HI, 0x1c)

static uint64_t a3700_pins(A3700PinctrlState *s)
{
    return MAKE_64BIT_MASK(0, s->pins);
}

static uint32_t half(uint64_t pins, hwaddr addr)
{
    return extract64(pins, addr & 4 ? 32 : 0, 32);
}

static uint64_t with_half(A3700PinctrlState *s, uint64_t pins, hwaddr addr,
                          uint32_t value)
{
    return deposit64(pins, addr & 4 ? 32 : 0, 32, value) & a3700_pins(s);
}

static void a3700_pinctrl_update_irq(A3700PinctrlState *s)
{
    qemu_set_irq(s->irq, (s->irq_status & s->irq_en) != 0);
}

/* Levels follow from the registers and from outside; edges are latched. */
static void a3700_pinctrl_update(A3700PinctrlState *s)
{
    const uint64_t level = ((s->out_en & s->out_val) |
                            (~s->out_en & s->outside)) & a3700_pins(s);
    const uint64_t changed = level ^ s->level;

    s->irq_status |= changed & (level ^ s->irq_pol);
    s->level = level;
    for (int i = 0; i < s->pins; i++) {
        if (extract64(changed, i, 1)) {
            qemu_set_irq(s->pin[i], extract64(level, i, 1));
        }
    }
    a3700_pinctrl_update_irq(s);
}

static void a3700_pinctrl_set(void *opaque, int n, int level)
{
    A3700PinctrlState *s = opaque;

    s->outside = deposit64(s->outside, n, 1, level != 0);
    a3700_pinctrl_update(s);
}

static uint64_t a3700_pinctrl_read(void *opaque, hwaddr addr, unsigned size)
{
    A3700PinctrlState *s = opaque;

    switch (addr) {
    case A_GPIO_OUT_EN:
    case A_GPIO_OUT_EN_HI:
        return half(s->out_en, addr);
    case A_GPIO_LATCH:
        return 0;
    case A_GPIO_INPUT:
    case A_GPIO_INPUT_HI:
        return half(s->level, addr);
    case A_GPIO_OUT_VAL:
    case A_GPIO_OUT_VAL_HI:
        return half(s->out_val, addr);
    case A_GPIO_OUT_CTL:
    case A_GPIO_OUT_CTL_HI:
        return half(s->out_ctl, addr);
    case A_GPIO_SELECTION:
        return s->selection;
    default:
        qemu_log_mask(LOG_UNIMP, "%s: read at 0x%" HWADDR_PRIx "\n",
                      TYPE_A3700_PINCTRL, addr);
        return 0;
    }
}

static void a3700_pinctrl_write(void *opaque, hwaddr addr, uint64_t value,
                                unsigned size)
{
    A3700PinctrlState *s = opaque;

    switch (addr) {
    case A_GPIO_OUT_EN:
    case A_GPIO_OUT_EN_HI:
        s->out_en = with_half(s, s->out_en, addr, value);
        break;
    case A_GPIO_OUT_VAL:
    case A_GPIO_OUT_VAL_HI:
        s->out_val = with_half(s, s->out_val, addr, value);
        break;
    case A_GPIO_OUT_CTL:
    case A_GPIO_OUT_CTL_HI:
        s->out_ctl = with_half(s, s->out_ctl, addr, value);
        return;
    case A_GPIO_SELECTION:
        s->selection = value;
        return;
    case A_GPIO_WARM_RESET:
        if (s->warm_reset) {
            if (value == WARM_RESET_MAGIC) {
                qemu_system_reset_request(SHUTDOWN_CAUSE_GUEST_RESET);
            }
            return;
        }
        /* fall through */
    default:
        qemu_log_mask(LOG_UNIMP, "%s: write 0x%x at 0x%" HWADDR_PRIx "\n",
                      TYPE_A3700_PINCTRL, (uint32_t)value, addr);
        return;
    }
    a3700_pinctrl_update(s);
}

static uint64_t a3700_gpio_irq_read(void *opaque, hwaddr addr, unsigned size)
{
    A3700PinctrlState *s = opaque;

    switch (addr) {
    case A_GPIO_IRQ_EN:
    case A_GPIO_IRQ_EN_HI:
        return half(s->irq_en, addr);
    case A_GPIO_IRQ_POL:
    case A_GPIO_IRQ_POL_HI:
        return half(s->irq_pol, addr);
    case A_GPIO_IRQ_STATUS:
    case A_GPIO_IRQ_STATUS_HI:
        return half(s->irq_status, addr);
    default:
        return half(s->irq_wkup, addr);
    }
}

static void a3700_gpio_irq_write(void *opaque, hwaddr addr, uint64_t value,
                                 unsigned size)
{
    A3700PinctrlState *s = opaque;

    switch (addr) {
    case A_GPIO_IRQ_EN:
    case A_GPIO_IRQ_EN_HI:
        s->irq_en = with_half(s, s->irq_en, addr, value);
        break;
    case A_GPIO_IRQ_POL:
    case A_GPIO_IRQ_POL_HI:
        s->irq_pol = with_half(s, s->irq_pol, addr, value);
        break;
    case A_GPIO_IRQ_STATUS:
    case A_GPIO_IRQ_STATUS_HI:
        s->irq_status &= ~with_half(s, 0, addr, value);
        break;
    default:
        s->irq_wkup = with_half(s, s->irq_wkup, addr, value);
        break;
    }
    a3700_pinctrl_update_irq(s);
}

static const MemoryRegionOps a3700_pinctrl_ops = {
    .read = a3700_pinctrl_read,
    .write = a3700_pinctrl_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .impl.min_access_size = 4,
    .impl.max_access_size = 4,
};

static const MemoryRegionOps a3700_gpio_irq_ops = {
    .read = a3700_gpio_irq_read,
    .write = a3700_gpio_irq_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .impl.min_access_size = 4,
    .impl.max_access_size = 4,
};

/* No pin is an output, and the edges of the reset itself are not kept. */
static void a3700_pinctrl_reset(DeviceState *dev)
{
    A3700PinctrlState *s = A3700_PINCTRL(dev);

    s->out_en = 0;
    s->out_val = 0;
    s->out_ctl = 0;
    s->selection = 0;
    s->irq_en = 0;
    s->irq_pol = 0;
    s->irq_wkup = 0;
    a3700_pinctrl_update(s);
    s->irq_status = 0;
    a3700_pinctrl_update_irq(s);
}

static void a3700_pinctrl_realize(DeviceState *dev, Error **errp)
{
    A3700PinctrlState *s = A3700_PINCTRL(dev);

    if (s->pins == 0 || s->pins > A3700_MAX_PINS) {
        error_setg(errp, "a bridge has 1 to %d pins", A3700_MAX_PINS);
        return;
    }
    s->outside = a3700_pins(s);
    qdev_init_gpio_in(dev, a3700_pinctrl_set, s->pins);
    qdev_init_gpio_out(dev, s->pin, s->pins);
}

static void a3700_pinctrl_init(Object *obj)
{
    A3700PinctrlState *s = A3700_PINCTRL(obj);
    SysBusDevice *sbd = SYS_BUS_DEVICE(obj);

    memory_region_init_io(&s->pin_mmio, obj, &a3700_pinctrl_ops, s,
                          TYPE_A3700_PINCTRL, PIN_MMIO_SIZE);
    memory_region_init_io(&s->irq_mmio, obj, &a3700_gpio_irq_ops, s,
                          "armada3700-gpio-irq", IRQ_MMIO_SIZE);
    sysbus_init_mmio(sbd, &s->pin_mmio);
    sysbus_init_mmio(sbd, &s->irq_mmio);
    sysbus_init_irq(sbd, &s->irq);
}

static const VMStateDescription a3700_pinctrl_vmstate = {
    .name = TYPE_A3700_PINCTRL,
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (VMStateField[]) {
        VMSTATE_UINT64(outside, A3700PinctrlState),
        VMSTATE_UINT64(level, A3700PinctrlState),
        VMSTATE_UINT64(out_en, A3700PinctrlState),
        VMSTATE_UINT64(out_val, A3700PinctrlState),
        VMSTATE_UINT64(out_ctl, A3700PinctrlState),
        VMSTATE_UINT64(irq_en, A3700PinctrlState),
        VMSTATE_UINT64(irq_pol, A3700PinctrlState),
        VMSTATE_UINT64(irq_status, A3700PinctrlState),
        VMSTATE_UINT64(irq_wkup, A3700PinctrlState),
        VMSTATE_UINT32(selection, A3700PinctrlState),
        VMSTATE_END_OF_LIST()
    }
};

static Property a3700_pinctrl_properties[] = {
    DEFINE_PROP_UINT8("pins", A3700PinctrlState, pins, A3700_NB_PINS),
    DEFINE_PROP_BOOL("warm-reset", A3700PinctrlState, warm_reset, false),
    DEFINE_PROP_END_OF_LIST(),
};

static void a3700_pinctrl_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->realize = a3700_pinctrl_realize;
    dc->reset = a3700_pinctrl_reset;
    dc->vmsd = &a3700_pinctrl_vmstate;
    device_class_set_props(dc, a3700_pinctrl_properties);
}

static const TypeInfo a3700_pinctrl_info = {
    .name = TYPE_A3700_PINCTRL,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(A3700PinctrlState),
    .instance_init = a3700_pinctrl_init,
    .class_init = a3700_pinctrl_class_init,
};

static void a3700_pinctrl_register_types(void)
{
    type_register_static(&a3700_pinctrl_info);
}
type_init(a3700_pinctrl_register_types)
