/*
 * Marvell Armada 3720: internal registers without a model of their own
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lies below all devices. What is written to the first MiB can be read back;
 * what drivers read before they write has the value that the firmware of the
 * secure processor leaves. Every access is logged as unimplemented.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "qemu/units.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "hw/mox/armada3700.h"
#include "hw/mox/armada3700-regs.h"

typedef struct {
    hwaddr addr;
    uint32_t value;
} A3700RegValue;

/* CPU address decoder: windows of 16 bytes, then the rest of its registers */
#define DECODER_CTRL(n)     (A3700_DECODER_ADDR + 0x10 * (n))
#define DECODER_SIZE(n)     (DECODER_CTRL(n) + 4)
#define DECODER_BASE(n)     (DECODER_CTRL(n) + 8)
#define DECODER_PAGE        (64 * KiB)

static const A3700RegValue reset_values[] = {
    /* Window 0 is the memory, its size is put in at reset; window 1 is PCIe. */
    { DECODER_CTRL(0), 0x1 },
    { DECODER_CTRL(1), 0x21 },
    { DECODER_SIZE(1), 0x7ff },
    { DECODER_BASE(1), 0xe800 },
    { A3700_DECODER_ADDR + 0xe0, 0xd80 },
    { A3700_DECODER_ADDR + 0xf4, 0xfff },
};

static uint64_t a3700_regs_read(void *opaque, hwaddr addr, unsigned size)
{
    A3700RegsState *s = opaque;
    uint32_t value = 0;

    if (addr < A3700_REGS_STORED) {
        value = s->regs[addr / 4] >> (8 * (addr & 3));
    }
    qemu_log_mask(LOG_UNIMP, "%s: read  0x%07" HWADDR_PRIx ".%u = 0x%x\n",
                  TYPE_A3700_REGS, addr, size, value);
    return value;
}

static void a3700_regs_write(void *opaque, hwaddr addr, uint64_t value,
                             unsigned size)
{
    A3700RegsState *s = opaque;

    qemu_log_mask(LOG_UNIMP, "%s: write 0x%07" HWADDR_PRIx ".%u = 0x%x\n",
                  TYPE_A3700_REGS, addr, size, (uint32_t)value);
    if (addr < A3700_REGS_STORED) {
        s->regs[addr / 4] = deposit32(s->regs[addr / 4], 8 * (addr & 3),
                                      8 * size, value);
    }
}

static const MemoryRegionOps a3700_regs_ops = {
    .read = a3700_regs_read,
    .write = a3700_regs_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 1,
    .valid.max_access_size = 4,
    .impl.min_access_size = 1,
    .impl.max_access_size = 4,
};

static void a3700_regs_reset(DeviceState *dev)
{
    A3700RegsState *s = A3700_REGS(dev);

    memset(s->regs, 0, sizeof(s->regs));
    for (size_t i = 0; i < ARRAY_SIZE(reset_values); i++) {
        s->regs[reset_values[i].addr / 4] = reset_values[i].value;
    }
    s->regs[DECODER_SIZE(0) / 4] = s->ram_size / DECODER_PAGE - 1;
}

static void a3700_regs_realize(DeviceState *dev, Error **errp)
{
    A3700RegsState *s = A3700_REGS(dev);

    memory_region_init_io(&s->mmio, OBJECT(s), &a3700_regs_ops, s,
                          TYPE_A3700_REGS, A3700_REGS_SIZE);
    sysbus_init_mmio(SYS_BUS_DEVICE(dev), &s->mmio);
}

static const VMStateDescription a3700_regs_vmstate = {
    .name = TYPE_A3700_REGS,
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (VMStateField[]) {
        VMSTATE_UINT32_ARRAY(regs, A3700RegsState, A3700_REGS_STORED / 4),
        VMSTATE_END_OF_LIST()
    }
};

static Property a3700_regs_properties[] = {
    DEFINE_PROP_UINT64("ram-size", A3700RegsState, ram_size, 512 * MiB),
    DEFINE_PROP_END_OF_LIST(),
};

static void a3700_regs_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->realize = a3700_regs_realize;
    dc->reset = a3700_regs_reset;
    dc->vmsd = &a3700_regs_vmstate;
    device_class_set_props(dc, a3700_regs_properties);
}

static const TypeInfo a3700_regs_info = {
    .name = TYPE_A3700_REGS,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(A3700RegsState),
    .class_init = a3700_regs_class_init,
};

static void a3700_regs_register_types(void)
{
    type_register_static(&a3700_regs_info);
}
type_init(a3700_regs_register_types)
