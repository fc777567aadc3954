/*
 * Marvell Armada 3720: USB 2 PHY (UTMI)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Storage, with the bits that drivers wait for always set: calibrations are
 * done, the PLL is locked. Source: Linux' phy-mvebu-a3700-utmi.
 */
#include "qemu/osdep.h"
#include "qemu/module.h"
#include "hw/mox/armada3700-utmi.h"
#include "migration/vmstate.h"

#define PLL_CTRL_REG0       0x00
#define   PLL_READY         BIT(31)
#define CAL_CTRL            0x08
#define   PLLCAL_DONE       BIT(31)
#define   IMPCAL_DONE       BIT(23)
#define RX_CHAN_CTRL1       0x18
#define   SQCAL_DONE        BIT(31)

static uint64_t utmi_read(void *opaque, hwaddr addr, unsigned size)
{
    A3700UtmiState *s = opaque;
    uint32_t value = s->regs[addr / 4];

    switch (addr) {
    case PLL_CTRL_REG0:
        return value | PLL_READY;
    case CAL_CTRL:
        return value | PLLCAL_DONE | IMPCAL_DONE;
    case RX_CHAN_CTRL1:
        return value | SQCAL_DONE;
    default:
        return value;
    }
}

static void utmi_write(void *opaque, hwaddr addr, uint64_t value,
                       unsigned size)
{
    A3700UtmiState *s = opaque;

    s->regs[addr / 4] = value;
}

static const MemoryRegionOps utmi_ops = {
    .read = utmi_read,
    .write = utmi_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 4,
    .valid.max_access_size = 4,
};

static void utmi_reset(DeviceState *dev)
{
    A3700UtmiState *s = A3700_UTMI(dev);

    memset(s->regs, 0, sizeof(s->regs));
}

static void utmi_init(Object *obj)
{
    A3700UtmiState *s = A3700_UTMI(obj);

    memory_region_init_io(&s->mmio, obj, &utmi_ops, s, TYPE_A3700_UTMI,
                          A3700_UTMI_SIZE);
    sysbus_init_mmio(SYS_BUS_DEVICE(obj), &s->mmio);
}

static const VMStateDescription utmi_vmstate = {
    .name = TYPE_A3700_UTMI,
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (VMStateField[]) {
        VMSTATE_UINT32_ARRAY(regs, A3700UtmiState, A3700_UTMI_SIZE / 4),
        VMSTATE_END_OF_LIST()
    }
};

static void utmi_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->desc = "Marvell Armada 3720 USB 2 PHY";
    dc->reset = utmi_reset;
    dc->vmsd = &utmi_vmstate;
}

static const TypeInfo utmi_info = {
    .name = TYPE_A3700_UTMI,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(A3700UtmiState),
    .instance_init = utmi_init,
    .class_init = utmi_class_init,
};

static void utmi_register_types(void)
{
    type_register_static(&utmi_info);
}
type_init(utmi_register_types)
