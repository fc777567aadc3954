/*
 * Marvell Armada 3720: clocks of the north and south bridge, TBG
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Nothing is clocked by them. They tell drivers the frequencies that the
 * firmware of the secure processor has set (preset "CPU 1000, DDR 800"), and
 * keep what drivers write.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "migration/vmstate.h"
#include "hw/mox/armada3700-clock.h"

/* Offsets are those of both bridges. */
enum {
    TBG_SEL = 0x00,     /* which TBG a clock comes from, two bits each */
    DIV_SEL0 = 0x04,    /* dividers of the TBG, three bits each */
    DIV_SEL1 = 0x08,
    DIV_SEL2 = 0x0c,
    CLK_SEL = 0x10,     /* 1: TBG, 0: crystal */
    CLK_DIS = 0x14,     /* 1: stopped */
    /* TBG, north bridge only */
    TBG_CTRL0 = 0x204,  /* feedback dividers */
    TBG_CTRL1 = 0x208,  /* locked, reference dividers of the single output */
    TBG_CTRL7 = 0x220,  /* reference dividers */
    TBG_CTRL8 = 0x230,  /* VCO dividers of the differential output */
};

/* TBG_SEL */
enum { TBG_A_P, TBG_B_P, TBG_A_S, TBG_B_S };

typedef struct {
    uint32_t addr;
    uint32_t value;
} A3700ClockValue;

/*
 * TBG A: 25 MHz * 48 * 4 / 3 = 1600 MHz, halved 800 MHz (A-P), B: 25 MHz *
 * 60 * 4 / 3 = 2000 MHz, 1000 MHz (B-S), 500 MHz (B-P).
 */
static const A3700ClockValue nb_values[] = {
    { TBG_SEL, TBG_A_S << 0 | TBG_B_S << 4 | TBG_B_S << 6 | TBG_B_S << 10 |
               TBG_B_S << 14 | TBG_B_S << 16 | TBG_B_S << 18 |
               TBG_B_S << 22 | TBG_B_S << 24 },
    { DIV_SEL0, 4 | 5 << 3 | 2 << 12 | 4 << 15 | 1 << 18 | 1 << 20 | 5 << 23 |
                1 << 28 },
    { DIV_SEL1, 1 | 5 << 3 | 2 << 6 | 5 << 9 | 1 << 12 | 4 << 15 | 1 << 18 |
                1 << 24 | 4 << 27 },
    { DIV_SEL2, 4 | 1 << 7 | 4 << 10 | 1 << 13 | 4 << 16 | 2 << 19 | 1 << 22 |
                1 << 29 },
    { CLK_SEL, 0xffff },
    { TBG_CTRL0, 48 << 2 | 60 << 18 },
    { TBG_CTRL1, 0x80018000 },
    { TBG_CTRL7, 3 << 0 | 3 << 16 },
    { TBG_CTRL8, 1 << 1 | 2 << 17 },
};

static const A3700ClockValue sb_values[] = {
    { TBG_SEL, TBG_B_P << 6 | TBG_B_S << 8 | TBG_B_S << 10 | TBG_A_S << 14 |
               TBG_B_S << 16 | TBG_B_S << 18 | TBG_B_S << 20 },
    { DIV_SEL0, 1 << 3 | 4 << 6 | 2 << 9 | 5 << 12 | 2 << 15 | 4 << 18 |
                2 << 21 | 2 << 24 },
    { DIV_SEL1, 2 << 6 | 4 << 9 | 4 << 18 | 1 << 21 },
    { DIV_SEL2, 5 << 6 | 2 << 9 },
    { CLK_SEL, 0x3fff },
    { CLK_DIS, BIT(19) | BIT(20) },
};

static uint64_t a3700_clock_nb_read(void *opaque, hwaddr addr, unsigned size)
{
    return A3700_CLOCK(opaque)->nb[addr / 4];
}

static void a3700_clock_nb_write(void *opaque, hwaddr addr, uint64_t value,
                                 unsigned size)
{
    A3700_CLOCK(opaque)->nb[addr / 4] = value;
}

static uint64_t a3700_clock_sb_read(void *opaque, hwaddr addr, unsigned size)
{
    return A3700_CLOCK(opaque)->sb[addr / 4];
}

static void a3700_clock_sb_write(void *opaque, hwaddr addr, uint64_t value,
                                 unsigned size)
{
    A3700_CLOCK(opaque)->sb[addr / 4] = value;
}

static const MemoryRegionOps a3700_clock_nb_ops = {
    .read = a3700_clock_nb_read,
    .write = a3700_clock_nb_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .impl.min_access_size = 4,
    .impl.max_access_size = 4,
};

static const MemoryRegionOps a3700_clock_sb_ops = {
    .read = a3700_clock_sb_read,
    .write = a3700_clock_sb_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .impl.min_access_size = 4,
    .impl.max_access_size = 4,
};

static void a3700_clock_reset(DeviceState *dev)
{
    A3700ClockState *s = A3700_CLOCK(dev);

    memset(s->nb, 0, sizeof(s->nb));
    memset(s->sb, 0, sizeof(s->sb));
    for (int i = 0; i < ARRAY_SIZE(nb_values); i++) {
        s->nb[nb_values[i].addr / 4] = nb_values[i].value;
    }
    for (int i = 0; i < ARRAY_SIZE(sb_values); i++) {
        s->sb[sb_values[i].addr / 4] = sb_values[i].value;
    }
}

static void a3700_clock_init(Object *obj)
{
    A3700ClockState *s = A3700_CLOCK(obj);
    SysBusDevice *sbd = SYS_BUS_DEVICE(obj);

    memory_region_init_io(&s->nb_mmio, obj, &a3700_clock_nb_ops, s,
                          "armada3700-clock-nb", A3700_NB_CLOCK_SIZE);
    memory_region_init_io(&s->sb_mmio, obj, &a3700_clock_sb_ops, s,
                          "armada3700-clock-sb", A3700_SB_CLOCK_SIZE);
    sysbus_init_mmio(sbd, &s->nb_mmio);
    sysbus_init_mmio(sbd, &s->sb_mmio);
}

static const VMStateDescription a3700_clock_vmstate = {
    .name = TYPE_A3700_CLOCK,
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (VMStateField[]) {
        VMSTATE_UINT32_ARRAY(nb, A3700ClockState, A3700_NB_CLOCK_SIZE / 4),
        VMSTATE_UINT32_ARRAY(sb, A3700ClockState, A3700_SB_CLOCK_SIZE / 4),
        VMSTATE_END_OF_LIST()
    }
};

static void a3700_clock_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->reset = a3700_clock_reset;
    dc->vmsd = &a3700_clock_vmstate;
}

static const TypeInfo a3700_clock_info = {
    .name = TYPE_A3700_CLOCK,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(A3700ClockState),
    .instance_init = a3700_clock_init,
    .class_init = a3700_clock_class_init,
};

static void a3700_clock_register_types(void)
{
    type_register_static(&a3700_clock_info);
}
type_init(a3700_clock_register_types)
