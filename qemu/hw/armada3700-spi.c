/*
 * Marvell Armada 3720: SPI controller
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A transfer takes no time: what is written is shifted out at once, what is read
 * is shifted in when DIN is read. So the FIFOs are never in the way, and drivers
 * find the controller ready whenever they look.
 *
 * Boot loaders read the NOR byte by byte, without FIFO, and look at CTRL and DIN
 * several times for each. No read changes anything then, so the registers are
 * memory that a guest reads by itself; only writes come here. From the first use
 * of the FIFOs until the next reset reads come here too: DIN takes a word out.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "qapi/error.h"
#include "hw/irq.h"
#include "hw/registerfields.h"
#include "migration/vmstate.h"
#include "hw/mox/armada3700-spi.h"

/* Only a whole page of a guest can be memory. */
#define SPI_PAGE_SIZE   0x1000
#define SPI_FIRST       0x600

REG32(SPI_CTRL, 0x00)
    FIELD(SPI_CTRL, XFER_DONE, 0, 1)
    FIELD(SPI_CTRL, XFER_RDY, 1, 1)
    FIELD(SPI_CTRL, RFIFO_RDY, 2, 1)
    FIELD(SPI_CTRL, WFIFO_RDY, 3, 1)
    FIELD(SPI_CTRL, RFIFO_EMPTY, 4, 1)
    FIELD(SPI_CTRL, RFIFO_FULL, 5, 1)
    FIELD(SPI_CTRL, WFIFO_EMPTY, 6, 1)
    FIELD(SPI_CTRL, WFIFO_FULL, 7, 1)
    FIELD(SPI_CTRL, CS, 16, 4)
REG32(SPI_CFG, 0x04)
    FIELD(SPI_CFG, BYTE_LEN, 5, 1)      /* 1: four bytes per word */
    FIELD(SPI_CFG, RW_EN, 8, 1)         /* 1: write */
    FIELD(SPI_CFG, FIFO_FLUSH, 9, 1)
    FIELD(SPI_CFG, XFER_STOP, 14, 1)
    FIELD(SPI_CFG, XFER_START, 15, 1)
    FIELD(SPI_CFG, FIFO_MODE, 17, 1)
REG32(SPI_DOUT, 0x08)
REG32(SPI_DIN, 0x0c)
REG32(SPI_INST, 0x10)
REG32(SPI_ADDR, 0x14)
REG32(SPI_RMODE, 0x18)
REG32(SPI_HDR_CNT, 0x1c)
    FIELD(SPI_HDR_CNT, INST, 0, 2)
    FIELD(SPI_HDR_CNT, ADDR, 4, 3)
    FIELD(SPI_HDR_CNT, RMODE, 8, 2)
    FIELD(SPI_HDR_CNT, DUMMY, 12, 3)
REG32(SPI_DIN_CNT, 0x20)
REG32(SPI_TIME, 0x24)
REG32(SPI_INT_STAT, 0x28)
REG32(SPI_INT_MASK, 0x2c)

/* The lower half of CTRL is read only. INT_STAT has the same bits. */
#define CTRL_STATUS_MASK    0xffff
#define FIFO_WORD           4
#define MAX_ADDR_BYTES      4

static bool a3700_spi_has_fifo(A3700SpiState *s)
{
    return s->regs[R_SPI_CFG] & R_SPI_CFG_FIFO_MODE_MASK;
}

static int a3700_spi_word(A3700SpiState *s)
{
    return s->regs[R_SPI_CFG] & R_SPI_CFG_BYTE_LEN_MASK ? 4 : 1;
}

static uint32_t a3700_spi_status(A3700SpiState *s)
{
    uint32_t status = R_SPI_CTRL_XFER_RDY_MASK | R_SPI_CTRL_XFER_DONE_MASK |
                      R_SPI_CTRL_WFIFO_RDY_MASK | R_SPI_CTRL_WFIFO_EMPTY_MASK;

    if (s->reading && s->left) {
        status |= R_SPI_CTRL_RFIFO_RDY_MASK;
    } else {
        status |= R_SPI_CTRL_RFIFO_EMPTY_MASK;
    }
    return status;
}

/* A status that is set again as soon as it is cleared is a level. */
static void a3700_spi_update_irq(A3700SpiState *s)
{
    qemu_set_irq(s->irq, (a3700_spi_status(s) & s->regs[R_SPI_INT_MASK]) != 0);
}

static void a3700_spi_select(A3700SpiState *s)
{
    const uint32_t selected = FIELD_EX32(s->regs[R_SPI_CTRL], SPI_CTRL, CS);

    for (int i = 0; i < A3700_SPI_CS_LINES; i++) {
        qemu_set_irq(s->cs[i], !extract32(selected, i, 1));
    }
}

/* The least significant byte goes first, and its answer comes first. */
static uint32_t a3700_spi_shift(A3700SpiState *s, uint32_t out, int bytes)
{
    uint32_t in = 0;

    for (int i = 0; i < bytes; i++) {
        in |= (ssi_transfer(s->bus, extract32(out, 8 * i, 8)) & 0xff) <<
              (8 * i);
    }
    return in;
}

/* Parts of a header have their most significant byte first. */
static void a3700_spi_shift_header(A3700SpiState *s, uint32_t out, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--) {
        ssi_transfer(s->bus, extract32(out, 8 * i, 8));
    }
}

static void a3700_spi_start(A3700SpiState *s)
{
    const uint32_t count = s->regs[R_SPI_HDR_CNT];
    const int dummy = FIELD_EX32(count, SPI_HDR_CNT, DUMMY);

    a3700_spi_shift_header(s, s->regs[R_SPI_INST],
                           FIELD_EX32(count, SPI_HDR_CNT, INST));
    a3700_spi_shift_header(s, s->regs[R_SPI_ADDR],
                           MIN(FIELD_EX32(count, SPI_HDR_CNT, ADDR),
                               MAX_ADDR_BYTES));
    a3700_spi_shift_header(s, s->regs[R_SPI_RMODE],
                           FIELD_EX32(count, SPI_HDR_CNT, RMODE));
    for (int i = 0; i < dummy; i++) {
        ssi_transfer(s->bus, 0);
    }
    s->writing = s->regs[R_SPI_CFG] & R_SPI_CFG_RW_EN_MASK;
    s->reading = !s->writing;
    s->left = s->reading ? s->regs[R_SPI_DIN_CNT] : 0;
    if (s->reading && !s->left) {
        s->reading = false;
    }
}

static void a3700_spi_stop(A3700SpiState *s)
{
    s->reading = false;
    s->writing = false;
    s->left = 0;
}

static uint32_t a3700_spi_read_fifo(A3700SpiState *s)
{
    const int bytes = MIN(s->left, FIFO_WORD);
    uint32_t value;

    if (!s->reading) {
        return 0;
    }
    value = a3700_spi_shift(s, 0, bytes);
    s->left -= bytes;
    if (!s->left) {
        a3700_spi_stop(s);
        s->regs[R_SPI_CFG] &= ~R_SPI_CFG_XFER_START_MASK;
    }
    a3700_spi_update_irq(s);
    return value;
}

static uint32_t a3700_spi_value(A3700SpiState *s, hwaddr addr)
{
    switch (addr) {
    case A_SPI_CTRL:
        return s->regs[R_SPI_CTRL] | a3700_spi_status(s);
    case A_SPI_DIN:
        return a3700_spi_has_fifo(s) ? a3700_spi_read_fifo(s) : s->shifted_in;
    case A_SPI_INT_STAT:
        return a3700_spi_status(s);
    default:
        return s->regs[addr / 4];
    }
}

static uint64_t a3700_spi_read(void *opaque, hwaddr page_addr, unsigned size)
{
    const hwaddr addr = page_addr - SPI_FIRST;

    if (addr >= A3700_SPI_REGS * 4) {
        qemu_log_mask(LOG_UNIMP, "%s: 0x%" HWADDR_PRIx "\n", __func__,
                      page_addr);
        return 0;
    }
    return a3700_spi_value(opaque, addr);
}

/* What a guest reads by itself. */
static void a3700_spi_show(A3700SpiState *s, hwaddr addr)
{
    uint8_t *page = memory_region_get_ram_ptr(&s->mmio);

    stl_le_p(page + SPI_FIRST + addr, a3700_spi_value(s, addr));
}

static void a3700_spi_show_all(A3700SpiState *s)
{
    if (!s->fifo_used) {
        for (int i = 0; i < A3700_SPI_REGS; i++) {
            a3700_spi_show(s, 4 * i);
        }
    }
    memory_region_rom_device_set_romd(&s->mmio, !s->fifo_used);
}

static void a3700_spi_write_cfg(A3700SpiState *s, uint32_t value)
{
    const uint32_t before = s->regs[R_SPI_CFG];

    value &= ~R_SPI_CFG_FIFO_FLUSH_MASK;
    s->regs[R_SPI_CFG] = value;
    if (value & R_SPI_CFG_XFER_STOP_MASK || !a3700_spi_has_fifo(s)) {
        s->regs[R_SPI_CFG] &= ~(R_SPI_CFG_XFER_STOP_MASK |
                                R_SPI_CFG_XFER_START_MASK);
        a3700_spi_stop(s);
    } else if (value & ~before & R_SPI_CFG_XFER_START_MASK) {
        a3700_spi_start(s);
    }
}

/* With FIFO a driver puts a word there to wake the controller up for reading. */
static void a3700_spi_write_dout(A3700SpiState *s, uint32_t value)
{
    if (!a3700_spi_has_fifo(s)) {
        s->shifted_in = a3700_spi_shift(s, value, a3700_spi_word(s));
    } else if (s->writing) {
        a3700_spi_shift(s, value, a3700_spi_word(s));
    }
}

static void a3700_spi_write(void *opaque, hwaddr page_addr, uint64_t value,
                            unsigned size)
{
    A3700SpiState *s = opaque;
    const hwaddr addr = page_addr - SPI_FIRST;

    if (addr >= A3700_SPI_REGS * 4) {
        qemu_log_mask(LOG_UNIMP, "%s: 0x%" HWADDR_PRIx "\n", __func__,
                      page_addr);
        return;
    }
    switch (addr) {
    case A_SPI_CTRL:
        s->regs[R_SPI_CTRL] = value & ~CTRL_STATUS_MASK;
        a3700_spi_select(s);
        break;
    case A_SPI_CFG:
        a3700_spi_write_cfg(s, value);
        break;
    case A_SPI_DOUT:
        a3700_spi_write_dout(s, value);
        break;
    case A_SPI_DIN:
    case A_SPI_INT_STAT:
        break;
    default:
        s->regs[addr / 4] = value;
        break;
    }
    if (a3700_spi_has_fifo(s) && !s->fifo_used) {
        s->fifo_used = true;
        a3700_spi_show_all(s);
    }
    if (!s->fifo_used) {
        a3700_spi_show(s, addr == A_SPI_DOUT ? A_SPI_DIN : addr);
    }
    a3700_spi_update_irq(s);
}

static const MemoryRegionOps a3700_spi_ops = {
    .read = a3700_spi_read,
    .write = a3700_spi_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 4,
    .valid.max_access_size = 4,
};

static void a3700_spi_reset(DeviceState *dev)
{
    A3700SpiState *s = A3700_SPI(dev);

    memset(s->regs, 0, sizeof(s->regs));
    s->shifted_in = 0;
    s->fifo_used = false;
    a3700_spi_stop(s);
    a3700_spi_select(s);
    a3700_spi_show_all(s);
    a3700_spi_update_irq(s);
}

static void a3700_spi_realize(DeviceState *dev, Error **errp)
{
    ERRP_GUARD();
    A3700SpiState *s = A3700_SPI(dev);

    memory_region_init_rom_device(&s->mmio, OBJECT(dev), &a3700_spi_ops, s,
                                  TYPE_A3700_SPI, SPI_PAGE_SIZE, errp);
    if (!*errp) {
        sysbus_init_mmio(SYS_BUS_DEVICE(dev), &s->mmio);
    }
}

static void a3700_spi_init(Object *obj)
{
    A3700SpiState *s = A3700_SPI(obj);
    SysBusDevice *sbd = SYS_BUS_DEVICE(obj);

    s->bus = ssi_create_bus(DEVICE(obj), "spi");
    sysbus_init_irq(sbd, &s->irq);
    qdev_init_gpio_out_named(DEVICE(obj), s->cs, SSI_GPIO_CS,
                             A3700_SPI_CS_LINES);
}

static int a3700_spi_post_load(void *opaque, int version_id)
{
    a3700_spi_show_all(opaque);
    return 0;
}

static const VMStateDescription a3700_spi_vmstate = {
    .name = TYPE_A3700_SPI,
    .version_id = 2,
    .minimum_version_id = 2,
    .post_load = a3700_spi_post_load,
    .fields = (VMStateField[]) {
        VMSTATE_UINT32_ARRAY(regs, A3700SpiState, A3700_SPI_REGS),
        VMSTATE_UINT32(shifted_in, A3700SpiState),
        VMSTATE_UINT32(left, A3700SpiState),
        VMSTATE_BOOL(reading, A3700SpiState),
        VMSTATE_BOOL(writing, A3700SpiState),
        VMSTATE_BOOL(fifo_used, A3700SpiState),
        VMSTATE_END_OF_LIST()
    }
};

static void a3700_spi_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->realize = a3700_spi_realize;
    dc->reset = a3700_spi_reset;
    dc->vmsd = &a3700_spi_vmstate;
}

static const TypeInfo a3700_spi_info = {
    .name = TYPE_A3700_SPI,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(A3700SpiState),
    .instance_init = a3700_spi_init,
    .class_init = a3700_spi_class_init,
};

static void a3700_spi_register_types(void)
{
    type_register_static(&a3700_spi_info);
}
type_init(a3700_spi_register_types)
