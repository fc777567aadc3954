/*
 * Marvell Armada 3720: SD host controller (Xenon)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * QEMU's standard controller, with Xenon's registers behind it. Those set up
 * slots and the PHY, and nothing of that changes what is transferred.
 */
#include "qemu/osdep.h"
#include "qemu/module.h"
#include "hw/qdev-properties.h"
#include "hw/registerfields.h"
#include "migration/vmstate.h"
#include "qapi/error.h"
#include "hw/mox/armada3700-sdhci.h"

/*
 * 8 bits, ADMA2, SDMA, high speed, 3.3 V and 1.8 V, base clock 50 MHz. No UHS:
 * QEMU's card has none.
 */
#define CAPABILITIES        0x056c32b2

/* The standard's */
#define SDHC_PRESENT_STATE  0x24
#define PRESENT_STATE_WRITE_ENABLED BIT(19)

/* Xenon's, relative to XENON_REGS_OFFSET */
REG32(XENON_SYS_CFG_INFO, 0x04)
    FIELD(XENON_SYS_CFG_INFO, NR_SUPPORTED_SLOT, 0, 3)
REG32(XENON_EMMC_PHY_TIMING_ADJUST, 0x70)
    FIELD(XENON_EMMC_PHY_TIMING_ADJUST, PHY_INITIALIZATION, 31, 1)

static uint64_t xenon_read(void *opaque, hwaddr addr, unsigned size)
{
    A3700SdhciState *s = opaque;

    return s->xenon[addr / 4] >> (8 * (addr & 3));
}

static void xenon_write(void *opaque, hwaddr addr, uint64_t value,
                        unsigned size)
{
    A3700SdhciState *s = opaque;
    uint32_t *reg = &s->xenon[addr / 4];

    if ((addr & ~3) == A_XENON_SYS_CFG_INFO) {
        return;
    }
    *reg = deposit32(*reg, 8 * (addr & 3), 8 * size, value);
    /* The PHY is initialised as soon as that is asked for. */
    if ((addr & ~3) == A_XENON_EMMC_PHY_TIMING_ADJUST) {
        *reg &= ~R_XENON_EMMC_PHY_TIMING_ADJUST_PHY_INITIALIZATION_MASK;
    }
}

static const MemoryRegionOps xenon_ops = {
    .read = xenon_read,
    .write = xenon_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 1,
    .valid.max_access_size = 4,
};

/* Read in parts too; lies above the standard's register. */
static uint64_t xenon_present_read(void *opaque, hwaddr addr, unsigned size)
{
    A3700SdhciState *s = opaque;
    uint64_t state = 0;

    memory_region_dispatch_read(&s->sdhci.iomem, SDHC_PRESENT_STATE, &state,
                                MO_32 | MO_LE, MEMTXATTRS_UNSPECIFIED);
    if (s->wp_inverted) {
        state ^= PRESENT_STATE_WRITE_ENABLED;
    }
    return state >> (8 * addr);
}

static void xenon_present_write(void *opaque, hwaddr addr, uint64_t value,
                                unsigned size)
{
}

static const MemoryRegionOps xenon_present_ops = {
    .read = xenon_present_read,
    .write = xenon_present_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 1,
    .valid.max_access_size = 4,
};

static void a3700_sdhci_reset(DeviceState *dev)
{
    A3700SdhciState *s = A3700_SDHCI(dev);

    memset(s->xenon, 0, sizeof(s->xenon));
    s->xenon[R_XENON_SYS_CFG_INFO] =
        1 << R_XENON_SYS_CFG_INFO_NR_SUPPORTED_SLOT_SHIFT;
}

static void a3700_sdhci_realize(DeviceState *dev, Error **errp)
{
    A3700SdhciState *s = A3700_SDHCI(dev);
    SysBusDevice *sdhci = SYS_BUS_DEVICE(&s->sdhci);

    qdev_prop_set_uint8(DEVICE(sdhci), "sd-spec-version", 3);
    qdev_prop_set_uint64(DEVICE(sdhci), "capareg", CAPABILITIES);
    qdev_prop_set_bit(DEVICE(sdhci), "external-card-detect", true);
    if (!sysbus_realize(sdhci, errp)) {
        return;
    }
    memory_region_add_subregion(&s->container, 0,
                                sysbus_mmio_get_region(sdhci, 0));
    memory_region_add_subregion(&s->container, XENON_REGS_OFFSET,
                                &s->xenon_mmio);
    memory_region_add_subregion_overlap(&s->container, SDHC_PRESENT_STATE,
                                        &s->present_mmio, 1);
    sysbus_pass_irq(SYS_BUS_DEVICE(dev), sdhci);
}

static void a3700_sdhci_init(Object *obj)
{
    A3700SdhciState *s = A3700_SDHCI(obj);

    object_initialize_child(obj, "sdhci", &s->sdhci, TYPE_SYSBUS_SDHCI);
    qdev_pass_gpios(DEVICE(&s->sdhci), DEVICE(obj), "card-inserted");
    memory_region_init(&s->container, obj, TYPE_A3700_SDHCI,
                       A3700_SDHCI_SIZE);
    memory_region_init_io(&s->xenon_mmio, obj, &xenon_ops, s, "xenon",
                          sizeof(s->xenon));
    memory_region_init_io(&s->present_mmio, obj, &xenon_present_ops, s,
                          "xenon-present-state", 4);
    sysbus_init_mmio(SYS_BUS_DEVICE(obj), &s->container);
}

static const VMStateDescription a3700_sdhci_vmstate = {
    .name = TYPE_A3700_SDHCI,
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (VMStateField[]) {
        VMSTATE_UINT32_ARRAY(xenon, A3700SdhciState, XENON_REGS),
        VMSTATE_END_OF_LIST()
    }
};

static Property a3700_sdhci_properties[] = {
    DEFINE_PROP_BOOL("wp-inverted", A3700SdhciState, wp_inverted, false),
    DEFINE_PROP_END_OF_LIST(),
};

static void a3700_sdhci_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->realize = a3700_sdhci_realize;
    dc->reset = a3700_sdhci_reset;
    dc->vmsd = &a3700_sdhci_vmstate;
    device_class_set_props(dc, a3700_sdhci_properties);
    set_bit(DEVICE_CATEGORY_STORAGE, dc->categories);
}

static const TypeInfo a3700_sdhci_info = {
    .name = TYPE_A3700_SDHCI,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(A3700SdhciState),
    .instance_init = a3700_sdhci_init,
    .class_init = a3700_sdhci_class_init,
};

static void a3700_sdhci_register_types(void)
{
    type_register_static(&a3700_sdhci_info);
}
type_init(a3700_sdhci_register_types)
