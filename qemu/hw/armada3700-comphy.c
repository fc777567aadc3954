/*
 * Marvell Armada 3720: the three common PHYs for USB 3, PCIe, SATA and SGMII
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Storage, with the bits that drivers wait for always set: PLLs are locked and
 * clocks run. Source: Linux' phy-mvebu-a3700-comphy and U-Boot's comphy_a3700.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/module.h"
#include "hw/mox/armada3700-comphy.h"
#include "migration/vmstate.h"

/* Common registers: status of the PHYs for lane 1 and lane 0 */
#define PHY_STAT1_LANE1     0x18
#define PHY_STAT1_LANE0     0x40
#define   PHY_READY         0xd     /* RX init done, RX PLL, TX PLL */

/* Lanes: register number times 2 */
#define LANE_STAT1          0x183   /* PIPE_LANE_STAT1 */
#define   LANE_CLOCK_RUNS   BIT(0)
#define LANE_LOOPBACK       0x23    /* DIG_LOOPBACK_EN */
#define   LANE_PLL_READY    BIT(4)
#define LANE2_BASE          0x200   /* USB 3 and SATA registers of lane 2 */

/* Lane 2 */
#define INDIRECT_ADDR       0x0
#define INDIRECT_DATA       0x4

/* Bytes of a value at where that an access to addr..addr+size sees. */
static uint64_t overlay(hwaddr addr, unsigned size, hwaddr where,
                        uint32_t value)
{
    if (addr >= where && addr < where + 4) {
        return (value >> (8 * (addr - where))) &
               MAKE_64BIT_MASK(0, 8 * size);
    }
    if (addr < where && addr + size > where) {
        return ((uint64_t)value << (8 * (where - addr))) &
               MAKE_64BIT_MASK(0, 8 * size);
    }
    return 0;
}

static uint64_t common_read(void *opaque, hwaddr addr, unsigned size)
{
    A3700ComphyState *s = opaque;

    return ldn_le_p(s->common + addr, size) |
           overlay(addr, size, PHY_STAT1_LANE1, PHY_READY) |
           overlay(addr, size, PHY_STAT1_LANE0, PHY_READY);
}

static void common_write(void *opaque, hwaddr addr, uint64_t value,
                         unsigned size)
{
    A3700ComphyState *s = opaque;

    stn_le_p(s->common + addr, size, value);
}

static uint64_t lane_value(const uint8_t *lane, hwaddr addr, unsigned size)
{
    return ldn_le_p(lane + addr, size) |
           overlay(addr, size, 2 * LANE_STAT1, LANE_CLOCK_RUNS) |
           overlay(addr, size, 2 * LANE_LOOPBACK, LANE_PLL_READY);
}

static uint64_t lane0_read(void *opaque, hwaddr addr, unsigned size)
{
    return lane_value(A3700_COMPHY(opaque)->lane0, addr, size);
}

static void lane0_write(void *opaque, hwaddr addr, uint64_t value,
                        unsigned size)
{
    stn_le_p(A3700_COMPHY(opaque)->lane0 + addr, size, value);
}

static uint64_t lane1_read(void *opaque, hwaddr addr, unsigned size)
{
    return lane_value(A3700_COMPHY(opaque)->lane1, addr, size);
}

static void lane1_write(void *opaque, hwaddr addr, uint64_t value,
                        unsigned size)
{
    stn_le_p(A3700_COMPHY(opaque)->lane1 + addr, size, value);
}

static uint32_t lane2_ready(uint32_t index)
{
    switch (index) {
    case LANE2_BASE + LANE_STAT1:
        return LANE_CLOCK_RUNS;
    case LANE_LOOPBACK:
    case LANE2_BASE + LANE_LOOPBACK:
        return LANE_PLL_READY;
    default:
        return 0;
    }
}

static uint64_t indirect_read(void *opaque, hwaddr addr, unsigned size)
{
    A3700ComphyState *s = opaque;
    uint32_t index = s->index % A3700_COMPHY_INDIRECT_REGS;

    if (addr == INDIRECT_ADDR) {
        return s->index;
    }
    return s->lane2[index] | lane2_ready(index);
}

static void indirect_write(void *opaque, hwaddr addr, uint64_t value,
                           unsigned size)
{
    A3700ComphyState *s = opaque;

    if (addr == INDIRECT_ADDR) {
        s->index = value;
    } else {
        s->lane2[s->index % A3700_COMPHY_INDIRECT_REGS] = value;
    }
}

static const MemoryRegionOps common_ops = {
    .read = common_read,
    .write = common_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 1,
    .valid.max_access_size = 4,
    .impl.min_access_size = 1,
    .impl.max_access_size = 4,
};

static const MemoryRegionOps lane0_ops = {
    .read = lane0_read,
    .write = lane0_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 1,
    .valid.max_access_size = 4,
    .impl.min_access_size = 1,
    .impl.max_access_size = 4,
};

static const MemoryRegionOps lane1_ops = {
    .read = lane1_read,
    .write = lane1_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 1,
    .valid.max_access_size = 4,
    .impl.min_access_size = 1,
    .impl.max_access_size = 4,
};

static const MemoryRegionOps indirect_ops = {
    .read = indirect_read,
    .write = indirect_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 4,
    .valid.max_access_size = 4,
};

static void comphy_reset(DeviceState *dev)
{
    A3700ComphyState *s = A3700_COMPHY(dev);

    memset(s->common, 0, sizeof(s->common));
    memset(s->lane0, 0, sizeof(s->lane0));
    memset(s->lane1, 0, sizeof(s->lane1));
    memset(s->lane2, 0, sizeof(s->lane2));
    s->index = 0;
}

static void comphy_init(Object *obj)
{
    A3700ComphyState *s = A3700_COMPHY(obj);
    SysBusDevice *sbd = SYS_BUS_DEVICE(obj);

    memory_region_init_io(&s->common_mmio, obj, &common_ops, s,
                          "armada3700-comphy", A3700_COMPHY_SIZE);
    memory_region_init_io(&s->lane_mmio[0], obj, &lane0_ops, s,
                          "armada3700-comphy-lane0", A3700_COMPHY_LANE_SIZE);
    memory_region_init_io(&s->lane_mmio[1], obj, &lane1_ops, s,
                          "armada3700-comphy-lane1", A3700_COMPHY_LANE_SIZE);
    memory_region_init_io(&s->indirect_mmio, obj, &indirect_ops, s,
                          "armada3700-comphy-lane2", 8);
    sysbus_init_mmio(sbd, &s->common_mmio);
    sysbus_init_mmio(sbd, &s->lane_mmio[0]);
    sysbus_init_mmio(sbd, &s->lane_mmio[1]);
    sysbus_init_mmio(sbd, &s->indirect_mmio);
}

static const VMStateDescription comphy_vmstate = {
    .name = TYPE_A3700_COMPHY,
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (VMStateField[]) {
        VMSTATE_UINT8_ARRAY(common, A3700ComphyState, A3700_COMPHY_SIZE),
        VMSTATE_UINT8_ARRAY(lane0, A3700ComphyState, A3700_COMPHY_LANE_SIZE),
        VMSTATE_UINT8_ARRAY(lane1, A3700ComphyState, A3700_COMPHY_LANE_SIZE),
        VMSTATE_UINT32_ARRAY(lane2, A3700ComphyState,
                             A3700_COMPHY_INDIRECT_REGS),
        VMSTATE_UINT32(index, A3700ComphyState),
        VMSTATE_END_OF_LIST()
    }
};

static void comphy_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->desc = "Marvell Armada 3720 common PHYs";
    dc->reset = comphy_reset;
    dc->vmsd = &comphy_vmstate;
}

static const TypeInfo comphy_info = {
    .name = TYPE_A3700_COMPHY,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(A3700ComphyState),
    .instance_init = comphy_init,
    .class_init = comphy_class_init,
};

static void comphy_register_types(void)
{
    type_register_static(&comphy_info);
}
type_init(comphy_register_types)
